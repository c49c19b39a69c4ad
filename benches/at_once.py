"""The same work in several processes at once: what the CPUs of this machine can do together.

Two virtual CPUs are seldom twice one: they may be threads of one core, and share caches, memory and clock.
What two processes that have nothing to do with each other reach is the most that two threads can.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

Times = tuple[float, float]  # seconds, CPU seconds


class AtOnce:
    """Processes that wait to do `work` at the same time.

    >>> with AtOnce(lambda: (0.5, 0.5), 2) as both:
    ...     both.run()
    (0.5, 1.0)
    """

    def __init__(self, work: Callable[[], Times], processes: int) -> None:
        fork = multiprocessing.get_context("fork")
        start = fork.Barrier(processes)
        self.pipes: list[Connection] = []
        self.children = []
        for _ in range(processes):
            ours, theirs = fork.Pipe()
            self.children.append(fork.Process(target=_serve, args=(work, start, theirs), daemon=True))
            self.children[-1].start()
            self.pipes.append(ours)

    def run(self) -> Times:
        """Seconds until the last one was done, CPU seconds of all."""
        for pipe in self.pipes:
            pipe.send(True)
        times = [pipe.recv() for pipe in self.pipes]
        return max(seconds for seconds, _ in times), sum(cpu for _, cpu in times)

    def __enter__(self) -> "AtOnce":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            pipe.send(False)
        for child in self.children:
            child.join()


def _serve(work: Callable[[], Times], start: Barrier, pipe: Connection) -> None:
    while pipe.recv():
        start.wait()
        pipe.send(work())

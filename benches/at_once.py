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
    """Processes that prepare kinds of work by themselves, and wait to do one of them at the same time.

    They should be made before there is much in memory: after a fork whoever writes to a page copies it.

    >>> with AtOnce(lambda: [lambda: (0.5, 0.5)], 2) as both:
    ...     both.run(0)
    (0.5, 1.0)
    """

    def __init__(self, prepare: Callable[[], list[Callable[[], Times]]], processes: int) -> None:
        fork = multiprocessing.get_context("fork")
        start = fork.Barrier(processes)
        self.pipes: list[Connection] = []
        self.children = []
        for _ in range(processes):
            ours, theirs = fork.Pipe()
            self.children.append(fork.Process(target=_serve, args=(prepare, start, theirs), daemon=True))
            self.children[-1].start()
            self.pipes.append(ours)

    def run(self, kind: int) -> Times:
        """Seconds until the last one was done, CPU seconds of all."""
        for pipe in self.pipes:
            pipe.send(kind)
        times = [pipe.recv() for pipe in self.pipes]
        return max(seconds for seconds, _ in times), sum(cpu for _, cpu in times)

    def __enter__(self) -> "AtOnce":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for child in self.children:
            child.join()


def _serve(prepare: Callable[[], list[Callable[[], Times]]], start: Barrier, pipe: Connection) -> None:
    works = prepare()
    while (kind := pipe.recv()) is not None:
        start.wait()
        pipe.send(works[kind]())

"""ThreadPool: how many threads a call may take."""

from __future__ import annotations

from fasttok._core import get_num_threads

__all__ = ["ThreadPool"]


class ThreadPool:
    """A number of threads, for the `thread_pool` argument; the threads themselves are the process's.

    Args:
        num_threads: below 0: as many as there are CPUs.

    >>> ThreadPool(2).num_threads()
    2
    """

    def __init__(self, num_threads: int) -> None:
        self._num_threads = max(1, min(get_num_threads() if num_threads < 0 else num_threads, 1024))

    def num_threads(self) -> int:
        """How many."""
        return self._num_threads

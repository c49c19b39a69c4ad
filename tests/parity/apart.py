"""Work in a process of its own: the reference can panic while it cleans up after a panic, or ask for more
memory than there is, which ends the process that it runs in.

    >>> from parity.apart import apart
    >>> import os
    >>> apart(lambda: 6 * 7), apart(os.abort)
    (42, None)
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

MEMORY = 8 << 30


def apart(work: Callable[[], Result]) -> Result | None:
    """What `work` returns, which must be something else than None; None where its process died."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)

    def run() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        theirs.send(work())

    process = fork.Process(target=run)
    process.start()
    theirs.close()
    try:
        result: Result | None = ours.recv()
    except EOFError:
        result = None
    process.join()
    if result is None and process.exitcode != -6:  # SIGABRT
        raise RuntimeError(f"the process ended with {process.exitcode}")
    return result


def differences_apart(
    cases: list[tuple[Callable[[], str | None], Callable[[], object]]],
) -> tuple[list[str], int]:
    """What differs in the cases, and how many of them the reference ends.

    A case is two calls: the comparison, and what fasttok does in it, alone.
    """

    def compared(some: list[tuple[Callable[[], str | None], Callable[[], object]]]) -> list[str]:
        return [what for difference, _ in some if (what := difference()) is not None]

    found = apart(lambda: compared(cases))
    if found is not None:
        return found, 0
    found, ended = [], 0
    for case in cases:
        one = apart(lambda case=case: compared([case]))
        if one is not None:
            found += one
        elif apart(lambda case=case: case[1]() is None or True) is None:
            found.append("fasttok ends the process")
        else:
            ended += 1
    return found, ended

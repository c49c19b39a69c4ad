"""One contender's times in one phase, and how a pass is timed."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Measured:
    """One contender in one phase."""

    contender: str
    call: str
    phase: str
    bytes: int
    tokens: int
    texts: int = 0
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    threads: int = 1
    rounds: int = 0  # of which these are the calm ones, where they are told apart
    batch: str = ""
    rows_compared: int = 0
    wrong_share: float | None = None
    missing: str | None = None

    def add(self, times: Iterable[float]) -> None:
        seconds, cpu_seconds = times
        self.seconds.append(seconds)
        self.cpu_seconds.append(cpu_seconds)

    @property
    def waited(self) -> float:
        """Share of the time in which other processes had the CPU."""
        return max(0.0, 1 - statistics.median(self.cpu_seconds) / self.threads / self.median)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def per_text(self) -> float:
        return self.median / max(1, self.texts)

    @property
    def megabytes(self) -> float:
        return self.bytes / self.median / 1e6

    @property
    def exact(self) -> bool:
        return self.missing is None and not self.wrong_share

    def to_json(self) -> dict[str, Any]:
        out = asdict(self)
        if self.seconds:
            out["seconds"] = [round(s, 7) for s in self.seconds]
            out["cpu_seconds"] = [round(s, 7) for s in self.cpu_seconds]
            out["median_seconds"] = round(self.median, 7)
            out["mb_per_s"] = round(self.megabytes, 2)
            out["million_tokens_per_s"] = round(self.tokens / self.median / 1e6, 3)
        return out


Call = Callable[[Any], Any]


def whole(call: Call, texts: list[str]) -> Any:
    return call(texts)


def one_by_one(call: Call, texts: list[str]) -> None:
    for text in texts:
        call(text)


def read_and_drop(call: Call, texts: list[str]) -> None:
    encodings = call(texts)
    encodings.reverse()
    while encodings:
        encoding = encodings.pop()
        encoding.ids  # noqa: B018
        encoding.offsets  # noqa: B018


USES = {"one": one_by_one, "read": read_and_drop}


def timed_pass(
    call: Call, batches: list[list[bytes]], use: Callable[[Call, list[str]], Any] = whole
) -> tuple[float, float]:
    """Seconds and CPU seconds of the calls alone, on str objects that are made just before."""
    total = cpu = 0
    # The collector of cycles is on, as users have it; what the bench itself keeps is hidden from it.
    gc.collect()
    gc.freeze()
    for raw in batches:
        texts = [line.decode() for line in raw]
        cpu_start = time.process_time_ns()
        start = time.perf_counter_ns()
        output = use(call, texts)
        total += time.perf_counter_ns() - start
        cpu += time.process_time_ns() - cpu_start
        del output, texts
    gc.unfreeze()
    return total / 1e9, cpu / 1e9


def timed_call(call: Call, argument: Any) -> tuple[float, float]:
    """Seconds and CPU seconds of one call."""
    gc.collect()
    gc.freeze()
    cpu_start = time.process_time_ns()
    start = time.perf_counter_ns()
    output = call(argument)
    total = time.perf_counter_ns() - start
    cpu = time.process_time_ns() - cpu_start
    del output
    gc.unfreeze()
    return total / 1e9, cpu / 1e9


def prefix_of(batches: list[list[bytes]], size: int | None) -> list[list[bytes]]:
    """The first batches, of so many bytes."""
    if size is None:
        return batches
    held, taken = 0, []
    for batch in batches:
        if held >= size:
            break
        taken.append(batch)
        held += sum(map(len, batch))
    return taken

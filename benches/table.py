"""README's table, made from results/*.json: one row a case, cold and warm side by side."""

import json
import statistics
from collections.abc import Callable
from operator import truediv
from pathlib import Path
from typing import Any

from cases import CASES
from children import SHORT, THREAD_SIZES, TWO_PROCESSES
from contender import OURS
from contenders import contenders_of, reference_of
from corpora import BATCH_LINES, ROOT, Case
from measured import Measured

RESULTS = Path(__file__).parent / "results"
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmark table: begin -->", "<!-- benchmark table: end -->"
BATCH = f"{BATCH_LINES} texts"

Row = tuple[str, str, str, str]  # case, fasttok, against, ratio


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def time_of(seconds: float) -> str:
    for unit, scale in (("ns", 1e9), ("µs", 1e6), ("ms", 1e3)):
        if seconds * scale < 9_999 or unit == "ms":
            return f"{number(seconds * scale)} {unit}"
    raise AssertionError


def ratio_of(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def share(wrong: float | None) -> str:
    return f"{number(100 * (wrong or 0))} %"


def is_ours(measured: Measured) -> bool:
    return measured.contender.startswith(OURS)


def rows_of(case: Case, results: list[Measured]) -> list[Row]:
    """The rows of the table that a case gives."""
    timed = [m for m in results if m.seconds]
    make: dict[str, Callable[[Case, list[Measured]], list[Row]]] = {
        "threads": thread_rows,
        "truncation": truncation_rows,
        "offsets": offset_rows,
        "one": one_text_rows,
        "decode": decode_rows,
        "vocab_file": loading_rows,
        "json_file": loading_rows,
        "rank_file": loading_rows,
        "model_file": loading_rows,
    }
    return make.get(case.kind, throughput_rows)(case, timed)


def throughput_rows(case: Case, timed: list[Measured]) -> list[Row]:
    phases = [p for p in ("cold", "warm") if any(m.contender == OURS and m.phase == p for m in timed)]

    def of(name: str) -> list[Measured]:
        return [next(m for m in timed if m.contender == name and m.phase == p) for p in phases]

    def speeds(measured: list[Measured]) -> str:
        return " · ".join(number(m.megabytes) for m in measured) + " MB/s"

    def against(rivals: list[Measured], text: str) -> Row:
        ours = of(OURS)
        ratios = [o.megabytes / r.megabytes for o, r in zip(ours, rivals, strict=True)]
        return (case.title, speeds(ours), text, " · ".join(map(ratio_of, ratios)) + "×")

    if case.kind in ("made", "read"):
        return [against(of("tokenizers"), f"tokenizers: {speeds(of('tokenizers'))}")]
    # From a file is another call than ours: a row by itself.
    apart = {c.name for c in contenders_of(case) if c.whole_file}
    fastest = []
    notes: dict[str, str] = {}
    for phase in phases:
        rivals = [m for m in timed if m.phase == phase and not is_ours(m) and m.contender not in apart]
        fastest.append(max((m for m in rivals if m.exact), key=lambda m: m.megabytes))
        for m in rivals:
            if not m.exact and m.megabytes > fastest[-1].megabytes:
                notes[m.contender] = f"; {m.contender}: {speeds([m])}, {share(m.wrong_share)} of texts wrong"
    names = list(dict.fromkeys(m.contender for m in fastest))
    if len(names) == 1:
        text = f"{names[0]}: {speeds(fastest)}"
    else:
        text = " · ".join(f"{m.contender}: {number(m.megabytes)}" for m in fastest) + " MB/s"
    rows = [against(fastest, text + "".join(notes.values()))]
    reference = reference_of(case).name
    also = [reference] if case.kind in ("padded", "lists") and names != [reference] else []
    for name in (*also, *(name for name in apart if any(m.contender == name for m in timed))):
        rows.append(against(of(name), f"{name}: {speeds(of(name))}"))
    return rows


def one_text_rows(case: Case, timed: list[Measured]) -> list[Row]:
    by_name = {m.contender: m for m in timed}
    fastest = min((m for m in timed if not is_ours(m) and m.exact), key=lambda m: m.per_text)
    pairs = [(by_name[OURS], fastest)]
    for call, rival in (("array", fastest.contender), ("encode", "tokenizers"), ("tiktoken", "tiktoken")):
        if f"{OURS} {call}" in by_name:
            pairs.append((by_name[f"{OURS} {call}"], by_name[rival]))
    return [
        (
            f"{case.title}, {ours.call}",
            time_of(ours.per_text),
            f"{rival.contender}, {rival.call}: {time_of(rival.per_text)}",
            f"{ratio_of(rival.per_text / ours.per_text)}×",
        )
        for ours, rival in pairs
    ]


def decode_rows(case: Case, timed: list[Measured]) -> list[Row]:
    """Text from ids in a list, then from any input to any output."""
    taking_arrays = {c.name for c in contenders_of(case) if c.array}

    def best(measured: list[Measured]) -> Measured:
        return max((m for m in measured if m.exact), key=lambda m: m.tokens / m.median)

    ours = [m for m in timed if is_ours(m)]
    rivals = [m for m in timed if not is_ours(m)]
    lists = best([m for m in rivals if m.contender not in taking_arrays])
    pairs = [(next(m for m in ours if m.contender == OURS), lists), (best(ours), best(rivals))]
    return [
        (
            f"{case.title}, {mine.call}",
            f"{number(mine.tokens / mine.median / 1e6)} million/s",
            f"{rival.contender}, {rival.call}: {number(rival.tokens / rival.median / 1e6)} million/s",
            f"{ratio_of(rival.median / rival.tokens * mine.tokens / mine.median)}×",
        )
        for mine, rival in pairs
    ]


def loading_rows(case: Case, timed: list[Measured]) -> list[Row]:
    rows, rival = [], reference_of(case).name
    for phase, label in (("first", "the first of a process"), ("again", "later ones")):
        both = [next(m for m in timed if m.contender == c and m.phase == phase) for c in (OURS, rival)]
        ours, reference = both
        ratio = f"{ours.median / reference.median:.2f}× the time"
        against = f"{rival}: {time_of(reference.median)}"
        rows.append((f"{case.title}, {label}", time_of(ours.median), against, ratio))
    return rows


def offset_rows(case: Case, timed: list[Measured]) -> list[Row]:
    ours = next(m for m in timed if m.contender == OURS)
    plain = next(m for m in timed if m.contender == f"{OURS} without offsets")
    against = f"without: {number(plain.megabytes)} MB/s"
    return [
        (
            case.title,
            f"{number(ours.megabytes)} MB/s",
            against,
            f"{ours.median / plain.median:.2f}× the time",
        )
    ]


def thread_rows(case: Case, timed: list[Measured]) -> list[Row]:
    rows = []
    for size in (f"{n // 1000} kB" for n in THREAD_SIZES):
        of_size = {m.contender: m for m in timed if m.batch == size}
        one, two = of_size[f"{OURS}, 1 thread"], of_size[f"{OURS}, 2 threads"]
        against = f"1 thread: {number(one.megabytes)} MB/s"
        if both := of_size.get(TWO_PROCESSES):  # older results have it not
            against += f" (2 processes at once: {both.megabytes / one.megabytes:.1f}×)"
        label = f"{case.title}, batches of {size}"
        # Passes of one round follow each other, and the machine may be slower in another.
        gain = statistics.median(map(truediv, one.seconds, two.seconds))
        rows.append((label, f"{number(two.megabytes)} MB/s", against, f"{gain:.2f}×"))
    return rows


def truncation_rows(case: Case, timed: list[Measured]) -> list[Row]:
    worst = None
    for name in ("flat", "padded", "transformers-shaped"):
        long, short = (
            next(m for m in timed if m.contender == f"{OURS} {name}" and (m.bytes > 2 * SHORT) == big)
            for big in (True, False)
        )
        if worst is None or long.median / short.median > worst[0]:
            worst = (long.median / short.median, name, long.median, short.median)
    assert worst is not None
    gain, name, long_time, short_time = worst
    label = f"{case.title} ({name}, the worst of three)"
    return [(label, time_of(long_time), f"20 kB: {time_of(short_time)}", f"{gain:.2f}× the time")]


def read_results(path: Path) -> tuple[dict[str, Any], list[Measured]]:
    report = json.loads(path.read_text(encoding="utf-8"))
    names = Measured.__dataclass_fields__
    return report, [Measured(**{k: v for k, v in m.items() if k in names}) for m in report["results"]]


def table_lines() -> list[str]:
    kinds = list(dict.fromkeys(case.kind for case in CASES.values()))
    rows: list[Row] = []
    machines = set()
    for case in sorted(CASES.values(), key=lambda case: kinds.index(case.kind)):
        path = RESULTS / f"{case.name}.json"
        if path.exists():
            report, results = read_results(path)
            rows += rows_of(case, results)
            machines.add(f"{report['cpu']}, {report['isa']}, Python {report['python']}")
    lines = ["| case | fasttok | against | ratio |", "|---|---:|---|---:|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return lines + (["", "Measured on: " + "; ".join(sorted(machines)) + "."] if machines else [])


def write_table() -> None:
    lines = table_lines()
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")
    print(f"{README}: {len(lines)} lines")

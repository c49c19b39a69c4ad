"""Measure fasttok against its rivals.

    python benches/run.py CASE...        one or more of: flat-zh lists-en ... (no argument: their names)
    python benches/run.py all            every case
    python benches/run.py table          only write README's table again, from results/*.json
    --quick                              300 kB, one round: does all run, are the ids equal? Writes nothing;
                                         "all" is then one case of each kind

The ids of every contender are compared with the reference's on all rows, before anything is timed. A rival
whose ids differ is shown with its share of wrong rows and is never the fastest. Then rounds: in each, every
contender makes one pass over the corpus in batches; the strings are decoded from bytes just before each
batch, so no str object is seen twice; only the calls are timed, with the collector of cycles on; the median
of the rounds counts. A rival that is not installed is left out, with a message.

cold: a new process for each contender and round, its first pass: the tokenizer is loaded, its caches empty.
warm: rounds after the comparison, which was a pass by itself. Each contender has a process of its own, and
the processes take turns (runners.py).

one text: different texts of 20 characters, one a call. loading: a new process for each round, whose first
load and later ones are timed apart, imports not counted, the file in the system's cache, each up to the first
text encoded.

One thread means: one CPU given to the process, RAYON_NUM_THREADS=1, TOKENIZERS_PARALLELISM=false, and each
library's own option. "waited" in the JSON is the largest share of the time in which other processes had the
CPU: near 0 on a quiet machine. Slow contenders are timed on the first megabytes: "bytes" says how many.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from cases import CASES, model_for, one_of_each_kind
from children import child, run_child
from contender import OURS
from contenders import contenders_of
from corpora import DATA, ROOT, Case, corpus_of, has_data, sha256
from files import json_of
from measured import Measured
from table import RESULTS, rows_of, share, time_of, write_table

COLD_ROUNDS = 3
LOADING = ("vocab_file", "json_file", "rank_file", "model_file")
LOAD_ROUNDS = 15
BUSY = 0.05
PACKAGES = (
    "tokenizers",
    "transformers",
    "fastokens",
    "gigatoken",
    "sentencepiece",
    "rs-bpe",
    "tiktoken",
    "tokie",
    "nanotoken",
    "splintr-rs",
    "flash-tokenizer",
    "blingfire",
    "kitoken",
    "easytokenizer",
    "numpy",
)


def measure(case: Case, quick: bool, scratch: Path) -> list[Measured]:
    task: dict[str, Any] = {"case": case.name, "quick": quick, "folder": str(scratch)}
    if not json_of(model_for(case), scratch).exists():
        run_child({**task, "action": "files"}, 1)
    if case.kind == "threads":
        return [Measured(**m) for m in run_child({**task, "action": "threads"}, 2)]
    if case.kind == "truncation":
        return [Measured(**m) for m in run_child({**task, "action": "truncation"}, 1)]
    if case.kind == "decode":
        return [Measured(**m) for m in run_child({**task, "action": "decode"}, 1)]
    if case.kind in LOADING:
        return measure_loading(case, task)

    warm = [Measured(**m) for m in run_child({**task, "action": "warm"}, 1)]
    if case.kind not in ("flat", "lists", "padded"):
        return warm
    cold = [Measured(**{**asdict(m), "phase": "cold", "seconds": [], "cpu_seconds": []}) for m in warm]
    for _ in range(1 if quick else COLD_ROUNDS):
        for m in cold:
            if m.missing is None:
                m.add(run_child({**task, "action": "cold", "contender": m.contender}, 1))
    return cold + warm


def measure_loading(case: Case, task: dict[str, Any]) -> list[Measured]:
    contenders = contenders_of(case)
    first = {c.name: Measured(c.name, c.call, "first", 0, 0, 1) for c in contenders}
    again = {c.name: Measured(c.name, c.call, "again", 0, 0, 1) for c in contenders}
    ids: dict[str, list[list[int]]] = {}
    for _ in range(1 if task["quick"] else LOAD_ROUNDS):
        for c in contenders:
            if first[c.name].missing is not None:
                continue
            answer = run_child({**task, "action": "load", "contender": c.name}, 1)
            if "missing" in answer:
                first[c.name].missing = again[c.name].missing = answer["missing"]
                continue
            first[c.name].add((answer["first"], answer["first"]))
            for seconds in answer["again"]:
                again[c.name].add((seconds, seconds))
            ids[c.name] = answer["ids"]
    expected = ids[next(c.name for c in contenders if c.reference)]
    for name, got in ids.items():
        for m in (first[name], again[name]):
            m.rows_compared = len(expected)
            m.wrong_share = sum(a != b for a, b in zip(expected, got, strict=True)) / len(expected)
    return [*first.values(), *again.values()]


def cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return next(
            line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def report(case: Case, results: list[Measured], about: dict[str, Any]) -> dict[str, Any]:
    model = model_for(case)
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "cpp", "python", "CMakeLists.txt")
    return {
        "case": case.name,
        "title": case.title,
        "commit": git("rev-parse", "HEAD") or "none",
        "changed_since_commit": bool(changed),
        "cpu": cpu_model(),
        "isa": about["isa"],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "model": model.name,
        "vocab_sha256": model.vocab and sha256(model.vocab),
        "corpus": corpus_of(case).name,
        "corpus_sha256": sha256(corpus_of(case)),
        "waited": round(max((m.waited for m in results if m.threads == 1 and m.seconds), default=0.0), 3),
        "results": [m.to_json() for m in results],
    }


def show(case: Case, results: list[Measured]) -> None:
    for m in results:
        if m.missing is not None:
            print(f"  {m.contender:28} {m.phase:5} missing: {m.missing}")
            continue
        wrong = f"{share(m.wrong_share)} of {m.rows_compared} rows wrong" if m.wrong_share else ""
        compared = f"{m.rows_compared} rows equal" if m.rows_compared and not m.wrong_share else wrong
        if case.kind in ("truncation", "one", "decode", *LOADING):
            speed = f"{time_of(m.per_text):>10}"
        else:
            speed = f"{m.megabytes:8.1f} MB/s {m.tokens / m.median / 1e6:7.1f} Mtok/s"
        print(f"  {m.contender:28} {m.phase:5} {m.batch:>10} {speed}  {compared}")
    waited = max((m.waited for m in results if m.threads == 1 and m.seconds), default=0.0)
    if waited > BUSY:
        print(f"  the machine was busy (up to {100 * waited:.0f} % of the time): measure again")
    for row in rows_of(case, results):
        print("  " + " | ".join(row))


def chosen(names: Iterable[str], quick: bool, parser: argparse.ArgumentParser) -> list[Case]:
    picked: dict[str, Case] = {}
    for name in names:
        if name == "all":
            picked.update({case.name: case for case in (one_of_each_kind() if quick else CASES.values())})
        elif name in CASES:
            picked[name] = CASES[name]
        else:
            parser.error(f"unknown case {name!r}; known: all table {' '.join(CASES)}")
    return list(picked.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"all, table, or: {' '.join(CASES)}")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run: little text, one round, writes nothing"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(json.loads(args.child))))
        return
    if not args.cases:
        parser.error(f"no case; known: all table {' '.join(CASES)}")
    if args.cases == ["table"]:
        write_table()
        return
    todo = chosen([name for name in args.cases if name != "table"], args.quick, parser)
    if not has_data():
        print(f"no corpora in {DATA}: taking the bundled sample")
        if not args.quick:
            parser.error("without corpora only --quick runs; set FASTTOK_DATA")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        about = run_child({"action": "about"}, 1)
        if "error" in about:
            raise SystemExit(f"fasttok cannot be imported: {about['error']}")
        for case in todo:
            start = time.perf_counter()
            print(f"{case.name}: {case.title}", flush=True)
            results = measure(case, args.quick, Path(folder))
            wrong = [m for m in results if m.contender.startswith(OURS) and m.wrong_share]
            failed += [case.name] if wrong else []
            show(case, results)
            print(f"  {time.perf_counter() - start:.0f} s", flush=True)
            if not args.quick and not wrong:
                RESULTS.mkdir(exist_ok=True)
                out = report(case, results, about)
                text = json.dumps(out, indent=1, ensure_ascii=False) + "\n"
                (RESULTS / f"{case.name}.json").write_text(text, encoding="utf-8")
    if not args.quick:
        write_table()
    if failed:
        raise SystemExit(f"fasttok's ids differ from the reference's: {' '.join(failed)}")


if __name__ == "__main__":
    main()

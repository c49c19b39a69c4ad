"""Measure fasttok against its rivals.

    python benches/run.py CASE...        one or more of: flat-zh lists-en ... (no argument: their names)
    python benches/run.py all            every case
    python benches/run.py table          only write README's table again, from results/*.json
    --quick                              300 kB, one round: does all run, are the ids equal? Writes nothing.

The ids of every contender are compared with the reference's on all rows, before anything is timed. A rival
whose ids differ is shown with its share of wrong lines and is never the fastest. Then rounds: in each, every
contender makes one pass over the corpus in batches; the strings are decoded from bytes just before each
batch, so no str object is seen twice; only the calls are timed; the garbage collector is off; the median of
the rounds counts.

cold: a new process for each contender and round, its first pass: the tokenizer is loaded, its caches empty.
warm: one process, rounds after the comparison, which was a pass by itself.

One thread means: one CPU given to the process, RAYON_NUM_THREADS=1, TOKENIZERS_PARALLELISM=false, and each
library's own option. "waited" in the JSON is the largest share of the time in which other processes had the
CPU: near 0 on a quiet machine. Slow contenders are timed on the first megabytes: "bytes" says how many.
"""

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import cases as cases_module
from cases import BATCH_LINES, CASES, ROOT, Case, Model
from rivals import CONTENDERS, OURS, Contender, Opened, wrong_rows

RESULTS = Path(__file__).parent / "results"
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmark table: begin -->", "<!-- benchmark table: end -->"
WARM_ROUNDS = 7
COLD_ROUNDS = 5
THREAD_SIZES = (200_000, 1_000_000)
LONG, SHORT, CUT = 10_000_000, 20_000, 512
BUSY = 0.05
PACKAGES = ("tokenizers", "transformers", "tokie", "nanotoken", "numpy")


@dataclass
class Measured:
    """One contender in one phase."""

    contender: str
    call: str
    phase: str
    bytes: int
    tokens: int
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    threads: int = 1
    batch: str = f"{BATCH_LINES} lines"
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
    def megabytes(self) -> float:
        return self.bytes / self.median / 1e6

    @property
    def exact(self) -> bool:
        return self.missing is None and not self.wrong_share

    def to_json(self) -> dict[str, Any]:
        out = asdict(self)
        if self.seconds:
            out["seconds"] = [round(s, 6) for s in self.seconds]
            out["cpu_seconds"] = [round(s, 6) for s in self.cpu_seconds]
            out["median_seconds"] = round(self.median, 6)
            out["mb_per_s"] = round(self.megabytes, 2)
            out["million_tokens_per_s"] = round(self.tokens / self.median / 1e6, 3)
        return out


# What runs in a child process. A child is told what to do in JSON and answers in JSON.


def run_child(task: dict[str, Any], cpus: int) -> Any:
    """Run `child` in a new process that has so many CPUs."""
    allowed = sorted(os.sched_getaffinity(0))[-cpus:]
    env = {
        **os.environ,
        "RAYON_NUM_THREADS": str(cpus),
        "TOKENIZERS_PARALLELISM": "false" if cpus == 1 else "true",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), "--child", json.dumps({**task, "cpus": allowed})],
        env=env,
        stdout=subprocess.PIPE,
        stderr=None if task.get("loud") else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"a child process failed: {task}\n{done.stderr or ''}")
    return json.loads(done.stdout.splitlines()[-1])


def child(task: dict[str, Any]) -> Any:
    os.sched_setaffinity(0, task["cpus"])
    actions: dict[str, Callable[[dict[str, Any]], Any]] = {
        "about": child_about,
        "json": child_json,
        "warm": child_warm,
        "cold": child_cold,
        "threads": child_threads,
        "truncation": child_truncation,
    }
    return actions[task["action"]](task)


def child_about(task: dict[str, Any]) -> dict[str, Any]:
    try:
        import fasttok
    except ImportError as error:
        return {"isa": None, "fasttok": None, "error": str(error)}
    return {"isa": fasttok.isa(), "fasttok": fasttok.__version__}


def child_json(task: dict[str, Any]) -> None:
    """tokenizer.json as transformers' BertTokenizer makes it: one pipeline for every rival."""
    import transformers

    model = cases_module.model_for(task["lang"])
    tok = transformers.BertTokenizer(str(model.vocab), do_lower_case=model.lowercase)
    Path(task["json"]).write_text(tok.backend_tokenizer.to_str(), encoding="utf-8")


def timed_pass(call: Callable[[list[str]], Any], batches: list[list[bytes]]) -> tuple[float, float]:
    """Seconds and CPU seconds of the calls alone."""
    total = cpu = 0
    gc.collect()
    gc.disable()
    for raw in batches:
        texts = [line.decode() for line in raw]
        cpu_start = time.process_time_ns()
        start = time.perf_counter_ns()
        output = call(texts)
        total += time.perf_counter_ns() - start
        cpu += time.process_time_ns() - cpu_start
        del output, texts
    gc.enable()
    return total / 1e9, cpu / 1e9


def prefix_of(batches: list[list[bytes]], size: int | None) -> list[list[bytes]]:
    if size is None:
        return batches
    held, taken = 0, []
    for batch in batches:
        if held >= size:
            break
        taken.append(batch)
        held += sum(map(len, batch))
    return taken


def setup_of(task: dict[str, Any], threads: int = 1) -> tuple[Opened, list[bytes]]:
    model = cases_module.model_for(task["lang"])
    lines = cases_module.corpus_lines(model, quick=task["quick"])
    return Opened(model, Path(task["json"]), threads), lines


def child_warm(task: dict[str, Any]) -> list[dict[str, Any]]:
    setup, lines = setup_of(task)
    batches = cases_module.by_lines(lines, BATCH_LINES)
    kind = task["kind"]
    opened: list[tuple[Contender, Callable[[list[str]], Any], Measured]] = []
    for contender in CONTENDERS[kind]:
        measured = Measured(contender.name, contender.call, "warm", 0, 0)
        try:
            call = contender.open(setup)
        except ImportError as error:
            measured.missing = str(error)
            opened.append((contender, lambda texts: None, measured))
            continue
        opened.append((contender, call, measured))

    # Compare all rows, batch by batch. The reference also counts the tokens.
    reference = next((c, f) for c, f, m in opened if c.reference)
    wrong = {c.name: 0 for c, _, _ in opened}
    tokens = []
    for raw in batches:
        expected = reference[0].rows(reference[1]([line.decode() for line in raw]))
        if kind == "padded":
            width = int(expected.lengths[0]) // 3
            tokens.append(int(expected.ids.reshape(-1, 3 * width)[:, width : 2 * width].sum()))
        else:
            tokens.append(len(expected.ids) // (3 if kind == "offsets" else 1))
        for contender, call, measured in opened:
            if measured.missing is None:
                output = call([line.decode() for line in raw])
                if contender.compare:
                    wrong[contender.name] += wrong_rows(expected, contender.rows(output))
                    measured.rows_compared += len(raw)
                del output

    for contender, _, measured in opened:
        own = prefix_of(batches, contender.prefix)
        measured.bytes = sum(len(line) for batch in own for line in batch)
        measured.tokens = sum(tokens[: len(own)])
        if contender.compare and measured.missing is None:
            measured.wrong_share = wrong[contender.name] / len(lines)
    rounds = 1 if task["quick"] else WARM_ROUNDS
    for number in range(rounds):
        shift = number % len(opened)
        for contender, call, measured in opened[shift:] + opened[:shift]:
            if measured.missing is None:
                measured.add(timed_pass(call, prefix_of(batches, contender.prefix)))
    return [asdict(m) for _, _, m in opened]


def child_cold(task: dict[str, Any]) -> tuple[float, float]:
    setup, lines = setup_of(task)
    contender = next(c for c in CONTENDERS[task["kind"]] if c.name == task["contender"])
    batches = prefix_of(cases_module.by_lines(lines, BATCH_LINES), contender.prefix)
    return timed_pass(contender.open(setup), batches)


def child_threads(task: dict[str, Any]) -> list[dict[str, Any]]:
    import numpy as np

    import fasttok

    setup, lines = setup_of(task)
    tok = fasttok.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)
    encode = tok.backend_tokenizer.encode_batch_flat
    fasttok.set_num_threads(2)
    measured: list[Measured] = []
    calls: list[tuple[Callable[[list[str]], Any], list[list[bytes]]]] = []
    for size in THREAD_SIZES:
        batches = cases_module.by_bytes(lines, size)
        total = sum(len(line) for batch in batches for line in batch)
        one_thread = [encode([line.decode() for line in raw], num_threads=1) for raw in batches]
        for threads in (1, 2):
            wrong = 0
            for raw, one in zip(batches, one_thread, strict=True):
                two = encode([line.decode() for line in raw], num_threads=threads)
                equal = np.array_equal(one.ids, two.ids) and np.array_equal(one.row_offsets, two.row_offsets)
                wrong += 0 if equal else len(raw)
            measured.append(
                Measured(
                    f"{OURS}, {threads} thread{'s' * (threads > 1)}",
                    f"encode_batch_flat(texts, num_threads={threads})",
                    "warm",
                    total,
                    sum(len(one.ids) for one in one_thread),
                    threads=threads,
                    batch=f"{size // 1000} kB",
                    rows_compared=sum(map(len, batches)),
                    wrong_share=wrong / len(lines),
                )
            )
            calls.append((lambda texts, n=threads: encode(texts, num_threads=n), batches))
        del one_thread
    for _ in range(1 if task["quick"] else 2 * WARM_ROUNDS):
        for (call, batches), m in zip(calls, measured, strict=True):
            m.add(timed_pass(call, batches))
    return [asdict(m) for m in measured]


def child_truncation(task: dict[str, Any]) -> list[dict[str, Any]]:
    """One long document against a short one, cut to the same number of tokens. A pass is one call."""
    import transformers

    setup, lines = setup_of(task)
    text = b" ".join(lines)
    while len(text) < LONG:
        text = text + b" " + text
    documents = {
        size: text[:size].decode(errors="ignore").encode()
        for size in (SHORT, 300_000 if task["quick"] else LONG)
    }
    reference = transformers.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)

    from rivals import open_fasttok, open_nanotoken

    tok = open_fasttok(setup)
    flat = tok.backend_tokenizer.encode_batch_flat
    nano = open_nanotoken(setup).encode_batch
    options: dict[str, Any] = {"truncation": True, "max_length": CUT}
    calls: dict[str, tuple[str, Callable[[str], Any], Callable[[Any], list[int]]]] = {
        "flat": (
            f"encode_batch_flat([text], truncation={CUT}, num_threads=1)",
            lambda t: flat([t], truncation=CUT, num_threads=1),
            lambda out: out.ids.tolist(),
        ),
        "padded": (
            f'tok([text], padding="max_length", truncation=True, max_length={CUT}, return_tensors="np")',
            lambda t: tok([t], padding="max_length", return_tensors="np", **options),
            lambda out: out["input_ids"][0].tolist(),
        ),
        "transformers-shaped": (
            f"tok(text, truncation=True, max_length={CUT})",
            lambda t: tok(t, **options),
            lambda out: list(out["input_ids"]),
        ),
        "nanotoken": (
            f"encode_batch([text], max_length={CUT}, parallel=False)",
            lambda t: nano([t], max_length=CUT, parallel=False),
            lambda out: out.ids.tolist(),
        ),
    }
    measured: list[tuple[Measured, Callable[[str], Any], bytes]] = []
    for size, data in documents.items():
        expected = list(reference(data.decode(), **options)["input_ids"])
        for name, (call, run, ids) in calls.items():
            wrong = float(ids(run(data.decode())) != expected)
            label = name if name == "nanotoken" else f"{OURS} {name}"
            batch = f"{size // 1000} kB"
            m = Measured(label, call, "warm", len(data), CUT, batch=batch, rows_compared=1, wrong_share=wrong)
            measured.append((m, run, data))
    for number in range(3 if task["quick"] else 31):
        for m, run, data in measured:
            if m.contender == "nanotoken" and number > 4:
                continue
            m.add(timed_pass(lambda texts, f=run: f(texts[0]), [[data]]))
    return [asdict(m) for m, _, _ in measured]


# What runs in the parent: it never tokenizes.


def measure(case: Case, quick: bool, scratch: Path) -> list[Measured]:
    tokenizer_json = scratch / f"{case.lang}.json"
    task: dict[str, Any] = {"lang": case.lang, "kind": case.kind, "quick": quick, "json": str(tokenizer_json)}
    if not tokenizer_json.exists():
        run_child({**task, "action": "json"}, 1)
    if case.kind == "threads":
        return [Measured(**m) for m in run_child({**task, "action": "threads"}, 2)]
    if case.kind == "truncation":
        return [Measured(**m) for m in run_child({**task, "action": "truncation"}, 1)]

    warm = [Measured(**m) for m in run_child({**task, "action": "warm"}, 1)]
    if case.kind == "offsets":
        return warm
    cold = [Measured(**{**asdict(m), "phase": "cold", "seconds": [], "cpu_seconds": []}) for m in warm]
    for _ in range(1 if quick else COLD_ROUNDS):
        for m in cold:
            if m.missing is None:
                m.add(run_child({**task, "action": "cold", "contender": m.contender}, 1))
    return cold + warm


def rate(m: Measured) -> str:
    return f"{m.megabytes:.0f} MB/s" if m.megabytes >= 100 else f"{m.megabytes:.3g} MB/s"


def row(label: str, ours: str, other: str, ratio: str) -> dict[str, str]:
    return {"case": label, "ours": ours, "against": other, "ratio": ratio}


def times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 100 else f"{ratio:.0f}×"


def summary(case: Case, results: list[Measured]) -> list[dict[str, str]]:
    """The rows of README's table that this case gives."""
    here = {(m.contender, m.phase, m.batch): m for m in results if m.seconds}
    rows = []
    if case.kind == "threads":
        for size in (f"{n // 1000} kB" for n in THREAD_SIZES):
            one, two = here[f"{OURS}, 1 thread", "warm", size], here[f"{OURS}, 2 threads", "warm", size]
            gain = one.median / two.median
            label = f"{case.title}, batches of {size}"
            rows.append(row(label, rate(two), f"1 thread: {rate(one)}", times(gain)))
        return rows
    if case.kind == "truncation":
        worst = None
        for name in ("flat", "padded", "transformers-shaped"):
            long, short = (
                next(m for m in results if m.contender == f"{OURS} {name}" and (m.bytes > 2 * SHORT) == big)
                for big in (True, False)
            )
            if worst is None or long.median / short.median > worst[0]:
                worst = (long.median / short.median, name, long.median, short.median)
        assert worst is not None
        gain, name, long_time, short_time = worst
        ours, other = f"{long_time * 1e6:.0f} µs", f"20 kB: {short_time * 1e6:.0f} µs"
        rows.append(row(f"{case.title} ({name}, the worst of three)", ours, other, f"{gain:.2f}× the time"))
        return rows
    if case.kind == "offsets":
        key = (OURS, "warm", f"{BATCH_LINES} lines")
        if key in here:
            ours, plain = here[key], here[f"{OURS} without offsets", key[1], key[2]]
            gain = ours.median / plain.median
            rows.append(row(case.title, rate(ours), f"without: {rate(plain)}", f"{gain:.2f}× the time"))
        return rows
    for phase in ("cold", "warm"):
        ours_now = next((m for m in results if m.contender == OURS and m.phase == phase and m.seconds), None)
        rivals = [m for m in results if m.contender != OURS and m.phase == phase and m.seconds]
        exact = max((m for m in rivals if m.exact), key=lambda m: m.megabytes)
        wanted = [exact]
        if case.kind == "padded" and phase == "warm" and exact.contender != "transformers":
            wanted.append(next(m for m in rivals if m.contender == "transformers"))
        faster = [m for m in rivals if not m.exact and m.megabytes > exact.megabytes]
        for rival in wanted:
            note = "".join(
                f"; {m.contender}: {rate(m)}, {share(m.wrong_share)} of lines wrong" for m in faster
            )
            ours = rate(ours_now) if ours_now else "missing"
            gain = times(ours_now.megabytes / rival.megabytes) if ours_now else "–"
            label = f"{case.title}, {phase}"
            rows.append(row(label, ours, f"{rival.contender}: {rate(rival)}{note}", gain))
    return rows


def share(wrong: float | None) -> str:
    return f"{100 * (wrong or 0):.2g} %"


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


def report(case: Case, model: Model, results: list[Measured], about: dict[str, Any]) -> dict[str, Any]:
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "cpp", "python", "CMakeLists.txt")
    return {
        "case": case.name,
        "title": case.title,
        "rows": summary(case, results),
        "commit": git("rev-parse", "HEAD") or "none",
        "changed_since_commit": bool(changed),
        "cpu": cpu_model(),
        "isa": about["isa"],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "model": model.name,
        "vocab_sha256": cases_module.sha256(model.vocab),
        "corpus": model.corpus.name,
        "corpus_sha256": cases_module.sha256(model.corpus),
        "waited": round(max((m.waited for m in results if m.threads == 1 and m.seconds), default=0.0), 3),
        "results": [m.to_json() for m in results],
    }


def show(case: Case, results: list[Measured], rows: list[dict[str, str]]) -> None:
    for m in results:
        if m.missing is not None:
            print(f"  {m.contender:28} {m.phase:5} missing: {m.missing}")
            continue
        wrong = f"{share(m.wrong_share)} of {m.rows_compared} rows wrong" if m.wrong_share else ""
        compared = f"{m.rows_compared} rows equal" if m.rows_compared and not m.wrong_share else wrong
        speed = f"{m.median * 1e6:10.0f} µs" if case.kind == "truncation" else f"{m.megabytes:8.1f} MB/s"
        million = m.tokens / m.median / 1e6
        print(f"  {m.contender:28} {m.phase:5} {m.batch:>10} {speed} {million:7.1f} Mtok/s  {compared}")
    waited = max((m.waited for m in results if m.threads == 1 and m.seconds), default=0.0)
    if waited > BUSY:
        print(f"  the machine was busy (up to {100 * waited:.0f} % of the time): measure again")
    for r in rows:
        print(f"  {r['case']}: {r['ours']} | {r['against']} | {r['ratio']}")


def write_table() -> None:
    reports = {}
    for path in RESULTS.glob("*.json"):
        one = json.loads(path.read_text(encoding="utf-8"))
        reports[one["case"]] = one
    ordered = [
        reports[name] for kind in KINDS for name in CASES if name in reports and CASES[name].kind == kind
    ]
    lines = ["| case | fasttok | against | ratio |", "|---|---:|---|---:|"]
    lines += [
        f"| {r['case']} | {r['ours']} | {r['against']} | {r['ratio']} |" for o in ordered for r in o["rows"]
    ]
    machines = sorted({f"{o['cpu']}, {o['isa']}, Python {o['python']}" for o in ordered})
    lines += ["", "Measured on: " + "; ".join(machines) + "."] if machines else []
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    README.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")
    print(f"{README}: {sum(len(o['rows']) for o in ordered)} rows")


KINDS = list(dict.fromkeys(case.kind for case in CASES.values()))


def chosen(names: Iterable[str], parser: argparse.ArgumentParser) -> list[Case]:
    picked: dict[str, Case] = {}
    for name in names:
        if name == "all":
            picked.update(CASES)
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
    todo = chosen([name for name in args.cases if name != "table"], parser)
    if not cases_module.has_data():
        print(f"no corpora in {cases_module.DATA}: taking the bundled sample")
        if not args.quick:
            parser.error("without corpora only --quick runs; set FASTTOK_DATA")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        about = run_child({"action": "about"}, 1)
        if about["fasttok"] is None:
            print(
                f"fasttok cannot be imported ({about['error']}): measuring the rivals only, writing nothing"
            )
        for case in todo:
            start = time.perf_counter()
            print(f"{case.name}: {case.title}", flush=True)
            if about["fasttok"] is None and case.kind in ("threads", "truncation"):
                continue
            results = measure(case, args.quick, Path(folder))
            wrong = [m for m in results if m.contender.startswith(OURS) and m.wrong_share]
            failed += [case.name] if wrong else []
            model = cases_module.model_for(case.lang)
            out = report(case, model, results, about)
            show(case, results, out["rows"])
            print(f"  {time.perf_counter() - start:.0f} s", flush=True)
            if not args.quick and about["fasttok"] is not None and not wrong:
                RESULTS.mkdir(exist_ok=True)
                text = json.dumps(out, indent=1, ensure_ascii=False) + "\n"
                (RESULTS / f"{case.name}.json").write_text(text, encoding="utf-8")
    if not args.quick and about["fasttok"] is not None:
        write_table()
    if failed:
        raise SystemExit(f"fasttok's ids differ from the reference's: {' '.join(failed)}")


if __name__ == "__main__":
    main()

"""What runs in a child process: it is told what to do in JSON and answers in JSON.

The parent never tokenizes, so that every measurement can begin with a fresh process and a CPU of its own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import corpora
import files
from at_once import AtOnce, Times
from cases import CASES, model_for
from contender import OURS, Contender
from contenders import contenders_of
from measured import Measured, prefix_of, timed_call, timed_pass
from outputs import wrong_rows
from rivals import open_fasttok
from runners import Apart, Here, attempt, batches_of, setup_of

WARM_ROUNDS = 7
THREAD_SIZES = (200_000, 1_000_000)
TWO_PROCESSES = f"{OURS}, 2 processes"
# A virtual machine's CPUs are given to others at times. Rounds in which two processes that have nothing to do
# with each other got something else than twice what one got, within 5 %, say nothing of threads.
CALM = (1.9, 2.1)
MOST_ROUNDS = 100  # until there are enough calm ones; all count where they are too few
LONG, SHORT, CUT = 10_000_000, 20_000, 512
LOADS, LOAD_SECONDS = 10, 1.0
DECODED = 10_000_000


def run_child(task: dict[str, Any], cpus: int) -> Any:
    """Do `task` in a new process that has so many CPUs."""
    allowed = sorted(os.sched_getaffinity(0))[-cpus:]
    env = {
        **os.environ,
        "RAYON_NUM_THREADS": str(cpus),
        "TOKENIZERS_PARALLELISM": "false" if cpus == 1 else "true",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    run = str(Path(__file__).with_name("run.py"))
    done = subprocess.run(
        [sys.executable, run, "--child", json.dumps({**task, "cpus": allowed})],
        env=env,
        capture_output=True,
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
        "files": child_files,
        "warm": child_warm,
        "cold": child_cold,
        "decode": child_decode,
        "load": child_load,
        "threads": child_threads,
        "truncation": child_truncation,
    }
    return actions[task["action"]](task)


def lines_of(task: dict[str, Any]) -> list[bytes]:
    return corpora.texts_of(CASES[task["case"]], quick=task["quick"])


def child_about(task: dict[str, Any]) -> dict[str, str]:
    try:
        import fasttok
    except ImportError as error:
        return {"error": str(error)}
    return {"isa": fasttok.isa()}


def child_files(task: dict[str, Any]) -> None:
    files.make(model_for(CASES[task["case"]]), Path(task["folder"]))


def child_warm(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Compares all rows, batch by batch, then times the rounds."""
    batches = batches_of(task)
    case = CASES[task["case"]]
    entries: list[tuple[Contender, Measured]] = []
    working: dict[str, Apart] = {}
    for contender in contenders_of(case):
        batch = f"{case.batch} texts"
        measured = Measured(contender.name, contender.call, "warm", 0, 0, batch=batch)
        entries.append((contender, measured))
        runner, measured.missing = attempt(contender, partial(Apart, task, contender))
        if runner is not None:
            working[contender.name] = runner

    reference = next(c for c, _ in entries if c.reference)
    tokens = []
    wrong = {c.name: 0 for c, _ in entries}
    # A row of the reference may hold more than ids; this is how many numbers a token has.
    width = {"offsets": 3, "made": 3, "read": 3}.get(case.kind, 1)
    for number, raw in enumerate(batches):
        expected = working[reference.name].rows(number)
        if case.kind == "padded":
            side = int(expected.lengths[0]) // 3
            tokens.append(int(expected.ids.reshape(-1, 3 * side)[:, side : 2 * side].sum()))
        else:
            tokens.append(len(expected.ids) // width)
        for contender, measured in entries:
            if contender is reference:
                measured.rows_compared += len(raw)
            elif contender.compare and contender.name in working:
                got, measured.missing = attempt(contender, partial(working[contender.name].rows, number))
                if got is None:
                    del working[contender.name]
                    continue
                wrong[contender.name] += wrong_rows(expected, got)
                measured.rows_compared += len(raw)

    for contender, measured in entries:
        own = prefix_of(batches, contender.prefix)
        measured.bytes = sum(len(line) for batch in own for line in batch)
        measured.texts = sum(map(len, own))
        measured.tokens = sum(tokens[: len(own)])
        if measured.rows_compared:
            measured.wrong_share = wrong[contender.name] / measured.rows_compared
    for number in range(1 if task["quick"] else WARM_ROUNDS):
        shift = number % len(entries)
        for contender, measured in entries[shift:] + entries[:shift]:
            if contender.name in working:
                measured.add(working[contender.name].timed_pass())
    return [asdict(m) for _, m in entries]


def child_cold(task: dict[str, Any]) -> tuple[float, float]:
    contender = next(c for c in contenders_of(CASES[task["case"]]) if c.name == task["contender"])
    runner = Here(task, contender, batches_of(task)) if contender.home is None else Apart(task, contender)
    return runner.timed_pass()


def child_decode(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Ids of the texts, again and again up to DECODED, in one call. Compares bytes, then times the rounds."""
    import numpy as np

    setup, case = setup_of(task), CASES[task["case"]]
    text = b"\n".join(lines_of(task))
    once = open_fasttok(setup).encode_batch_flat([text.decode()], num_threads=1).ids
    times = 1 if task["quick"] else -(-DECODED // len(once))
    ids, expected = np.tile(once, times), text * times
    entries: list[tuple[Measured, Callable[[Any], Any] | None, Any]] = []
    for contender in contenders_of(case):
        own = ids[: contender.prefix]
        data = own if contender.array else own.tolist()
        m = Measured(
            contender.name, contender.call, "warm", len(expected) * len(own) // len(ids), len(own), 1
        )
        call, m.missing = attempt(contender, partial(contender.open, setup))
        if call is None:
            entries.append((m, None, None))
            continue
        decoded = contender.rows(call(data))
        m.rows_compared = 1
        m.wrong_share = float(decoded != expected[: len(decoded)] or abs(len(decoded) - m.bytes) > len(text))
        entries.append((m, call, data))
    for _ in range(1 if task["quick"] else WARM_ROUNDS):
        for m, call, data in entries:
            if call is not None:
                m.add(timed_call(call, data))
    return [asdict(m) for m, _, _ in entries]


def child_load(task: dict[str, Any]) -> dict[str, Any]:
    """Seconds of the first load of a process, of later ones (so many, or of a second in all), and the ids of
    some text."""
    contender = next(c for c in contenders_of(CASES[task["case"]]) if c.name == task["contender"])
    load, missing = attempt(contender, partial(contender.open, setup_of(task)))
    if load is None:
        return {"missing": missing}
    times: list[float] = []
    while len(times) <= LOADS and (len(times) < 2 or sum(times) < LOAD_SECONDS):
        start = time.perf_counter()
        encode = load()
        encode("a")
        times.append(time.perf_counter() - start)
        ids = [encode(line.decode()) for line in lines_of(task)[:20]]
        del encode
    return {"first": times[0], "again": times[1:], "ids": [list(map(int, row)) for row in ids]}


def child_threads(task: dict[str, Any]) -> list[dict[str, Any]]:
    import numpy as np

    import fasttok

    setup = setup_of(task)

    def passes(encode: Callable[..., Any], threads: int, lines: list[bytes]) -> list[Callable[[], Times]]:
        return [
            partial(timed_pass, partial(encode, num_threads=threads), corpora.by_bytes(lines, size))
            for size in THREAD_SIZES
        ]

    measured: list[Measured] = []
    rounds: list[list[Times]] = []
    with AtOnce(lambda: passes(open_fasttok(setup).encode_batch_flat, 1, lines_of(task)), 2) as both:
        lines = lines_of(task)
        encode = open_fasttok(setup).encode_batch_flat
        fasttok.set_num_threads(2)
        for size in THREAD_SIZES:
            one_thread = [
                encode([line.decode() for line in raw], num_threads=1)
                for raw in corpora.by_bytes(lines, size)
            ]
            total, tokens = sum(len(line) for line in lines), sum(len(one.ids) for one in one_thread)
            for threads in (1, 2):
                wrong = 0
                for raw, one in zip(corpora.by_bytes(lines, size), one_thread, strict=True):
                    two = encode([line.decode() for line in raw], num_threads=threads)
                    equal = np.array_equal(one.ids, two.ids) and np.array_equal(
                        one.row_offsets, two.row_offsets
                    )
                    wrong += 0 if equal else len(raw)
                measured.append(
                    Measured(
                        f"{OURS}, {threads} thread{'s' * (threads > 1)}",
                        f"encode_batch_flat(texts, num_threads={threads})",
                        "warm",
                        total,
                        tokens,
                        len(lines),
                        threads=threads,
                        batch=f"{size // 1000} kB",
                        rows_compared=len(lines),
                        wrong_share=wrong / len(lines),
                    )
                )
            call = "encode_batch_flat(texts, num_threads=1) in each"
            measured.append(
                Measured(TWO_PROCESSES, call, "warm", 2 * total, 2 * tokens, 2 * len(lines), threads=2)
            )
            measured[-1].batch = f"{size // 1000} kB"
            del one_thread
        one, two = passes(encode, 1, lines), passes(encode, 2, lines)
        while len(rounds) < (1 if task["quick"] else MOST_ROUNDS):
            rounds.append([])
            for k in range(len(THREAD_SIZES)):
                rounds[-1] += [one[k](), two[k](), both.run(k)]
            if all(len(calm_rounds(rounds, k)) >= 2 * WARM_ROUNDS for k in range(len(THREAD_SIZES))):
                break
    for number, m in enumerate(measured):
        calm = calm_rounds(rounds, number // 3)
        for times in calm if len(calm) >= WARM_ROUNDS else rounds:
            m.add(times[number])
        m.rounds = len(rounds)
    return [asdict(m) for m in measured]


def calm_rounds(rounds: list[list[Times]], size: int) -> list[list[Times]]:
    """Those in which two processes at once got about twice of what one got: else the machine was shared."""

    def processes_against_one(times: list[Times]) -> float:
        (one, _), _, (both, _) = times[3 * size : 3 * size + 3]
        return 2 * one / both

    return [times for times in rounds if CALM[0] <= processes_against_one(times) <= CALM[1]]


def of_first(call: Callable[[str], Any]) -> Callable[[list[str]], Any]:
    return lambda texts: call(texts[0])


def child_truncation(task: dict[str, Any]) -> list[dict[str, Any]]:
    """One long document against a short one, cut to the same number of tokens. A pass is one call."""
    import transformers

    setup, lines = setup_of(task), lines_of(task)
    text = b" ".join(lines)
    while len(text) < LONG:
        text = text + b" " + text
    documents = {
        size: text[:size].decode(errors="ignore").encode()
        for size in (SHORT, 300_000 if task["quick"] else LONG)
    }
    reference = transformers.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)

    from rivals import open_bert, open_nanotoken

    tok = open_bert(setup)
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
            m = Measured(
                label, call, "warm", len(data), CUT, 1, batch=batch, rows_compared=1, wrong_share=wrong
            )
            measured.append((m, run, data))
    for number in range(3 if task["quick"] else 31):
        for m, run, data in measured:
            if m.contender == "nanotoken" and number > 4:
                continue
            m.add(timed_pass(of_first(run), [[data]]))
    return [asdict(m) for m, _, _ in measured]

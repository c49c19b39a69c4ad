"""A contender at work on a case: in this process, or in another environment.

Some rivals cannot be installed beside the others: tokenizers 1.0 would replace 0.23. Such a one runs in a
process of its own, with the Python of an environment beside .venv. That process loads the same texts, is
asked for the ids of a batch or for a pass, and times the pass itself, by the same code as everybody's.
"""

import json
import os
import pickle
import subprocess
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).parent))

from cases import CASES, model_for
from contender import Contender
from contenders import contenders_of
from corpora import ROOT, by_lines, texts_of
from measured import USES, prefix_of, timed_call, timed_pass, whole
from outputs import Rows, framed
from rivals import Missing, Opened


class Runner(Protocol):
    def rows(self, batch: int) -> Rows: ...
    def timed_pass(self) -> tuple[float, float]: ...


def batches_of(task: dict[str, Any]) -> list[list[bytes]]:
    case = CASES[task["case"]]
    return by_lines(texts_of(case, quick=task["quick"]), case.batch)


def setup_of(task: dict[str, Any], threads: int = 1) -> Opened:
    return Opened(model_for(CASES[task["case"]]), Path(task["folder"]), threads)


class Here:
    """In this process."""

    def __init__(self, task: dict[str, Any], contender: Contender, batches: list[list[bytes]]) -> None:
        self.setup = setup_of(task)
        self.contender = contender
        self.batches = batches
        self.use = USES.get(CASES[task["case"]].kind, whole)
        self.call = contender.open(self.setup)
        self.file = self.write_file() if contender.whole_file else None
        self.file_rows: Rows | None = None

    def write_file(self) -> str:
        path = self.setup.folder / "texts.txt"
        texts = [text for batch in self.batches for text in batch]
        if any(b"\n" in text for text in texts):
            raise Missing("the texts are no lines")
        path.write_bytes(b"\n".join(texts))
        return str(path)

    def rows(self, batch: int) -> Rows:
        if self.file:
            return self.rows_of_file(batch)
        texts = [text.decode() for text in self.batches[batch]]
        one_by_one = self.use is USES["one"]
        output = [self.call(text) for text in texts] if one_by_one else self.call(texts)
        rows: Rows = self.contender.rows(output)
        if self.contender.bare:
            rows = framed(rows, self.setup.id_of("[CLS]"), self.setup.id_of("[SEP]"))
        return rows

    def rows_of_file(self, batch: int) -> Rows:
        if self.file_rows is None:
            self.file_rows = self.contender.rows(self.call(self.file))
        sizes = [0, *accumulate(map(len, self.batches))]
        lengths = self.file_rows.lengths[sizes[batch] : sizes[batch + 1]]
        begin = int(self.file_rows.lengths[: sizes[batch]].sum())
        return Rows(self.file_rows.ids[begin : begin + int(lengths.sum())], lengths)

    def timed_pass(self) -> tuple[float, float]:
        if self.file:
            return timed_call(self.call, self.file)
        return timed_pass(self.call, prefix_of(self.batches, self.contender.prefix), self.use)


class Elsewhere:
    """In the environment .venv-<home>, or the one that FASTTOK_BENCH_<HOME> names."""

    def __init__(self, task: dict[str, Any], contender: Contender) -> None:
        home = contender.home or ""
        venv = Path(os.environ.get(f"FASTTOK_BENCH_{home.upper()}", ROOT / f".venv-{home}"))
        python = venv / "bin" / "python"
        if not python.exists():
            raise Missing(f"no {venv.name}: `make {venv.name}/.built` makes it")
        self.process = subprocess.Popen(
            [str(python), __file__, json.dumps({**task, "contender": contender.name})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if missing := self.answer():
            raise Missing(missing)

    def answer(self) -> Any:
        assert self.process.stdout is not None
        return pickle.load(self.process.stdout)

    def ask(self, question: int | None) -> Any:
        assert self.process.stdin is not None
        pickle.dump(question, self.process.stdin)
        self.process.stdin.flush()
        return self.answer()

    def rows(self, batch: int) -> Rows:
        return Rows(*self.ask(batch))

    def timed_pass(self) -> tuple[float, float]:
        seconds, cpu_seconds = self.ask(None)
        return seconds, cpu_seconds


def start(task: dict[str, Any], contender: Contender, batches: list[list[bytes]]) -> Runner:
    return Elsewhere(task, contender) if contender.home else Here(task, contender, batches)


def serve(task: dict[str, Any]) -> None:
    """What runs at the other end of `Elsewhere`: a number asks for the ids of a batch, None for a pass."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints gets among the answers

    def answer(value: Any) -> None:
        pickle.dump(value, answers)
        answers.flush()

    contender = next(c for c in contenders_of(CASES[task["case"]]) if c.name == task["contender"])
    try:
        runner = Here(task, contender, batches_of(task))
    except (ImportError, Missing) as error:
        answer(str(error))
        return
    answer("")
    while True:
        try:
            question = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer(runner.timed_pass() if question is None else tuple(runner.rows(question)))


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))

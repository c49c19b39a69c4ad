"""A contender at work on a case: in this process, or in one of its own.

Where contenders are timed in turns, each has a process of its own, as a program has one tokenizer: what one
remembers is not in the way of another. That process loads the same texts, is asked for the ids of a batch or
for a pass, and times the pass itself, by the same code for all. It is one of this environment's Python, or of
another's: tokenizers 1.0, beside the others, would replace 0.23.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from cases import CASES, model_for
from contender import OURS, Contender
from contenders import contenders_of
from corpora import ROOT, by_lines, texts_of
from measured import USES, prefix_of, timed_call, timed_pass, whole
from outputs import Rows, framed
from rivals import Missing, Opened


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

    def plain_rows(self, batch: int) -> tuple[Any, ...]:
        return tuple(self.rows(batch))

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


def python_of(home: str | None) -> str:
    """This one, or that of the environment .venv-<home>, which FASTTOK_BENCH_<HOME> may name instead."""
    if home is None:
        return sys.executable
    venv = Path(os.environ.get(f"FASTTOK_BENCH_{home.upper()}", ROOT / f".venv-{home}"))
    python = venv / "bin" / "python"
    if not python.exists():
        raise Missing(f"no {venv.name}: `make {venv.name}/.built` makes it")
    return str(python)


class Apart:
    """In a process of its own."""

    def __init__(self, task: dict[str, Any], contender: Contender) -> None:
        self.process = subprocess.Popen(
            [python_of(contender.home), __file__, json.dumps({**task, "contender": contender.name})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.answer()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        value, missing = pickle.load(self.process.stdout)
        if missing is not None:
            raise Missing(missing)
        return value

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


def attempt(contender: Contender, call: Callable[[], Any]) -> tuple[Any, str | None]:
    """What `call` gives, or why not. A rival may fail as it likes; ours and the reference may not."""
    try:
        return call(), None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust's is no Exception
        if contender.name.startswith(OURS) or contender.reference:
            raise
        text = str(error) if isinstance(error, ImportError | Missing) else repr(error)
        return None, text[:100]


def serve(task: dict[str, Any]) -> None:
    """What runs at the other end of `Apart`: a number asks for the ids of a batch, None for a pass."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints gets among the answers
    contender = next(c for c in contenders_of(CASES[task["case"]]) if c.name == task["contender"])

    def answer(call: Callable[[], Any]) -> Any:
        value, missing = attempt(contender, call)
        pickle.dump((None if isinstance(value, Here) else value, missing), answers)
        answers.flush()
        return value

    runner = answer(lambda: Here(task, contender, batches_of(task)))
    while runner is not None:
        try:
            question = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer(runner.timed_pass if question is None else partial(runner.plain_rows, question))


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))

"""Models, corpora, cases, and the texts of a case. No timing here; the standard library only.

The corpora and vocabularies are not part of the project. They are looked for in the folder that FASTTOK_DATA
names, by default ../shared/data beside the checkout: vocabs/<model>/ and corpora/<name>.txt, one document a
line, but code_py, which is one text. A quick run without them takes what is bundled.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("FASTTOK_DATA", ROOT.parent / "shared" / "data"))
BUNDLED = ROOT / "vocabs" / "zh-en-wordpiece"
BATCH_LINES = 1_000
QUICK_BYTES = 300_000


@dataclass(frozen=True)
class Model:
    """A vocabulary. `kind` chooses who is measured and how it is opened (contenders.py, files.py)."""

    name: str
    kind: str  # wordpiece, byte_bpe, sentencepiece, unigram, spm_bpe
    vocab: Path | None  # None: made of the bundled sample
    lowercase: bool = False
    pattern: str = ""  # that cuts its texts
    normalizer: str | None = None


@dataclass(frozen=True)
class Case:
    """One file in results/. Its kind and that of its model choose the contenders and the measurement."""

    name: str
    title: str
    kind: str  # flat, lists, padded, offsets, made, read, one, threads, truncation, n_best, vocab_file, …
    model: Model
    corpus: str
    cut: int | None = None  # characters of a text; None: a text is a line of the corpus
    batch: int = BATCH_LINES  # texts
    size: int | None = None  # only so many bytes of the corpus


def has_data() -> bool:
    return (DATA / "corpora").is_dir() and (DATA / "vocabs").is_dir()


def corpus_of(case: Case) -> Path:
    return DATA / "corpora" / f"{case.corpus}.txt" if has_data() else BUNDLED / "sample.txt"


def texts_of(case: Case, *, quick: bool) -> list[bytes]:
    """The texts as UTF-8: lines without their ends, or pieces of so many characters; a quick run takes the
    first QUICK_BYTES of the corpus."""
    data = corpus_of(case).read_bytes()
    size = min(case.size or len(data), QUICK_BYTES if quick else len(data))
    if quick and len(data) < size:
        data *= 1 + size // len(data)
    if size < len(data):
        data = data[: data.rindex(b"\n", 0, size) + 1]
    if case.cut is None:
        return data.removesuffix(b"\n").split(b"\n")
    text = data.decode()
    if case.corpus != "code_py":
        text = text.replace("\n", " ")
    whole = range(0, max(1, len(text) - case.cut + 1), case.cut)
    return [text[i : i + case.cut].encode() for i in whole]


def by_lines(lines: list[bytes], count: int) -> list[list[bytes]]:
    return [lines[i : i + count] for i in range(0, len(lines), count)]


def by_bytes(lines: list[bytes], size: int) -> list[list[bytes]]:
    """Batches of at least `size` bytes each; a shorter rest is dropped if there is another batch."""
    batches: list[list[bytes]] = []
    batch: list[bytes] = []
    held = 0
    for line in lines:
        batch.append(line)
        held += len(line)
        if held >= size:
            batches.append(batch)
            batch, held = [], 0
    return batches or [batch]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

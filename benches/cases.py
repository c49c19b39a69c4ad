"""What is measured: the models, the corpora and the cases. No timing here.

The corpora and vocabularies are not part of the project. They are looked for in the folder that FASTTOK_DATA
names, by default ../shared/data beside the checkout: vocabs/<model>/vocab.txt and corpora/<name>.txt, one
document a line. A quick run without them takes the bundled vocabulary and the bundled sample.
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
    """A BERT vocabulary and the text that it is measured on."""

    name: str
    vocab: Path
    lowercase: bool
    corpus: Path


@dataclass(frozen=True)
class Case:
    """One file in results/. `kind` chooses the measurement in run.py; `lang` the model and the corpus."""

    name: str
    title: str
    kind: str  # flat, lists, padded, offsets, threads, truncation
    lang: str  # zh, en


CASES = {
    case.name: case
    for lang, language in (("zh", "Chinese"), ("en", "English"))
    for case in (
        Case(f"flat-{lang}", f"{language}, flat arrays", "flat", lang),
        Case(f"lists-{lang}", f"{language}, lists of ints", "lists", lang),
        Case(f"padded-{lang}", f"{language}, padded int64, max_length 128", "padded", lang),
        Case(f"offsets-{lang}", f"{language}, flat arrays with offsets", "offsets", lang),
        Case(f"threads-{lang}", f"{language}, flat arrays, 2 threads", "threads", lang),
        Case(f"truncation-{lang}", f"{language}, 10 MB document cut to 512 tokens", "truncation", lang),
    )
}


def has_data() -> bool:
    return (DATA / "corpora").is_dir() and (DATA / "vocabs").is_dir()


def model_for(lang: str) -> Model:
    if not has_data():
        return Model("zh-en-wordpiece", BUNDLED / "vocab.txt", False, BUNDLED / "sample.txt")
    if lang == "zh":
        name, lowercase, corpus = "bert-base-chinese", False, "zh_fewclue"
    else:
        name, lowercase, corpus = "bert-base-uncased", True, "en_nltk"
    vocab = DATA / "vocabs" / name / "vocab.txt"
    return Model(name, vocab, lowercase, DATA / "corpora" / f"{corpus}.txt")


def corpus_lines(model: Model, *, quick: bool) -> list[bytes]:
    """The lines as UTF-8, without their ends; a quick run takes the first QUICK_BYTES."""
    data = model.corpus.read_bytes()
    if quick:
        data = data * (1 + QUICK_BYTES // len(data)) if len(data) < QUICK_BYTES else data
        data = data[: data.rindex(b"\n", 0, QUICK_BYTES)]
    return data.removesuffix(b"\n").split(b"\n")


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

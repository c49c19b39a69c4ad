"""What is measured: the models, the corpora and the cases. No timing here; the standard library only.

The corpora and vocabularies are not part of the project. They are looked for in the folder that FASTTOK_DATA
names, by default ../shared/data beside the checkout: vocabs/<model>/vocab.txt and corpora/<name>.txt, one
document a line, but code_py, which is one text. A quick run without them takes the bundled vocabulary and the
bundled sample.
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
    """One file in results/. `kind` chooses the contenders and the measurement; `lang` the model."""

    name: str
    title: str
    kind: str  # flat, lists, padded, offsets, made, read, one, threads, truncation, vocab_file, json_file
    lang: str  # zh, en
    corpus: str
    cut: int | None = None  # characters of a text; None: a text is a line of the corpus
    batch: int = BATCH_LINES  # texts
    size: int | None = None  # only so many bytes of the corpus


CORPORA = {"zh": "zh_fewclue", "en": "en_nltk"}


def cases_of(lang: str, language: str) -> tuple[Case, ...]:
    corpus = CORPORA[lang]
    return (
        Case(f"flat-{lang}", f"{language}, flat arrays", "flat", lang, corpus),
        Case(f"short-{lang}", f"{language}, texts of 5 characters", "flat", lang, corpus, 5, size=4_000_000),
        Case(f"long-{lang}", f"{language}, texts of 100,000 characters", "flat", lang, corpus, 100_000, 10),
        Case(f"lists-{lang}", f"{language}, lists of ints", "lists", lang, corpus),
        Case(f"padded-{lang}", f"{language}, padded int64, max_length 128", "padded", lang, corpus),
        Case(f"offsets-{lang}", f"{language}, flat arrays with offsets", "offsets", lang, corpus),
        Case(f"made-{lang}", f"{language}, Encodings made, not read", "made", lang, corpus),
        Case(f"read-{lang}", f"{language}, Encodings, ids and offsets read", "read", lang, corpus),
        Case(f"one-{lang}", f"{language}, one text of 20 characters", "one", lang, corpus, 20, size=600_000),
        Case(f"threads-{lang}", f"{language}, flat arrays, 2 threads", "threads", lang, corpus),
        Case(
            f"truncation-{lang}",
            f"{language}, 10 MB document cut to 512 tokens",
            "truncation",
            lang,
            corpus,
        ),
        Case(f"vocab-{lang}", f"{language} vocabulary, load vocab.txt", "vocab_file", lang, corpus),
        Case(f"json-{lang}", f"{language} vocabulary, load tokenizer.json", "json_file", lang, corpus),
    )


CASES = {
    case.name: case
    for case in (
        *cases_of("zh", "Chinese"),
        *cases_of("en", "English"),
        Case("wiki-zh", "Chinese encyclopedia, simplified and traditional", "flat", "zh", "zh_wiki"),
        Case("udhr", "Hundreds of languages, uncased", "flat", "en", "multi_udhr"),
        Case("code", "Python source, 4,000 characters a text", "flat", "en", "code_py", 4_000, 100),
    )
}


def has_data() -> bool:
    return (DATA / "corpora").is_dir() and (DATA / "vocabs").is_dir()


def model_for(case: Case) -> Model:
    if not has_data():
        return Model("zh-en-wordpiece", BUNDLED / "vocab.txt", False, BUNDLED / "sample.txt")
    name = "bert-base-chinese" if case.lang == "zh" else "bert-base-uncased"
    vocab = DATA / "vocabs" / name / "vocab.txt"
    return Model(name, vocab, case.lang == "en", DATA / "corpora" / f"{case.corpus}.txt")


def texts_of(case: Case, *, quick: bool) -> list[bytes]:
    """The texts as UTF-8: lines without their ends, or pieces of so many characters; a quick run takes the
    first QUICK_BYTES of the corpus."""
    data = model_for(case).corpus.read_bytes()
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

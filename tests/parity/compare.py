"""How fasttok is laid beside the reference: the same tokenizer in both, the same texts, all columns compared.

Two ways: `differing` looks at every field of `Encoding` objects, and into `overflowing`; `flat_differs` takes
the columns of `encode_batch_flat`, for texts by the million. scripts/campaign.py uses both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import tokenizers as reference

import fasttok
from fasttok.bundled import bundled_names, bundled_vocab

COLUMNS = (
    "ids",
    "type_ids",
    "tokens",
    "offsets",
    "word_ids",
    "sequence_ids",
    "special_tokens_mask",
    "attention_mask",
)

# clean_text, handle_chinese_chars, strip_accents, lowercase
Settings = tuple[bool, bool, bool | None, bool]
UNCASED: Settings = (True, True, True, True)
CASED: Settings = (True, True, False, False)
ALL_SETTINGS: list[Settings] = list(product((True, False), repeat=4))

CONTEXTS = ("{0}", "a{0}b", "中{0}文", "{0}{0}", "a\u0301{0}")
CODE_POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def every_character_vocab() -> dict[str, int]:
    """A piece for every assigned character, at the start of a word and inside: ids tell what the normalizer
    has made."""
    vocab = {"[UNK]": 0}
    for c in CODE_POINTS:
        if unicodedata.category(c) not in ("Cn", "Co") or ord(c) in (0xE000, 0x10FFFD, 0x378):
            vocab[c] = len(vocab)
            vocab["##" + c] = len(vocab)
    return vocab


def model_of(package: ModuleType, vocab: dict[str, int], **kwargs: Any) -> Any:
    return package.models.WordPiece(vocab, **{"unk_token": "[UNK]", **kwargs})


def pipeline(package: ModuleType, model: Any, settings: Settings | None = UNCASED) -> Any:
    """Normalizer (None for none), BERT's pre-tokenizer and a model; no post-processor."""
    tokenizer = package.Tokenizer(model)
    if settings is not None:
        tokenizer.normalizer = package.normalizers.BertNormalizer(*settings)
    tokenizer.pre_tokenizer = package.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = package.decoders.WordPiece()
    return tokenizer


def bert_pipeline(package: ModuleType, vocab_lines: Sequence[str], settings: Settings) -> Any:
    """What BertTokenizer is made of: a template, and the five special tokens."""
    vocab = {line: id for id, line in enumerate(vocab_lines)}
    tokenizer = pipeline(package, model_of(package, vocab), settings)
    tokenizer.post_processor = package.processors.TemplateProcessing(
        "[CLS] $A [SEP]",
        "[CLS] $A [SEP] $B:1 [SEP]:1",
        [("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer


def columns(encoding: Any) -> list[Any]:
    """All fields; those of `overflowing` at the end."""
    return [getattr(encoding, name) for name in COLUMNS] + [[columns(part) for part in encoding.overflowing]]


def differing(ours: Iterable[Any], theirs: Iterable[Any], path: str = "") -> Iterator[str]:
    """The names of the fields in which rows of Encodings differ."""
    for row, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        for name in COLUMNS:
            if (a := getattr(mine, name)) != (b := getattr(other, name)):
                yield f"{path}row {row}: {name} {a!r} != {b!r}"
        parts, others = mine.overflowing, other.overflowing
        if len(parts) != len(others):
            yield f"{path}row {row}: {len(parts)} parts in overflowing != {len(others)}"
        else:
            yield from differing(parts, others, f"{path}row {row}: overflowing: ")


def flat_differs(batch: fasttok.TokenBatch, theirs: Sequence[Any]) -> str | None:
    """The name of the first column of a flat batch that differs from rows of the reference, or None.

    Columns that the batch does not have are left out."""
    lengths = np.fromiter(map(len, theirs), np.int64, len(theirs))
    if not np.array_equal(np.diff(batch.row_offsets), lengths):
        return "row_offsets"
    n = int(lengths.sum())

    def joined(name: str) -> Iterator[Any]:
        return chain.from_iterable(getattr(row, name) for row in theirs)

    if not np.array_equal(batch.ids, np.fromiter(joined("ids"), np.uint32, n)):
        return "ids"
    if batch.offsets is not None:
        ends = np.fromiter(chain.from_iterable(joined("offsets")), np.uint32, 2 * n)
        if not np.array_equal(batch.offsets, ends.reshape(n, 2)):
            return "offsets"
    if batch.type_ids is not None and not np.array_equal(
        batch.type_ids, np.fromiter(joined("type_ids"), np.uint32, n)
    ):
        return "type_ids"
    if batch.word_ids is not None:
        words = np.fromiter((-1 if word is None else word for word in joined("word_ids")), np.int32, n)
        if not np.array_equal(batch.word_ids, words):
            return "word_ids"
    return None


class CodePoints:
    """The sweep over all code points, in one setting and one context.

    Alone, each is a text of its own: the words of a pretokenized row are normalized one by one, which the
    reference does several times faster than rows. In the other contexts a row has many words, one a line; a
    line break is not reordered, joined or dropped, so the words do not see each other.
    """

    LINES = 1000

    def __init__(self, models: tuple[Any, Any], settings: Settings) -> None:
        self.ours = pipeline(fasttok, models[0], settings)
        self.theirs = pipeline(reference, models[1], settings)

    def differences(self, context: str, characters: Sequence[str], rows_alone: bool = False) -> Iterator[str]:
        """The texts that differ among `characters` in `context`. `rows_alone`: every text is a row."""
        if rows_alone:
            yield from self._differences([context.format(c) for c in characters], False)
            return
        alone = context == "{0}"
        for begin in range(0, len(characters), self.LINES * 50):
            texts = [context.format(c) for c in characters[begin : begin + self.LINES * 50]]
            lines = [texts[i : i + self.LINES] for i in range(0, len(texts), self.LINES)]
            rows: list[Any] = lines if alone else ["\n".join(row) for row in lines]
            if self._differ(rows, alone):
                yield from self._differences(texts, alone)
            if alone:
                columns = {"offsets": "char", "word_ids": True}
                single = self.ours.encode_batch_flat(texts, **columns)
                joined = self.ours.encode_batch_flat(lines, is_pretokenized=True, **columns)
                if not (
                    np.array_equal(single.ids, joined.ids) and np.array_equal(single.offsets, joined.offsets)
                ):
                    yield f"rows and words differ between {texts[0]!a} and {texts[-1]!a}"

    def _differ(self, rows: list[Any], is_pretokenized: bool) -> str | None:
        batch = self.ours.encode_batch_flat(
            rows, is_pretokenized=is_pretokenized, offsets="char", word_ids=True
        )
        return flat_differs(batch, self.theirs.encode_batch(rows, is_pretokenized=is_pretokenized))

    def _differences(self, texts: list[str], is_pretokenized: bool) -> Iterator[str]:
        """Finds them by halving."""
        rows: list[Any] = [texts] if is_pretokenized else texts
        if (name := self._differ(rows, is_pretokenized)) is None:
            return
        if len(texts) == 1:
            yield f"{texts[0]!a}: {name}"
            return
        for half in (texts[: len(texts) // 2], texts[len(texts) // 2 :]):
            yield from self._differences(half, is_pretokenized)


def lines_of(path: Path, size: int | None = None) -> Iterator[str]:
    """The lines of a file without their line breaks; with a size, about so many bytes: every k-th line."""
    step = 1 if size is None else max(path.stat().st_size // size, 1)
    with open(path, "rb") as file:
        for line in islice(file, 0, None, step):
            yield line.decode().rstrip("\r\n")


class Corpora:
    """Lines of text with a BERT vocabulary, in all shapes of calls.

    single       one line a row; also as flat columns
    paired       each line with the next
    truncated    at 16 and 128 tokens with a stride, all windows; cut rows also as flat columns
    padded       to the longest of the batch, and as matrices
    pretokenized lines cut at white space
    """

    SHAPES = ("single", "paired", "truncated16", "truncated128", "padded", "pretokenized")
    BATCH = 500
    FLAT: dict[str, Any] = {"offsets": "char", "type_ids": True, "word_ids": True}  # noqa: RUF012

    def __init__(self, name: str, vocabs: Path) -> None:
        self.is_cased = name in bundled_names()
        folder = bundled_vocab(name) if self.is_cased else vocabs / name
        pieces = (folder / "vocab.txt").read_text("utf-8").split("\n")
        pieces = pieces[: -1 if pieces[-1] == "" else None]
        settings = CASED if self.is_cased else UNCASED
        self.ours = bert_pipeline(fasttok, pieces, settings)
        self.theirs = bert_pipeline(reference, pieces, settings)

    def differences(self, shape: str, lines: Iterable[str]) -> Iterator[str]:
        """What differs in lines, named by batch and row."""
        for tokenizer in (self.ours, self.theirs):
            tokenizer.no_truncation()
            tokenizer.no_padding()
            if shape.startswith("truncated"):
                length = int(shape.removeprefix("truncated"))
                tokenizer.enable_truncation(length, stride=length // 4)
            if shape == "padded":
                tokenizer.enable_padding(pad_id=0, pad_to_multiple_of=8)
        source = iter(lines)
        number = 0
        while batch := list(islice(source, self.BATCH)):
            yield from self._batch(shape, batch, f"batch {number}: ")
            number += 1

    def _batch(self, shape: str, lines: list[str], place: str) -> Iterator[str]:
        words = shape == "pretokenized"
        rows: list[Any] = lines
        if shape == "paired":
            rows = list(zip(lines, [*lines[1:], lines[0]], strict=True))
        if words:
            rows = [re.split(r"\s+", line) for line in lines]
        theirs = self.theirs.encode_batch(rows, is_pretokenized=words)
        yield from differing(self.ours.encode_batch(rows, is_pretokenized=words), theirs, place)
        if shape == "padded":
            matrix = np.array([row.ids for row in theirs])
            mask = np.array([row.attention_mask for row in theirs])
            padded = self.ours.encode_batch_flat(rows).padded(0, pad_to_multiple_of=8)
            if not (
                np.array_equal(padded["input_ids"], matrix) and np.array_equal(padded["attention_mask"], mask)
            ):
                yield f"{place}matrices differ"
        else:
            batch = self.ours.encode_batch_flat(rows, is_pretokenized=words, **self.FLAT)
            if (name := flat_differs(batch, theirs)) is not None:
                yield f"{place}flat {name}"
            if not np.array_equal(self.ours.encode_batch_flat(rows, is_pretokenized=words).ids, batch.ids):
                yield f"{place}flat ids without other columns"

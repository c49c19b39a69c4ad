"""A tokenizer.json in fasttok and in the reference, on lines of text, in every shape of call.

single        one line a row; decoded both ways, a few rows as streams; also as flat columns and by encode()
paired        each line with the next
pretokenized  lines cut at white space, every third with a pair
truncated     right and left, with strides, all windows
padded        to the longest and to a length, on both sides, with truncation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import tokenizers as reference

import fasttok
from parity.compare import differing, flat_differs


class Vocabulary:
    """The pair of tokenizers; a batch is looked at as a whole, so memory stays small."""

    SHAPES = ("single", "paired", "pretokenized", "truncated", "padded")
    BATCH = 200

    def __init__(self, path: Path) -> None:
        self.ours: Any = fasttok.Tokenizer.from_file(path)
        self.theirs: Any = reference.Tokenizer.from_file(str(path))

    def differences(self, shape: str, lines: Iterable[str]) -> Iterator[str]:
        """What differs in lines, named by batch and row."""
        rows = list(lines)
        for number, begin in enumerate(range(0, len(rows), self.BATCH)):
            batch = rows[begin : begin + self.BATCH]
            for what in getattr(self, f"_{shape}")(batch):
                yield f"batch {number}: {what}"

    def _both(self, rows: list[Any], **kwargs: Any) -> Iterator[str]:
        theirs = self.theirs.encode_batch(rows, **kwargs)
        yield from differing(self.ours.encode_batch(rows, **kwargs), theirs)
        flat = self.ours.encode_batch_flat(rows, offsets="char", type_ids=True, word_ids=True, **kwargs)
        if (name := flat_differs(flat, theirs)) is not None:
            yield f"flat {name}"

    def _single(self, lines: list[str]) -> Iterator[str]:
        yield from self._both(lines)
        yield from differing(map(self.ours.encode, lines[:20]), map(self.theirs.encode, lines[:20]))
        ids = [row.ids for row in self.theirs.encode_batch_fast(lines)]
        for skip in (True, False):
            if self.ours.decode_batch(ids, skip) != self.theirs.decode_batch(ids, skip):
                yield f"decode_batch, skip_special_tokens={skip}"
        for row in ids[:3]:
            if streamed(fasttok, self.ours, row[:200]) != streamed(reference, self.theirs, row[:200]):
                yield f"DecodeStream of {row[:200]}"

    def _paired(self, lines: list[str]) -> Iterator[str]:
        yield from self._both(list(zip(lines, [*lines[1:], lines[0]], strict=True)), add_special_tokens=True)
        yield from self._both(list(zip(lines[1:], lines, strict=False))[:40], add_special_tokens=False)

    def _pretokenized(self, lines: list[str]) -> Iterator[str]:
        words = [line.split() for line in lines]
        rows = [(row, words[i - 1]) if i % 3 == 2 else row for i, row in enumerate(words)]
        yield from self._both(rows, is_pretokenized=True)

    def _truncated(self, lines: list[str]) -> Iterator[str]:
        pairs = list(zip(lines, [*lines[1:], lines[0]], strict=True))
        for length, stride, direction in ((16, 4, "right"), (33, 0, "left")):
            with_settings = {"max_length": length, "stride": stride, "direction": direction}
            for tokenizer in (self.ours, self.theirs):
                tokenizer.enable_truncation(**with_settings)
            yield from differing(self.ours.encode_batch(lines), self.theirs.encode_batch(lines))
            few = pairs[:5]  # where both are cut, parts nest in parts
            yield from differing(self.ours.encode_batch(few), self.theirs.encode_batch(few))
            for tokenizer in (self.ours, self.theirs):
                tokenizer.no_truncation()

    def _padded(self, lines: list[str]) -> Iterator[str]:
        for settings in ({"pad_to_multiple_of": 8}, {"length": 40, "direction": "left", "pad_id": 3}):
            for tokenizer in (self.ours, self.theirs):
                tokenizer.enable_truncation(40)
                tokenizer.enable_padding(**settings)
            yield from differing(self.ours.encode_batch(lines), self.theirs.encode_batch(lines))
            for tokenizer in (self.ours, self.theirs):
                tokenizer.no_truncation()
                tokenizer.no_padding()


def streamed(package: ModuleType, tokenizer: Any, ids: list[int]) -> list[Any]:
    stream = package.decoders.DecodeStream(skip_special_tokens=True)
    return [stream.step(tokenizer, id) for id in ids]

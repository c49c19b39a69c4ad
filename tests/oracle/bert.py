"""BERT's tokenizer on one page: one function a stage, each character with the place where it comes from.

A text is a list of `Char(c, start, end)`: a character of the normalized text, and the range of characters of
the original that it stands for. So offsets need no arithmetic: a token covers from the start of its first
character to the end of its last.

Characters are classified by Python's `unicodedata`, which knows other versions of Unicode than the reference
does: tests leave out the few characters where the two differ.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple


class Char(NamedTuple):
    c: str
    start: int
    end: int


Token = tuple[int, tuple[int, int]]  # id, offsets

WHITESPACE = set("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | set(
    map(chr, range(0x2000, 0x200B))
)
CHINESE = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F)),
    *((0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),  # 2B920 for 2B820: the reference's hole
)


def is_dropped(c: str) -> bool:
    return c in "\0\ufffd" or (c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cf", "Co"))


def is_chinese(c: str) -> bool:
    return any(low <= ord(c) <= high for low, high in CHINESE)


def is_punctuation(c: str) -> bool:
    return unicodedata.category(c)[0] == "P" or c in "$+<=>^`|~"


def decompose(chars: list[Char]) -> Iterator[Char]:
    """NFD. Places in the original are given out in the new order: a mark that moves does not take its own.

    The first character of a decomposition takes the next place; the others share the one before them."""
    pieces = [(c, i == 0) for x in chars for i, c in enumerate(unicodedata.normalize("NFD", x.c))]
    starters = [i for i, (c, _) in enumerate(pieces) if unicodedata.combining(c) == 0]
    places = iter(chars)
    for begin, end in pairwise(sorted({0, *starters, len(pieces)})):
        for c, is_first in sorted(pieces[begin:end], key=lambda piece: unicodedata.combining(piece[0])):
            place = next(places) if is_first else place  # noqa: F821
            yield place._replace(c=c)


@dataclass
class BertOracle:
    vocab: dict[str, int]
    clean_text: bool = True
    handle_chinese_chars: bool = True
    strip_accents: bool | None = None
    lowercase: bool = True

    def normalize(self, text: str) -> list[Char]:
        chars = [Char(c, i, i + 1) for i, c in enumerate(text)]
        if self.clean_text:
            chars = [x._replace(c=" ") if x.c in WHITESPACE else x for x in chars if not is_dropped(x.c)]
        if self.handle_chinese_chars:
            chars = expand(chars, lambda c: f" {c} " if is_chinese(c) else c)
        if self.lowercase if self.strip_accents is None else self.strip_accents:
            chars = [x for x in decompose(chars) if unicodedata.category(x.c) != "Mn"]
        return expand(chars, str.lower) if self.lowercase else chars

    def encode(self, text: str) -> list[Token]:
        return list(chain.from_iterable(map(self.word_pieces, words(self.normalize(text)))))

    def word_pieces(self, word: list[Char]) -> list[Token]:
        """The longest piece that fits, again and again; one [UNK] where none fits or the word is too long."""
        tokens: list[Token] = []
        begin = 0 if len(word) <= 100 else len(word)
        while begin < len(word):
            for end in range(len(word), begin, -1):
                piece = "##" * (begin > 0) + "".join(x.c for x in word[begin:end])
                if piece in self.vocab:
                    tokens.append((self.vocab[piece], (word[begin].start, word[end - 1].end)))
                    begin = end
                    break
            else:
                break
        whole = bool(tokens) and begin == len(word)
        return tokens if whole else [(self.vocab["[UNK]"], (word[0].start, word[-1].end))]


def expand(chars: list[Char], rule: Callable[[str], str]) -> list[Char]:
    return [Char(c, x.start, x.end) for x in chars for c in rule(x.c)]


def words(chars: list[Char]) -> Iterator[list[Char]]:
    """Runs without white space; each punctuation character is a word of its own."""
    word: list[Char] = []
    for x in chars:
        ends = x.c in WHITESPACE or is_punctuation(x.c)
        if ends and word:
            yield word
        word = [] if ends else [*word, x]
        if is_punctuation(x.c):
            yield [x]
    if word:
        yield word

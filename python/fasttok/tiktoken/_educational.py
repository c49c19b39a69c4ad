"""Byte pair encoding as plain as it can be, to read and to watch: what `tiktoken._educational` has.

>>> encoding = SimpleBytePairEncoding.train("ababab abab", 258, r"\\w+|\\W", visualise=None)
>>> encoding.encode("abab", visualise=None)
[257]

Ids are those of `fasttok.tiktoken.Encoding` with the same ranks. What is printed on the way is like
tiktoken's, not equal to it.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, cycle, pairwise
from typing import TYPE_CHECKING

from fasttok import _core
from fasttok.tiktoken.registry import get_encoding

if TYPE_CHECKING:
    from fasttok.tiktoken.core import Encoding

__all__ = [
    "SimpleBytePairEncoding",
    "bpe_encode",
    "bpe_train",
    "train_simple_encoding",
    "visualise_tokens",
]

_COLOURS = (167, 179, 185, 77, 80, 68, 134)  # of terminals
_SHOWN_WORDS = 50


class SimpleBytePairEncoding:
    """An encoding of two things: a pattern that cuts texts, and tokens with their ranks.

    Args:
        pat_str: the pattern, in the syntax of Rust's fancy-regex.
        mergeable_ranks: token -> rank, with all 256 bytes.

    >>> ranks = {**{bytes([b]): b for b in range(256)}, b"ab": 256}
    >>> SimpleBytePairEncoding(pat_str=".+", mergeable_ranks=ranks).encode("abc", visualise=None)
    [256, 99]
    """

    def __init__(self, *, pat_str: str, mergeable_ranks: dict[bytes, int]) -> None:
        self.pat_str = pat_str
        self.mergeable_ranks = mergeable_ranks
        self._decoder = {rank: token for token, rank in mergeable_ranks.items()}
        self._pat = _core.Regex.from_rust(pat_str)

    def encode(self, text: str, visualise: str | None = "colour") -> list[int]:
        """The ids of a text; prints the merges of each word, in colour, plainly ("simple"), or not (None)."""
        words = _words(self._pat, text)
        return list(chain.from_iterable(bpe_encode(self.mergeable_ranks, word, visualise) for word in words))

    def decode_bytes(self, tokens: list[int]) -> bytes:
        """The bytes of tokens; KeyError for an unknown id."""
        return b"".join(self.decode_tokens_bytes(tokens))

    def decode(self, tokens: list[int]) -> str:
        """The text of tokens; what is no UTF-8 becomes U+FFFD."""
        return self.decode_bytes(tokens).decode(errors="replace")

    def decode_tokens_bytes(self, tokens: list[int]) -> list[bytes]:
        """The bytes of each token."""
        return [self._decoder[token] for token in tokens]

    @staticmethod
    def train(
        training_data: str, vocab_size: int, pat_str: str, visualise: str | None = "colour"
    ) -> SimpleBytePairEncoding:
        """The encoding that `bpe_train` finds in a text."""
        ranks = bpe_train(training_data, vocab_size, pat_str, visualise)
        return SimpleBytePairEncoding(pat_str=pat_str, mergeable_ranks=ranks)

    @staticmethod
    def from_tiktoken(encoding: str | Encoding) -> SimpleBytePairEncoding:
        """That of an `Encoding`, or of its name."""
        found = get_encoding(encoding) if isinstance(encoding, str) else encoding
        return SimpleBytePairEncoding(pat_str=found._pat_str, mergeable_ranks=found._mergeable_ranks)


def _words(pattern: _core.Regex, text: str) -> list[bytes]:
    return [text[begin:end].encode() for begin, end in pattern.find_all(text)]


def _bytes_of(word: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in word]


def bpe_encode(
    mergeable_ranks: dict[bytes, int], input: bytes, visualise: str | None = "colour"
) -> list[int]:
    """The ids of one word: of all neighbours that make a token those of the lowest rank merge, until none do.

    >>> ranks = {b"a": 0, b"b": 1, b"ab": 2, b"abb": 3}
    >>> bpe_encode(ranks, b"abba", visualise=None)
    [3, 0]
    """
    parts = _bytes_of(input)
    while True:
        _show(parts, visualise)
        ranks = [mergeable_ranks.get(left + right) for left, right in pairwise(parts)]
        known = [rank for rank in ranks if rank is not None]
        if not known:
            break
        at = ranks.index(min(known))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    if visualise:
        print()
    return [mergeable_ranks[part] for part in parts]


def bpe_train(data: str, vocab_size: int, pat_str: str, visualise: str | None = "colour") -> dict[bytes, int]:
    """The tokens and ranks of a text: the 256 bytes, then again and again the most frequent pair of
    neighbours in its words, the first to occur of equal ones.

    Args:
        data: the text.
        vocab_size: how many tokens; fewer, where no pair is left.
        pat_str: what cuts the text into words.
        visualise: as in `SimpleBytePairEncoding.encode`, of the first words.

    Raises:
        ValueError: `vocab_size` is below 256.

    >>> [token for token in bpe_train("ababab abab", 258, r"\\w+|\\W", visualise=None) if len(token) > 1]
    [b'ab', b'abab']
    """
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256, so we can encode all bytes")
    ranks = {bytes([byte]): byte for byte in range(256)}
    words = [_bytes_of(word) for word in _words(_core.Regex.from_rust(pat_str), data)]
    while len(ranks) < vocab_size:
        counts = Counter(chain.from_iterable(map(pairwise, words)))
        if not counts:
            break
        pair = max(counts, key=counts.__getitem__)
        token = pair[0] + pair[1]
        ranks[token] = len(ranks)
        words = [_merged(word, pair) for word in words]
        if visualise:
            print(f"{pair[0]!r} and {pair[1]!r} come {counts[pair]} times: token {ranks[token]} is {token!r}")
            for word in words[:_SHOWN_WORDS]:
                _show(word, visualise)
            print()
    return ranks


def _merged(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at < len(word):
        size = 2 if tuple(word[at : at + 2]) == pair else 1
        parts.append(b"".join(word[at : at + size]))
        at += size
    return parts


def _show(parts: list[bytes], visualise: str | None) -> None:
    if visualise in ("colour", "color"):
        visualise_tokens(parts)
    elif visualise == "simple":
        print(parts)


def visualise_tokens(token_values: list[bytes]) -> None:
    """Prints tokens on grounds of different colours."""
    texts = [token.decode(errors="replace") for token in token_values]
    grounds = zip(cycle(_COLOURS), texts, strict=False)
    print("".join(f"\x1b[48;5;{colour}m{text}" for colour, text in grounds) + "\x1b[0m")


def train_simple_encoding() -> SimpleBytePairEncoding:
    """An encoding of 600 tokens, trained on this file, with what happens printed."""
    with open(__file__, encoding="utf-8") as file:
        data = file.read()
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    return SimpleBytePairEncoding.train(data, 600, pattern)

"""SentencePiece's rules for rewriting characters: the named ones, those of a file, and their compiled form.

A named rule (nfkc, nmt_nfkc, nfkc_cf, nmt_nfkc_cf) is a list of over 200,000 texts and what each becomes. All
follow from rules.txt, which was read out of sentencepiece: its rules for single characters; what a composed
character decomposes into (Hangul's by arithmetic), where each part may also be any character that the rules
turn into that part; what nmt_… adds; and, for …_cf, lower-case letters for others.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path

from fasttok._core import build_charsmap
from fasttok.errors import FormatError

__all__ = ["NAMES", "bytes_field", "named_rules", "named_spec", "rules_of_tsv", "spec_of_map", "spec_of_tsv"]

#: The names of rules.
NAMES = ("identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf")

_SYLLABLES, _LEADS, _VOWELS, _TAILS = 0xAC00, 0x1100, 0x1161, 0x11A7
_LEAD_COUNT, _VOWEL_COUNT, _TAIL_COUNT = 19, 21, 28

Rules = Iterable[tuple[str, str]]


@cache
def seeds() -> dict[str, dict[str, str]]:
    """The sections of rules.txt."""
    sections: dict[str, dict[str, str]] = {}
    for line in files("fasttok.sentencepiece").joinpath("rules.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            entries = sections.setdefault(line.strip("[]"), {})
        elif not line.startswith("#"):
            texts = ["".join(chr(int(code, 16)) for code in part.split()) for part in line.split("\t")]
            entries[texts[0]] = texts[-1] if len(texts) > 1 else ""
    return sections


def _hangul() -> Iterator[tuple[str, str]]:
    """Each syllable by its letters."""
    for index in range(_LEAD_COUNT * _VOWEL_COUNT * _TAIL_COUNT):
        lead, rest = divmod(index, _VOWEL_COUNT * _TAIL_COUNT)
        vowel, tail = divmod(rest, _TAIL_COUNT)
        letters = chr(_LEADS + lead) + chr(_VOWELS + vowel) + (chr(_TAILS + tail) if tail else "")
        yield letters, chr(_SYLLABLES + index)


def named_rules(name: str) -> list[tuple[str, str]]:
    """The rules of that name but "identity", which has none.

    >>> dict(named_rules("nmt_nfkc"))["ﬁ"]
    'fi'

    Equal to what sentencepiece 0.2.3's `SentencePieceNormalizer(rule_name=name).decompile()` gives.
    """
    known = seeds()
    single = known["single"]
    writes = defaultdict(list)  # a character: those that become it
    for text, becomes in single.items():
        writes[becomes].append(text)
    rules = dict(single)
    for parts, composed in (*known["composed"].items(), *_hangul()):
        for ways in product(*((part, *writes[part]) for part in parts)):
            rules["".join(ways)] = composed
    if name.startswith("nmt_"):
        rules |= known["nmt"]
        for text in known["nmt without"]:
            del rules[text]
    if name.endswith("_cf"):
        folded = str.maketrans(known["folded"])
        rules = {text: becomes.translate(folded) for text, becomes in rules.items()} | known["folded"]
    return sorted(rules.items())


def rules_of_tsv(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """The rules of a file: a line has the characters to replace, a tab, and those that stand for them, in
    hexadecimal with a space between; what follows another tab is a comment, a line without a tab deletes.

    Raises:
        OSError: the file cannot be read. FormatError: a line is no rule; it is named.
    """
    rules: dict[str, str] = {}
    name = os.fspath(path)
    lines = Path(path).read_bytes().decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        where = f"{name}: line {number}"
        source, target, *_ = [*line.split("\t"), ""]
        text = _characters(source, where)
        if not text:
            raise FormatError(
                f"{where}: no character to replace; expected codes in hexadecimal, a tab, codes"
            )
        rules[text] = _characters(target, where)
        if text == rules[text]:
            raise FormatError(f"{where}: the characters become themselves")
    if not rules:
        raise FormatError(f"{name}: there is no rule in it")
    return list(rules.items())


def _characters(codes: str, where: str) -> str:
    made = ""
    for code in codes.split():
        try:
            value = int(code.removeprefix("U+"), 16)
        except ValueError:
            raise FormatError(f"{where}: {code!r} is no code in hexadecimal") from None
        if 0xD800 <= value < 0xE000:
            raise FormatError(f"{where}: {code} is no character")
        made += chr(value) if value < 0x110000 else "\ufffd"
    return made.partition("\0")[0]  # as the reference, where a NUL ends a text


def bytes_field(number: int, data: bytes) -> bytes:
    """A field of a protobuf message that holds bytes."""
    made, size = bytearray((number << 3 | 2,)), len(data)
    while size >= 0x80:
        made.append(size & 0x7F | 0x80)
        size >>= 7
    made.append(size)
    return bytes(made) + data


@cache
def named_spec(name: str) -> bytes:
    """The NormalizerSpec of a named rule. Raises ValueError for another name."""
    if name not in NAMES:
        raise ValueError(f"unknown rule {name!r}; known: {', '.join(NAMES)}")
    charsmap = b"" if name == "identity" else build_charsmap(named_rules(name))
    return bytes_field(1, name.encode()) + bytes_field(2, charsmap)


def spec_of_tsv(path: str | os.PathLike[str]) -> bytes:
    """The NormalizerSpec of a file of rules. Raises as `rules_of_tsv`."""
    charsmap = build_charsmap(rules_of_tsv(path))
    return bytes_field(1, b"user_defined") + bytes_field(2, charsmap) + bytes_field(6, os.fsencode(path))


def spec_of_map(norm_map: Sequence[tuple[str, str]]) -> bytes:
    """The NormalizerSpec of pairs: what becomes what.

    Raises:
        TypeError: not a list of pairs of str. ValueError: a text is empty, comes twice, or becomes itself.
    """
    rules: dict[str, str] = {}
    if not isinstance(norm_map, list | tuple):
        raise TypeError(f"norm_map is {type(norm_map).__name__}; expected a list of pairs of str")
    for i, pair in enumerate(norm_map):
        if not isinstance(pair, list | tuple) or [*map(type, pair)] != [str, str]:
            raise TypeError(f"norm_map[{i}] is {pair!r}; expected a pair of str")
        # A NUL ends a text, as in the reference.
        text, becomes = (one.partition("\0")[0] for one in pair)
        if not text:
            raise ValueError(f"Source string cannot be empty: norm_map[{i}]")
        if text == becomes:
            raise ValueError(f"Identity conversion is not allowed: norm_map[{i}]")
        if text in rules:
            raise ValueError(f"Duplicate source string in map: {text}")
        rules[text] = becomes
    return bytes_field(2, build_charsmap(list(rules.items())))

"""All readings of letters as pinyin, tried one by one: plain small letters a to z, no tones.

A reading covers the letters with syllables and single unread letters. Kept are those with the fewest unread
letters, of these those with the fewest erhua (an r behind a syllable and not before a vowel).
"""

from __future__ import annotations

from collections.abc import Iterator

Reading = tuple[tuple[int, int, str], ...]  # start, end, syllable; "" for unread letters, joined

ALONE = {"m", "n", "ng", "hm", "hng"}
SPECIAL = ALONE | {"r", "ê"}
DIALECT = {"bia", "biang", "bong", "din", "duang", "fiao", "len", "nia", "pia", "sei", "wong", "yai"}
# Written otherwise: v is ü, and need not be written as such behind l, n (lue, nue), j, q, x and y.
VOWELS = set("aeiouv")


def syllables_of(vocab: list[str]) -> set[str]:
    """The spellings in plain letters of a vocabulary's syllables without tone."""
    plain = {token.replace("ü", "v") for token in vocab if token.isalpha()} - SPECIAL - DIALECT
    after_j = {s[0] + "v" + s[2:] for s in plain if s[0] in "jqxy" and s[1:2] == "u"}
    return plain | after_j | {"lue", "nue"}


def covers(text: str, syllables: set[str]) -> Iterator[tuple[tuple[int, int, str], ...]]:
    if not text:
        yield ()
        return
    if text in ALONE:
        yield ((0, len(text), text),)
        return
    ways: list[list[tuple[tuple[int, int, str], ...]]] = [[()]] + [[] for _ in text]
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 6), end):
            word = text[start:end]
            if word in syllables:
                ways[end] += [(*way, (start, end, word)) for way in ways[start]]
        ways[end] += [(*way, (end - 1, end, "")) for way in ways[end - 1]]
    yield from ways[-1]


def readings(text: str, syllables: set[str]) -> set[Reading]:
    found: dict[tuple[int, int], set[Reading]] = {}
    for way in covers(text, syllables):
        parts: list[tuple[int, int, str]] = []
        unread = erhua = 0
        for start, end, word in way:
            if not word and text[start] == "r" and text[end : end + 1] not in VOWELS | {"v"}:
                erhua += 1
                if parts and parts[-1][2] not in ("", "r"):
                    parts.append((start, end, "r"))
                    continue
            elif not word:
                unread += 1
            if not word and parts and not parts[-1][2]:
                parts[-1] = (parts[-1][0], end, "")
            else:
                parts.append((start, end, word))
        found.setdefault((unread, erhua), set()).add(tuple(parts))
    return found[min(found)]

"""How a text may go on: what `Encoding.encode_with_unstable` computes.

Mirrors tiktoken's `_encode_unstable_native`, its approximations included: the last piece of the text is taken
as all that may change, together with the white space before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

__all__ = ["completions_of", "with_last_spaces"]

_WHITE_SPACE = frozenset(
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def with_last_spaces(ids: Sequence[int], last: int, bytes_of: Callable[[int], bytes | None]) -> int:
    """`last`, the number of ids of the last piece; with the blanks before it, where it begins with one.

    >>> with_last_spaces([97, 32, 32], 1, lambda i: bytes([i]))
    2
    """

    def is_blank(token: int) -> bool:
        text = bytes_of(token)
        return text is not None and not text.strip(b" \n\t")

    if last > 0 and is_blank(ids[len(ids) - last]):
        while last < len(ids) and is_blank(ids[len(ids) - last - 1]):
            last += 1
    return last


def completions_of(
    rest: bytes,
    tokens: Sequence[bytes],
    encode: Callable[[str], list[int]],
    merge: Callable[[bytes], list[int]],
    decode: Callable[[list[int]], bytes],
    id_of: Callable[[bytes], int],
) -> list[list[int]]:
    """The ways to write what begins with `rest`.

    Args:
        rest: the bytes that may change.
        tokens: the bytes of all tokens, sorted.
        encode, merge, decode, id_of: of the encoding: a text's ids, those of bytes by merges alone, bytes of
            ids, the id of a token.
    """
    if not rest:
        return []
    found: set[tuple[int, ...]] = {(id_of(token),) for token in _beginning_with(rest, tokens)}
    # A token may begin at any place in the rest and reach beyond its end.
    for i in range(1, len(rest)):
        for token in _beginning_with(rest[i:], tokens):
            possible = rest[:i] + token
            try:
                ids = encode(possible.decode())
            except UnicodeDecodeError:
                ids = merge(possible)
            sequence = []
            size = 0
            for token_id in ids:
                sequence.append(token_id)
                size += len(decode([token_id]))
                if size >= len(rest):
                    break
            found.add(tuple(sequence))
    # More text may cut white space from what stands before it.
    if len(rest) > 1 and (begin := _begin_of_last_character(rest)) > 0 and _is_white_space(rest[begin:]):
        found.add((*merge(rest[:begin]), *merge(rest[begin:])))
    return list(map(list, found))


def _beginning_with(prefix: bytes, tokens: Sequence[bytes]) -> Iterator[bytes]:
    for i in range(bisect_left(tokens, prefix), len(tokens)):
        if not tokens[i].startswith(prefix):
            return
        yield tokens[i]


def _begin_of_last_character(text: bytes) -> int:
    begin = len(text) - 1
    while begin > max(0, len(text) - 4) and text[begin] & 0xC0 == 0x80:
        begin -= 1
    return begin


def _is_white_space(text: bytes) -> bool:
    return text.decode(errors="replace") in _WHITE_SPACE

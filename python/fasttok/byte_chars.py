"""The characters that stand for bytes in byte-level vocabularies.

Mirrors `bytes_to_unicode` of GPT-2: visible characters of Latin-1 stand for themselves, the others for
characters from U+0100 on.
"""

from __future__ import annotations

__all__ = ["byte_of_character", "bytes_of", "characters_of"]


def byte_of_character() -> dict[str, int]:
    """The byte of each character, in the order of GPT-2's ranks.

    >>> byte_of_character()["Ġ"]
    32
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(b): b for b in plain} | {chr(0x100 + i): b for i, b in enumerate(others)}


_BYTES = {ord(char): byte for char, byte in byte_of_character().items()}
_CHARACTERS = {byte: char for char, byte in _BYTES.items()}


def characters_of(data: bytes) -> str:
    """The characters of bytes.

    >>> characters_of(b"a b")
    'aĠb'
    """
    return data.decode("latin-1").translate(_CHARACTERS)


def bytes_of(characters: str) -> bytes:
    """The bytes of such characters; UnicodeEncodeError where one stands for no byte.

    >>> bytes_of("aĠb")
    b'a b'
    """
    # What is in Latin-1 but stands for no byte must not pass for itself.
    return characters.translate({**_NOT_ONES, **_BYTES}).encode("latin-1")


_NOT_ONES = dict.fromkeys(range(256), "\uffff")

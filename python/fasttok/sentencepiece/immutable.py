"""Results with pieces, surfaces and places: the `immutable_proto` of sentencepiece 0.2.1.

>>> piece = ImmutableSentencePiece("▁a", 3, "a", 0, 1)
>>> piece.id, piece.surface
(3, 'a')
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["ImmutableNBestSentencePieceText", "ImmutableSentencePiece", "ImmutableSentencePieceText"]

# What the core gives: the text, (piece, id, surface, begin, end), the score, the bytes of the message.
RawTokens = tuple[bytes, list[tuple[bytes, int, bytes, int, int]], float, bytes]


@dataclass(frozen=True)
class ImmutableSentencePiece:
    """One piece: `begin` and `end` are characters of the text, which reads `surface` there."""

    piece: str = ""
    id: int = 0
    surface: str = ""
    begin: int = 0
    end: int = 0

    @property
    def piece_as_bytes(self) -> bytes:
        """The piece in UTF-8."""
        return self.piece.encode()

    @property
    def surface_as_bytes(self) -> bytes:
        """The surface in UTF-8."""
        return self.surface.encode()

    def __str__(self) -> str:
        return (
            f'piece: "{self.piece}"\nid: {self.id}\nsurface: "{self.surface}"\n'
            f"begin: {self.begin}\nend: {self.end}\n"
        )

    __repr__ = __str__


class ImmutableSentencePieceText:
    """A text with its `pieces`, and its `score` where it is one of several.

    Args:
        raw: what the core gives; nothing is the empty text.
    """

    def __init__(self, raw: RawTokens = (b"", [], 0.0, b"")) -> None:
        text, tokens, self.score, self._serialized = raw
        self.text = text.decode()
        self.pieces = tuple(
            ImmutableSentencePiece(piece.decode(), number, surface.decode(), begin, end)
            for piece, number, surface, begin, end in tokens
        )

    @property
    def text_as_bytes(self) -> bytes:
        """The text in UTF-8."""
        return self.text.encode()

    def SerializeAsString(self) -> bytes:
        """The bytes of the SentencePieceText message, with places in characters."""
        return self._serialized

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImmutableSentencePieceText) and self._serialized == other._serialized

    def __hash__(self) -> int:
        return hash(self._serialized)

    def __str__(self) -> str:
        pieces = "\n".join(f"pieces {{\n{piece}}}" for piece in self.pieces)
        return f'text: "{self.text}"\nscore: {self.score}\n{pieces}'

    __repr__ = __str__


class ImmutableNBestSentencePieceText:
    """Several ways to cut one text: `nbests`."""

    def __init__(self, raw: list[RawTokens] | tuple[()] = ()) -> None:
        self.nbests = tuple(ImmutableSentencePieceText(tokens) for tokens in raw)

    def SerializeAsString(self) -> bytes:
        """The bytes of the NBestSentencePieceText message."""
        made = bytearray()
        for way in self.nbests:
            message = way.SerializeAsString()
            made.append(0x0A)  # field 1, bytes
            size = len(message)
            while size >= 0x80:
                made.append(0x80 | size & 0x7F)
                size >>= 7
            made.append(size)
            made += message
        return bytes(made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImmutableNBestSentencePieceText) and self.nbests == other.nbests

    def __hash__(self) -> int:
        return hash(self.nbests)

    def __len__(self) -> int:
        return len(self.nbests)

    def __getitem__(self, index: Any) -> Any:
        return self.nbests[index]

    def __iter__(self) -> Iterator[ImmutableSentencePieceText]:
        return iter(self.nbests)

    def __str__(self) -> str:
        return "\n".join(f"nbests {{\n{way}}}" for way in self.nbests)

    __repr__ = __str__

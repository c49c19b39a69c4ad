"""The messages SentencePieceText and NBestSentencePieceText (needs protobuf)."""

from __future__ import annotations

from typing import Any

from fasttok.sentencepiece.messages import message_classes

__all__ = ["NBestSentencePieceText", "SentencePieceText"]

# name, number, type, label
_classes = message_classes(
    "sentencepiece.proto",
    {
        "SentencePieceText": "text=1 string; pieces=2 *.SentencePieceText.SentencePiece; score=3 float",
        "SentencePieceText.SentencePiece": (
            "piece=1 string; id=2 uint32; surface=3 string; begin=4 uint32; end=5 uint32"
        ),
        "NBestSentencePieceText": "nbests=1 *.SentencePieceText",
    },
)
SentencePieceText: Any = _classes["SentencePieceText"]
NBestSentencePieceText: Any = _classes["NBestSentencePieceText"]

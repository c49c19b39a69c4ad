"""SentencePieceTrainer: its names; training comes with fasttok's trainers."""

from __future__ import annotations

from typing import Any, NoReturn

from fasttok.sentencepiece.names import add_camel_case

__all__ = ["SentencePieceTrainer"]


@add_camel_case()
class SentencePieceTrainer:
    """Trains models, in a later version: every call raises NotImplementedError."""

    @staticmethod
    def train(arg: Any = None, logstream: Any = None, **kwargs: Any) -> NoReturn:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "fasttok does not train SentencePiece models yet: the trainers come in a later version; "
            "train with sentencepiece and load the model here"
        )

"""Models: how a word becomes tokens."""

from __future__ import annotations

from fasttok.bpe import BPE
from fasttok.model_base import Model, Token
from fasttok.rank_bpe import RankBPE
from fasttok.sentencepiece_model import SentencePiece
from fasttok.tokenizer_json import Section
from fasttok.unigram import Unigram
from fasttok.word_level import WordLevel
from fasttok.wordpiece import WordPiece

__all__ = ["BPE", "Model", "RankBPE", "SentencePiece", "Token", "Unigram", "WordLevel", "WordPiece"]


def _infer(keys: set[str]) -> type[Model] | None:
    """The model of old files, which have no "type"."""
    if {"vocab", "merges"} <= keys:
        return BPE
    if {"max_input_chars_per_word", "vocab"} <= keys:
        return WordPiece
    if {"unk_token", "vocab"} <= keys:
        return WordLevel
    return Unigram if "vocab" in keys else None


SECTION: Section[Model] = Section([BPE, WordPiece, WordLevel, Unigram, RankBPE, SentencePiece], "", _infer)

"""Ready-made tokenizers: a model with the pipeline that goes with it, in one call.

Upstream behaviour mirrored: `tokenizers.implementations` 0.23.3; training comes in a later issue.
"""

from __future__ import annotations

from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.implementations.bert_wordpiece import BertWordPieceTokenizer
from fasttok.implementations.byte_level_bpe import ByteLevelBPETokenizer
from fasttok.implementations.char_level_bpe import CharBPETokenizer
from fasttok.implementations.sentencepiece_bpe import SentencePieceBPETokenizer
from fasttok.implementations.sentencepiece_unigram import SentencePieceUnigramTokenizer

__all__ = [
    "BaseTokenizer",
    "BertWordPieceTokenizer",
    "ByteLevelBPETokenizer",
    "CharBPETokenizer",
    "SentencePieceBPETokenizer",
    "SentencePieceUnigramTokenizer",
]

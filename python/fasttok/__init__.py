"""fasttok: tokenizers that behave exactly like Hugging Face's, many times faster, Chinese first.

>>> from fasttok import Tokenizer, models
>>> Tokenizer(models.WordPiece({"[UNK]": 0, "hello": 1})).encode("hello").ids
[1]

Everything that needs more than the core is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fasttok import decoders, models, normalizers, pre_tokenizers, processors, trainers
from fasttok._core import (
    Encoding,
    NormalizedString,
    PreTokenizedString,
    Regex,
    cache_info,
    clear_cache,
    get_num_threads,
    isa,
    set_cache_bytes,
    set_num_threads,
    set_seed,
)
from fasttok.added_token import AddedToken
from fasttok.errors import FormatError, InputError
from fasttok.models import Token
from fasttok.text_types import (
    EncodeInput,
    InputSequence,
    OffsetReferential,
    Offsets,
    OffsetType,
    PreTokenizedEncodeInput,
    PreTokenizedInputSequence,
    SplitDelimiterBehavior,
    TextEncodeInput,
    TextInputSequence,
)
from fasttok.tokenizer import Tokenizer

if TYPE_CHECKING:
    from fasttok import implementations
    from fasttok.batch import TokenBatch
    from fasttok.batch_encoding import BatchEncoding
    from fasttok.byte_level_presets import (
        CLIPTokenizer,
        CLIPTokenizerFast,
        GPT2Tokenizer,
        GPT2TokenizerFast,
        GPTNeoXTokenizer,
        GPTNeoXTokenizerFast,
        Qwen2Tokenizer,
        Qwen2TokenizerFast,
        RobertaTokenizer,
        RobertaTokenizerFast,
    )
    from fasttok.cpm_tokenizer import CpmTokenizer, CpmTokenizerFast
    from fasttok.implementations import (
        BertWordPieceTokenizer,
        ByteLevelBPETokenizer,
        CharBPETokenizer,
        SentencePieceBPETokenizer,
        SentencePieceUnigramTokenizer,
    )
    from fasttok.integrations.transformers import patch_transformers, unpatch_transformers
    from fasttok.pinyin_tokenizer import PinyinSyllableTokenizer
    from fasttok.presets import (
        BertTokenizer,
        BertTokenizerFast,
        DistilBertTokenizer,
        DistilBertTokenizerFast,
        ElectraTokenizer,
        ElectraTokenizerFast,
        MobileBertTokenizer,
        MobileBertTokenizerFast,
    )
    from fasttok.pretrained_fast import (
        AutoTokenizer,
        BloomTokenizer,
        BloomTokenizerFast,
        PreTrainedTokenizerFast,
    )
    from fasttok.sentencepiece_presets import (
        AlbertTokenizer,
        AlbertTokenizerFast,
        LlamaTokenizer,
        LlamaTokenizerFast,
        T5Tokenizer,
        T5TokenizerFast,
        XLMRobertaTokenizer,
        XLMRobertaTokenizerFast,
        XLNetTokenizer,
        XLNetTokenizerFast,
    )
    from fasttok.stream_decoder import StreamDecoder

    __version__: str

__all__ = [
    "AddedToken",
    "AlbertTokenizer",
    "AlbertTokenizerFast",
    "AutoTokenizer",
    "BatchEncoding",
    "BertTokenizer",
    "BertTokenizerFast",
    "BertWordPieceTokenizer",
    "BloomTokenizer",
    "BloomTokenizerFast",
    "ByteLevelBPETokenizer",
    "CLIPTokenizer",
    "CLIPTokenizerFast",
    "CharBPETokenizer",
    "CpmTokenizer",
    "CpmTokenizerFast",
    "DistilBertTokenizer",
    "DistilBertTokenizerFast",
    "ElectraTokenizer",
    "ElectraTokenizerFast",
    "EncodeInput",
    "Encoding",
    "FormatError",
    "GPT2Tokenizer",
    "GPT2TokenizerFast",
    "GPTNeoXTokenizer",
    "GPTNeoXTokenizerFast",
    "InputError",
    "InputSequence",
    "LlamaTokenizer",
    "LlamaTokenizerFast",
    "MobileBertTokenizer",
    "MobileBertTokenizerFast",
    "NormalizedString",
    "OffsetReferential",
    "OffsetType",
    "Offsets",
    "PinyinSyllableTokenizer",
    "PreTokenizedEncodeInput",
    "PreTokenizedInputSequence",
    "PreTokenizedString",
    "PreTrainedTokenizerFast",
    "Qwen2Tokenizer",
    "Qwen2TokenizerFast",
    "Regex",
    "RobertaTokenizer",
    "RobertaTokenizerFast",
    "SentencePieceBPETokenizer",
    "SentencePieceUnigramTokenizer",
    "SplitDelimiterBehavior",
    "StreamDecoder",
    "T5Tokenizer",
    "T5TokenizerFast",
    "TextEncodeInput",
    "TextInputSequence",
    "Token",
    "TokenBatch",
    "Tokenizer",
    "XLMRobertaTokenizer",
    "XLMRobertaTokenizerFast",
    "XLNetTokenizer",
    "XLNetTokenizerFast",
    "cache_info",
    "clear_cache",
    "decoders",
    "get_num_threads",
    "implementations",
    "isa",
    "models",
    "normalizers",
    "patch_transformers",
    "pre_tokenizers",
    "processors",
    "set_cache_bytes",
    "set_num_threads",
    "set_seed",
    "trainers",
    "unpatch_transformers",
]

_LAZY = {
    "CpmTokenizer": "cpm_tokenizer",
    "CpmTokenizerFast": "cpm_tokenizer",
    "AutoTokenizer": "pretrained_fast",
    "BloomTokenizer": "pretrained_fast",
    "BloomTokenizerFast": "pretrained_fast",
    "PreTrainedTokenizerFast": "pretrained_fast",
    "TokenBatch": "batch",
    "patch_transformers": "integrations.transformers",
    "unpatch_transformers": "integrations.transformers",
    "BatchEncoding": "batch_encoding",
    "PinyinSyllableTokenizer": "pinyin_tokenizer",
    "StreamDecoder": "stream_decoder",
} | {
    name + suffix: "presets"
    for name in ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer")
    for suffix in ("", "Fast")
}
_LAZY |= {
    name + suffix: "byte_level_presets"
    for name in ("CLIPTokenizer", "GPT2Tokenizer", "GPTNeoXTokenizer", "Qwen2Tokenizer", "RobertaTokenizer")
    for suffix in ("", "Fast")
}
_LAZY |= {
    name + suffix: "sentencepiece_presets"
    for name in ("AlbertTokenizer", "LlamaTokenizer", "T5Tokenizer", "XLMRobertaTokenizer", "XLNetTokenizer")
    for suffix in ("", "Fast")
}
_LAZY |= dict.fromkeys(
    (
        "BertWordPieceTokenizer",
        "ByteLevelBPETokenizer",
        "CharBPETokenizer",
        "SentencePieceBPETokenizer",
        "SentencePieceUnigramTokenizer",
    ),
    "implementations",
)


def __getattr__(name: str) -> object:
    value: object
    if name == "__version__":
        from importlib.metadata import version

        value = version("fasttok-native")
    elif name in ("pinyin", "sentencepiece", "tiktoken"):
        value = import_module(f"fasttok.{name}")
    elif name == "implementations":
        value = import_module("fasttok.implementations")
    elif name in _LAZY:
        value = getattr(import_module(f"fasttok.{_LAZY[name]}"), name)
    else:
        raise AttributeError(f"module 'fasttok' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

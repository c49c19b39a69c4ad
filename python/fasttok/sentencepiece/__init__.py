"""`import fasttok.sentencepiece as spm` runs programs written for sentencepiece.

Ids, pieces, scores, offsets and normalized texts are those of sentencepiece 0.2.3, to the bit. What differs:

* the methods that 0.2.3 dropped are here, as in 0.2.1: `out_type="immutable_proto"`,
  `sample_encode_and_score`, `calculate_entropy`, `set_vocabulary` and its kin, `override_normalizer_spec`;
  they use 0.2.3's scores of user-defined symbols;
* random draws have the same distributions, not the same outcomes for one seed;
* a damaged model raises `fasttok.FormatError` that is a RuntimeError, too; a file that cannot be read an
  OSError that is a RuntimeError; an unknown model type is damage;
* `SentencePieceTrainer` and FlatBuffers raise NotImplementedError;
* `return_type="proto"` and the `*_pb2` modules need protobuf (extra `protobuf`).

>>> import fasttok.sentencepiece as spm
>>> spm.SentencePieceProcessor(model_file="missing.model")
Traceback (most recent call last):
    ...
fasttok.sentencepiece.files.ModelFileError: [Errno 2] No such file or directory: 'missing.model'
"""

from __future__ import annotations

from typing import Any, NoReturn

from fasttok._core import set_n_best_timeout, set_seed
from fasttok.sentencepiece.immutable import (
    ImmutableNBestSentencePieceText,
    ImmutableSentencePiece,
    ImmutableSentencePieceText,
)
from fasttok.sentencepiece.normalizer import SentencePieceNormalizer, set_data_dir
from fasttok.sentencepiece.processor import SentencePieceProcessor, ThreadPool
from fasttok.sentencepiece.trainer import SentencePieceTrainer

__all__ = [
    "ConvertToFlatbuffer",
    "ImmutableNBestSentencePieceText",
    "ImmutableSentencePieceText",
    "ImmutableSentencePieceText_ImmutableSentencePiece",
    "SentencePieceNormalizer",
    "SentencePieceProcessor",
    "SentencePieceTrainer",
    "SetDataDir",
    "SetMinLogLevel",
    "SetNBestTimeout",
    "SetRandomGeneratorSeed",
    "ThreadPool",
    "convert_to_flatbuffer",
    "set_data_dir",
    "set_min_log_level",
    "set_nbest_timeout",
    "set_random_generator_seed",
]

__version__ = "0.2.3"


def set_random_generator_seed(seed: int) -> None:
    """Makes sampling repeat itself."""
    set_seed(seed)


def set_min_log_level(level: int) -> None:
    """Nothing: fasttok writes no log."""


def set_nbest_timeout(timeout_ms: int) -> None:
    """After so many milliseconds `nbest_encode` gives the best way alone; 0: never. By default 30,000."""
    set_n_best_timeout(timeout_ms)


def convert_to_flatbuffer(
    model_file: Any = None,
    model_proto: Any = None,
    serialized_model_proto: Any = None,
    output_file: Any = None,
    skip_char_bigrams: bool = False,
    treat_null_byte_as_unused: bool = False,
    allow_unsupported_model_type: bool = False,
) -> NoReturn:
    """Not there: fasttok reads and writes no FlatBuffers. Raises NotImplementedError."""
    raise NotImplementedError("fasttok does not write FlatBuffers models; convert with sentencepiece")


SetRandomGeneratorSeed = set_random_generator_seed
SetMinLogLevel = set_min_log_level
SetNBestTimeout = set_nbest_timeout
SetDataDir = set_data_dir
ConvertToFlatbuffer = convert_to_flatbuffer
ImmutableSentencePieceText_ImmutableSentencePiece = ImmutableSentencePiece

"""The files of a model that the contenders open, made once for a run.

Everybody opens the same pipeline, <folder>/<model>.json, a tokenizer.json; some open byte-level models as
<folder>/<model>.tiktoken, a rank file, and SentencePiece's as a `.model`, where it lies or in the folder.
"""

from collections.abc import Callable
from pathlib import Path

import byte_bpe_files
import sentencepiece_files
from corpora import Model


def json_of(model: Model, folder: Path) -> Path:
    return folder / f"{model.name}.json"


def ranks_of(model: Model, folder: Path) -> Path:
    return folder / f"{model.name}.tiktoken"


def spm_of(model: Model, folder: Path) -> Path:
    is_model = model.vocab is not None and model.vocab.suffix == ".model"
    return model.vocab if model.vocab and is_model else folder / f"{model.name}.model"


def make_wordpiece(model: Model, folder: Path) -> None:
    """As transformers' BertTokenizer makes it."""
    import transformers

    tok = transformers.BertTokenizer(str(model.vocab), do_lower_case=model.lowercase)
    json_of(model, folder).write_text(tok.backend_tokenizer.to_str(), encoding="utf-8")


def make_byte_bpe(model: Model, folder: Path) -> None:
    byte_bpe_files.make(model, json_of(model, folder), ranks_of(model, folder))


def make_sentencepiece(model: Model, folder: Path) -> None:
    sentencepiece_files.make(model, json_of(model, folder), spm_of(model, folder))


MAKE: dict[str, Callable[[Model, Path], None]] = {
    "wordpiece": make_wordpiece,
    "byte_bpe": make_byte_bpe,
    "sentencepiece": make_sentencepiece,
    "unigram": make_sentencepiece,
    "spm_bpe": make_sentencepiece,
}


def make(model: Model, folder: Path) -> None:
    if not json_of(model, folder).exists():
        MAKE[model.kind](model, folder)

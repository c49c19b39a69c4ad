"""A SentencePiece vocabulary as `.model` and as tokenizer.json without special tokens around a text."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import corpora
from corpora import Model

BUNDLED_PIECES = 2_000
UNK = 2  # T5's class has the unknown piece there


def train(kind: str, path: Path) -> None:
    """A model of the bundled sample."""
    import sentencepiece

    is_bpe = kind == "spm_bpe"
    special = (
        {"unk_id": 0, "bos_id": 1, "eos_id": 2}
        if is_bpe
        else {"pad_id": 0, "eos_id": 1, "unk_id": UNK, "bos_id": -1}
    )
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpora.BUNDLED / "sample.txt"),
        model_prefix=str(path.with_suffix("")),
        model_type="bpe" if is_bpe else "unigram",
        vocab_size=BUNDLED_PIECES,
        hard_vocab_limit=False,
        byte_fallback=is_bpe,
        character_coverage=0.999,
        minloglevel=2,
        **special,
    )


def pipeline(kind: str, model_file: Path) -> str:
    """tokenizer.json as transformers' class makes it of a `.model`."""
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        name, options = ("tokenizer.model", {}) if kind == "spm_bpe" else ("spiece.model", {"extra_ids": 0})
        (Path(folder) / name).write_bytes(model_file.read_bytes())
        made = transformers.LlamaTokenizer if kind == "spm_bpe" else transformers.T5Tokenizer
        text: str = made.from_pretrained(folder, **options).backend_tokenizer.to_str()
    return text


def make(model: Model, json_file: Path, model_file: Path) -> None:
    """Write the tokenizer.json, and the `.model` where it is not that of the vocabulary."""
    if model.vocab is None:
        train(model.kind, model_file)
    if model.vocab is not None and model.vocab.suffix == ".json":
        text = model.vocab.read_text("utf-8")
    else:
        text = pipeline(model.kind, model_file)
    root = json.loads(text)
    root["post_processor"] = None
    json_file.write_text(json.dumps(root, ensure_ascii=False), "utf-8")

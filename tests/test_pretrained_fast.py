"""PreTrainedTokenizerFast and AutoTokenizer against transformers' TokenizersBackend."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import transformers
from transformers.models.auto import tokenization_auto as auto

import fasttok
from fasttok import AutoTokenizer, PreTrainedTokenizerFast

TEXTS = ["Hello world, it's 2026!", "使用语言模型", "  a\tb\n ", "é <unk> [MASK] <|endoftext|>", ""]
NAMES = ["bert-base-chinese", "bert-base-uncased", "gpt2", "gpt-neox", "llama2", "xlnet-base-cased"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"add_special_tokens": False, "return_offsets_mapping": True},
    {"padding": True, "return_tensors": "np", "pad_to_multiple_of": 4},
    {"truncation": True, "max_length": 12, "stride": 1, "return_overflowing_tokens": True},
    {"padding": "max_length", "max_length": 12, "truncation": True, "return_special_tokens_mask": True},
]


def plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def columns(encoded: Any) -> dict[str, Any]:
    return {key: plain(value) for key, value in encoded.items()}


def same(ours: Any, theirs: Any) -> None:
    assert ours.special_tokens_map == theirs.special_tokens_map
    assert ours.model_input_names == theirs.model_input_names
    assert ours.model_max_length == theirs.model_max_length
    assert (len(ours), ours.vocab_size, ours.is_fast) == (len(theirs), theirs.vocab_size, True)
    assert ours.get_added_vocab() == theirs.get_added_vocab()
    assert ours.backend_tokenizer.to_str() == theirs.backend_tokenizer.to_str()
    if ours.pad_token is None:
        ours.pad_token = theirs.pad_token = theirs.convert_ids_to_tokens(0)
    for options in OPTIONS:
        assert columns(ours(TEXTS, **options)) == columns(theirs(TEXTS, **options))
        assert columns(ours(TEXTS, TEXTS[::-1], **options)) == columns(theirs(TEXTS, TEXTS[::-1], **options))
    ids = [theirs.encode(text) for text in TEXTS]
    assert ours.batch_decode(ids, skip_special_tokens=True) == theirs.batch_decode(ids, True)
    assert [ours.tokenize(text) for text in TEXTS] == [theirs.tokenize(text) for text in TEXTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_run_as_written(name: str, data_dir: Path) -> None:
    folder = data_dir / "vocabs" / name
    same(
        PreTrainedTokenizerFast.from_pretrained(folder),
        transformers.PreTrainedTokenizerFast.from_pretrained(folder),
    )


@pytest.mark.parametrize("name", NAMES)
def test_auto_tokenizer_runs_the_same(name: str, data_dir: Path) -> None:
    folder = data_dir / "vocabs" / name
    ours = AutoTokenizer.from_pretrained(folder, use_fast=True)
    assert type(ours) is PreTrainedTokenizerFast
    same(ours, transformers.PreTrainedTokenizerFast.from_pretrained(folder))


def small(package: Any) -> Any:
    """Words, a template, a token that strips, truncation and padding."""
    tokenizer = package.Tokenizer(package.models.WordLevel({"<unk>": 0, "hi": 1, "there": 2}, "<unk>"))
    tokenizer.pre_tokenizer = package.pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<s>", package.AddedToken("<m>", lstrip=True), "<p>"])
    tokenizer.post_processor = package.processors.TemplateProcessing(
        "<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 3)]
    )
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(pad_id=5, pad_token="<p>", direction="left")
    return tokenizer


ROLES = {
    "unk_token": "<unk>",
    "bos_token": "<s>",
    "pad_token": "<p>",
    "mask_token": "<m>",
    "cls_token": "<c>",
}
SETTINGS: list[dict[str, Any]] = [
    {},
    ROLES,
    {**ROLES, "model_max_length": 7, "padding_side": "left", "truncation_side": "left"},
    {**ROLES, "extra_special_tokens": ["<e>", "<f>"], "model_input_names": ["input_ids", "token_type_ids"]},
    {**ROLES, "add_bos_token": True, "split_special_tokens": True},
    {**ROLES, "image_token": "<img>", "clean_up_tokenization_spaces": True},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_tokenizer_object_or_file(settings: dict[str, Any], tmp_path: Path) -> None:
    import tokenizers

    backend = small(fasttok)
    ours = PreTrainedTokenizerFast(tokenizer_object=backend, **settings)
    theirs = transformers.PreTrainedTokenizerFast(tokenizer_object=small(tokenizers), **settings)
    same(ours, theirs)
    assert backend.to_str() == small(tokenizers).to_str()  # a copy was taken
    backend.save(str(tmp_path / "tokenizer.json"))
    from_file = PreTrainedTokenizerFast(tokenizer_file=tmp_path / "tokenizer.json", **settings)
    file = str(tmp_path / "tokenizer.json")
    same(from_file, transformers.PreTrainedTokenizerFast(tokenizer_file=file, **settings))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_saved_and_loaded_by_either(settings: dict[str, Any], tmp_path: Path) -> None:
    ours = PreTrainedTokenizerFast(tokenizer_object=small(fasttok), **settings)
    ours.save_pretrained(tmp_path / "ours")
    same(
        PreTrainedTokenizerFast.from_pretrained(tmp_path / "ours"),
        transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path / "ours"),
    )
    same(
        AutoTokenizer.from_pretrained(tmp_path / "ours"),
        transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path / "ours"),
    )
    copy = pickle.loads(pickle.dumps(ours))
    assert copy("hi there")["input_ids"] == ours("hi there")["input_ids"]


def test_auto_tokenizer_takes_the_class_that_the_files_name(bert_zh: Path, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").symlink_to(bert_zh / "vocab.txt")
    assert type(AutoTokenizer.from_pretrained(tmp_path)) is fasttok.BertTokenizer
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"model_type": "distilbert"}))
    assert type(AutoTokenizer.from_pretrained(tmp_path)) is fasttok.DistilBertTokenizer
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizerFast"}))
    assert type(AutoTokenizer.from_pretrained(tmp_path)) is fasttok.BertTokenizer
    (tmp_path / "tokenizer.json").symlink_to(bert_zh / "tokenizer.json")
    ours = AutoTokenizer.from_pretrained(tmp_path)
    named = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert type(ours) is PreTrainedTokenizerFast
    assert ours.special_tokens_map == named.special_tokens_map
    assert ours(TEXTS, padding=True).keys() == named(TEXTS, padding=True).keys()
    as_written = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert ours(TEXTS)["input_ids"] == as_written(TEXTS)["input_ids"]


def model_of(kind: str) -> Any:
    """What a class takes from a tokenizer.json: some of its pieces, and "a"."""
    special = ["<unk>", "<s>", "</s>", "<pad>", "<sep>", "<cls>", "<mask>", "<eod>", "<eop>", "<|endoftext|>"]
    pieces = [*special, "▁", "a", "▁a"]
    if kind == "xlnet":
        return fasttok.models.Unigram([(piece, -float(i)) for i, piece in enumerate(pieces)], 0, False)
    vocab = {piece: id for id, piece in enumerate(pieces)}
    return fasttok.models.BPE(vocab, [("▁", "a")], unk_token="<unk>")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("xlnet", {}),
        ("xlnet", {"padding_side": "right"}),
        ("llama", {}),
        ("llama", {"tokenizer_class": "LlamaTokenizer"}),
        ("gpt2", {"truncation_side": "left"}),
    ],
)
@pytest.mark.parametrize("padded", [False, True])
def test_auto_tokenizer_has_the_sides_of_the_class(
    kind: str, config: dict[str, Any], padded: bool, tmp_path: Path
) -> None:
    backend = fasttok.Tokenizer(model_of(kind))
    if padded:  # a tokenizer.json that says it itself
        backend.enable_padding(direction="right")
        backend.enable_truncation(5, direction="left")
    backend.save(tmp_path / "tokenizer.json")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    ours = AutoTokenizer.from_pretrained(tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert (ours.padding_side, ours.truncation_side) == (theirs.padding_side, theirs.truncation_side)
    if kind == "xlnet" and not padded:
        assert ours.all_special_tokens == theirs.all_special_tokens
        assert ours(["a", "aaa"], padding=True)["attention_mask"][0][0] == (ours.padding_side == "right")


def test_a_class_that_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\n")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "FooTokenizer"}))
    with pytest.raises(ValueError, match="FooTokenizer"):
        AutoTokenizer.from_pretrained(tmp_path)


def test_what_is_missing_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Couldn't instantiate the backend tokenizer"):
        PreTrainedTokenizerFast()
    with pytest.raises(TypeError, match=r"expected fasttok\.Tokenizer"):
        PreTrainedTokenizerFast(tokenizer_object="x")  # type: ignore[arg-type]
    with pytest.raises(OSError, match="from_pretrained"):
        AutoTokenizer()
    for load in (PreTrainedTokenizerFast.from_pretrained, AutoTokenizer.from_pretrained):
        with pytest.raises(OSError, match="holds no vocabulary"):
            load(tmp_path)
    for content, message in (
        ("[]", "JSON object"),
        ('{"model": 1}', "model: expected an object"),
        ("{", "JSON"),
    ):
        (tmp_path / "tokenizer.json").write_text(content)
        with pytest.raises(fasttok.FormatError, match=message):
            AutoTokenizer.from_pretrained(tmp_path)


def test_hub_ids_come_from_the_cache_when_offline(
    bert_zh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    repo = tmp_path / "models--owner--name"
    commit = "0123456789012345678901234567890123456789"
    (repo / "snapshots" / commit).mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    for file in ("tokenizer.json", "vocab.txt"):
        (repo / "snapshots" / commit / file).symlink_to(bert_zh / file)
    expected = fasttok.Tokenizer.from_file(bert_zh / "tokenizer.json").encode("你好").ids
    assert fasttok.Tokenizer.from_pretrained("owner/name").encode("你好").ids == expected
    assert (
        PreTrainedTokenizerFast.from_pretrained("owner/name", cache_dir=tmp_path).encode("你好") == expected
    )
    assert AutoTokenizer.from_pretrained("owner/name", cache_dir=tmp_path).encode("你好") == expected
    assert fasttok.BertTokenizer.from_pretrained("owner/name", cache_dir=tmp_path).encode("你好") == expected
    with pytest.raises(OSError, match="cannot be reached"):
        AutoTokenizer.from_pretrained("owner/other", cache_dir=tmp_path)


def test_bloom_is_the_general_class() -> None:
    assert auto.tokenizer_class_from_name("BloomTokenizer") is transformers.PreTrainedTokenizerFast
    assert fasttok.BloomTokenizer is fasttok.BloomTokenizerFast is PreTrainedTokenizerFast

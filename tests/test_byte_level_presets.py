"""The byte-level classes (GPT-2, RoBERTa, Qwen, CLIP, GPT-NeoX) beside transformers' of those names."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fasttok
from fasttok import FormatError

reference = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

NAMES = ["GPT2Tokenizer", "RobertaTokenizer", "Qwen2Tokenizer", "CLIPTokenizer", "GPTNeoXTokenizer"]
TEXTS = [
    "Hello world",
    " Hello  world ",
    "",
    " ",
    "it's 12345 IT'S they'll",
    "中文，字符。你好",
    "e\u0301 é Å",
    "a\n\n b\t\r\n",
    "<|endoftext|> x<s>y</s> <mask>",
    "😀 👍🏽",
    "\u00a0\u3000x",
    "the the the",
    "don't , stop !",
]
TRAINING = [*TEXTS, "the quick brown fox jumps over the lazy dog", "12 123 中文字符", "hello world's end"] * 3


def trained(name: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
    suffix = "</w>" if name == "CLIPTokenizer" else ""
    made = tokenizers.Tokenizer(tokenizers.models.BPE(end_of_word_suffix=suffix))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = {
        "GPT2Tokenizer": ["<|endoftext|>"],
        "RobertaTokenizer": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        "Qwen2Tokenizer": ["<|endoftext|>"],
        "CLIPTokenizer": ["<|startoftext|>", "<|endoftext|>"],
        "GPTNeoXTokenizer": ["<|endoftext|>", "<|padding|>"],
    }[name]
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=special,
        initial_alphabet=alphabet,
        end_of_word_suffix=suffix,
        show_progress=False,
        min_frequency=0,
    )
    made.train_from_iterator([text.lower() for text in TRAINING] if suffix else TRAINING, trainer)
    model = json.loads(made.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


@pytest.fixture(scope="module", params=NAMES)
def parts(request: pytest.FixtureRequest) -> tuple[str, dict[str, int], list[tuple[str, str]]]:
    return (request.param, *trained(request.param))


@pytest.fixture(scope="module")
def folder(parts: tuple[str, Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vocab.json and merges.txt."""
    name, vocab, merges = parts
    folder = tmp_path_factory.mktemp(name)
    (folder / "vocab.json").write_text(json.dumps(vocab), "utf-8")
    lines = "".join(f"{a} {b}\n" for a, b in merges)
    (folder / "merges.txt").write_text("#version: 0.2\n" + lines, "utf-8")
    return folder


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, plain(column)) for key, column in value.items()]
    return ("array", value.tolist()) if isinstance(value, np.ndarray) else value


def outcome(call: Callable[[Any], Any], tokenizer: Any) -> Any:
    try:
        return plain(call(tokenizer))
    except Exception:
        return "error"


def assert_equal(ours: Any, theirs: Any) -> None:
    for text in TEXTS:
        for options in (
            {},
            {"add_special_tokens": False},
            {"return_offsets_mapping": True, "return_special_tokens_mask": True},
            {"text_pair": "a pair"},
            {"max_length": 5, "truncation": True},
            {"max_length": 9, "padding": "max_length"},
        ):
            got, expected = (outcome(lambda t, o=options, x=text: t(x, **o), t) for t in (ours, theirs))
            assert got == expected, (text, options)
        ids = theirs(text)["input_ids"]
        assert ours.tokenize(text) == theirs.tokenize(text)
        for skip in (False, True):
            for clean in (None, True, False):
                got, expected = (
                    t.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=clean)
                    for t in (ours, theirs)
                )
                assert got == expected, (text, skip, clean)
    words = [text.split() for text in TEXTS if text.split()]
    for call in (
        lambda t: t(words, is_split_into_words=True),
        lambda t: t(TEXTS, padding=True, return_tensors="np"),
        lambda t: t.batch_decode(t(TEXTS)["input_ids"]),
        lambda t: sorted(t.get_vocab().items()),
        lambda t: t.special_tokens_map,
        lambda t: (t.all_special_tokens, t.all_special_ids, len(t), t.vocab_size),
        lambda t: t.num_special_tokens_to_add(pair=True),
        lambda t: t.convert_tokens_to_ids(["a", "nowhere", t.eos_token]),
        lambda t: t.convert_tokens_to_string(["a", "Ġb"]),
        lambda t: {i: str(token) for i, token in t.added_tokens_decoder.items()},
        lambda t: json.loads(t.backend_tokenizer.to_str()),
        lambda t: (t.add_prefix_space, getattr(t, "trim_offsets", None), t.model_input_names),
    ):
        assert outcome(call, ours) == outcome(call, theirs)


def both(name: str, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # tokenizers' for paths
        return getattr(fasttok, name)(*arguments, **options), getattr(reference, name)(*arguments, **options)


def test_of_dict_and_list(parts: tuple[str, Any, Any]) -> None:
    name, vocab, merges = parts
    assert_equal(*both(name, dict(vocab), list(merges)))


def test_of_files(parts: tuple[str, Any, Any], folder: Path) -> None:
    assert_equal(*both(parts[0], str(folder / "vocab.json"), str(folder / "merges.txt")))


def test_without_a_vocabulary(parts: tuple[str, Any, Any]) -> None:
    assert_equal(*both(parts[0]))


@pytest.mark.parametrize(
    "options",
    [
        {"add_prefix_space": True},
        {"unk_token": "!", "pad_token": "<fill>", "eos_token": "a"},
        {"add_bos_token": True, "bos_token": "<begin>"},
        {"add_bos_token": True, "add_eos_token": True},
        {"trim_offsets": False},
        {"clean_up_tokenization_spaces": True},
        {"padding_side": "left", "truncation_side": "left", "model_max_length": 7},
        {"extra_special_tokens": ["<one>", "the"]},
    ],
    ids=str,
)
def test_settings(parts: tuple[str, Any, Any], options: dict[str, Any]) -> None:
    name, vocab, merges = parts
    if name == "CLIPTokenizer" and "trim_offsets" in options:
        pytest.skip("not an argument of CLIP's")
    assert_equal(*both(name, dict(vocab), list(merges), **options))


def test_from_a_folder(parts: tuple[str, Any, Any], folder: Path) -> None:
    name = parts[0]
    assert_equal(*(getattr(m, name).from_pretrained(str(folder)) for m in (fasttok, reference)))


def test_saved_by_one_and_read_by_the_other(parts: tuple[str, Any, Any], tmp_path: Path) -> None:
    name, vocab, merges = parts
    ours, theirs = both(name, dict(vocab), list(merges), add_bos_token=True)
    ours.save_pretrained(str(tmp_path / "ours"))
    theirs.save_pretrained(str(tmp_path / "theirs"))
    for saved in ("ours", "theirs"):
        configs = [
            json.loads((tmp_path / which / "tokenizer_config.json").read_text())
            for which in ("ours", "theirs")
        ]
        assert configs[0] == configs[1]
        assert_equal(*(getattr(m, name).from_pretrained(str(tmp_path / saved)) for m in (fasttok, reference)))


def test_vocabulary_files_are_written(parts: tuple[str, Any, Any], folder: Path, tmp_path: Path) -> None:
    name, vocab, merges = parts
    tokenizer = getattr(fasttok, name)(dict(vocab), list(merges))
    paths = tokenizer.save_vocabulary(str(tmp_path))
    assert sorted(Path(path).name for path in paths) == ["merges.txt", "vocab.json"]
    again = getattr(fasttok, name).from_pretrained(str(tmp_path))
    assert again("Hello world's end")["input_ids"] == tokenizer("Hello world's end")["input_ids"]
    v4 = getattr(fasttok, name)(vocab_file=str(folder / "vocab.json"), merges_file=str(folder / "merges.txt"))
    assert v4("Hello world's end")["input_ids"] == tokenizer("Hello world's end")["input_ids"]


def test_pickled(parts: tuple[str, Any, Any]) -> None:
    name, vocab, merges = parts
    tokenizer = getattr(fasttok, name)(dict(vocab), list(merges))
    again = pickle.loads(pickle.dumps(tokenizer))
    assert again(TEXTS)["input_ids"] == tokenizer(TEXTS)["input_ids"]


def test_other_names() -> None:
    for name in NAMES:
        assert getattr(fasttok, name + "Fast") is getattr(fasttok, name)
        assert issubclass(getattr(reference, name + "Fast"), getattr(reference, name))


@pytest.mark.parametrize(("name", "folder"), [("GPT2Tokenizer", "gpt2"), ("GPTNeoXTokenizer", "gpt-neox")])
def test_real_tokenizer_json(name: str, folder: str, data_dir: Path) -> None:
    path = data_dir / "vocabs" / folder
    assert_equal(*(getattr(m, name).from_pretrained(str(path)) for m in (fasttok, reference)))


def test_damaged_files(tmp_path: Path) -> None:
    good = {"vocab.json": '{"a": 0, "b": 1, "ab": 2}', "merges.txt": "a b\n"}
    for name, text, message in (
        ("vocab.json", "{", "vocab.json"),
        ("vocab.json", '["a"]', "vocab.json"),
        ("merges.txt", "a b c\n", "merges.txt.*line 1"),
        ("merges.txt", "\udcff", "merges.txt: not UTF-8"),
    ):
        for file, content in (good | {name: text}).items():
            (tmp_path / file).write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(FormatError, match=message):
            fasttok.GPT2Tokenizer.from_pretrained(str(tmp_path))
    model = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}
    for change, message in (
        ({"merges": ["a b c"]}, r"tokenizer\.json: model\.merges\[0\]: expected two tokens"),
        ({"merges": [["a", 1]]}, r"model\.merges\[0\]"),
        ({"merges": "a b"}, r"model\.merges: expected a list"),
    ):
        (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model | change}))
        with pytest.raises(FormatError, match=message):
            fasttok.GPT2Tokenizer.from_pretrained(str(tmp_path))
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match="both"):
        fasttok.GPT2Tokenizer(str(tmp_path / "vocab.json"))

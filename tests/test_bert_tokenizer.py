"""`BertTokenizer` beside transformers' class of that name, call by call; and where it departs on purpose."""

from __future__ import annotations

import copy
import itertools
import json
import logging
import math
import pickle
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fasttok
from fasttok import AddedToken, BertTokenizer, FormatError, InputError
from fasttok.bundled import bundled_names, bundled_vocab

reference = pytest.importorskip("transformers")

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] hello world ##s ##ing play , . ! n ' t 中 文 字 é <x> a b".split()  # noqa: SIM905
VOCAB = {word: index for index, word in enumerate(WORDS)}

Class = type[Any]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


def make(kind: Class = BertTokenizer, **kwargs: Any) -> Any:
    return kind(dict(VOCAB), **kwargs)


def both(**kwargs: Any) -> tuple[Any, Any]:
    return make(BertTokenizer, **kwargs), make(reference.BertTokenizer, **kwargs)


def plain(value: Any) -> Any:
    """Lists and numbers, with the kind of array written down; a dict as its pairs."""
    if isinstance(value, Mapping):
        return [(key, plain(column)) for key, column in value.items()]
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return ("ragged", value.shape, [plain(row) for row in value])
        return ("array", str(value.dtype), value.shape, value.tolist())
    return value


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return plain(call())
    except (TypeError, ValueError, OverflowError) as error:
        return ("error", OverflowError if isinstance(error, OverflowError) else ValueError, str(error)[:40])
    except (
        BaseException
    ) as error:  # the reference's errors from Rust, and its panic where a stride is too long
        if type(error).__name__ not in ("Exception", "PanicException"):
            raise
        return ("error", ValueError, str(error)[:40])


def assert_same(ours: Any, theirs: Any, call: Callable[[Any], Any], what: object) -> None:
    mine, expected = outcome(lambda: call(ours)), outcome(lambda: call(theirs))
    if isinstance(expected, tuple) and expected and expected[0] == "error":
        assert mine[:2] == expected[:2], (what, mine, expected)
    else:
        assert mine == expected, what


# Every parameter of a call

INPUTS: dict[str, tuple[Any, Any, bool]] = {
    "single": ("Hello worlds, 中文!", None, False),
    "empty": ("", None, False),
    "pair": ("hello world", "plays 中", False),
    "empty pair": ("hello", "", False),
    "batch": (["hello", "", "playing worlds 中文字 , . !", "[MASK] <x> [SEP]"], None, False),
    "batch of pairs": ([("hello", "world"), ("a b a b a", "中文字")], None, False),
    "mixed batch": (["hello", ("a b a b a", "中文字"), ["b", ""]], None, False),
    "batch and pairs": (["hello a b", "world"], ["play", "中文 中文 中文"], False),
    "words": (["Hello", "worlds", "中文", ""], None, True),
    "words pair": (["hello", "plays"], ["中文", "a"], True),
    "no words": ([], None, True),
    "words batch": ([["hello", "worlds"], [], ["中文字", "a", "b", "playing"]], None, True),
    "words batch of pairs": ([(["hello"], ["a", "b"]), (["中文"], ["plays"])], None, True),
    "tuple batch": (("hello", "a b a b"), None, False),
}

CUTS: list[dict[str, Any]] = [
    {},
    {"max_length": 5},
    {"truncation": True, "max_length": 6},
    {"truncation": True, "max_length": 2},
    {"truncation": True, "max_length": 3},
    {"truncation": True, "max_length": 1},
    {"truncation": "longest_first", "max_length": 8, "stride": 1},
    {"truncation": "only_first", "max_length": 7},
    {"truncation": "only_second", "max_length": 7},
    {"truncation": False, "max_length": 4},
    {"truncation": True},
]
PADS: list[dict[str, Any]] = [
    {},
    {"padding": True},
    {"padding": "longest", "pad_to_multiple_of": 4},
    {"padding": "longest", "padding_side": "left"},
    {"padding": "max_length", "max_length": 8},
    {"padding": "max_length", "max_length": 8, "pad_to_multiple_of": 8, "padding_side": "left"},
    {"padding": "max_length", "max_length": 6, "pad_to_multiple_of": 4},
    {"padding": "max_length"},
    {"padding": "do_not_pad", "pad_to_multiple_of": 8},
]
RETURNS: list[dict[str, Any]] = [
    {},
    {"return_tensors": "np"},
    {"return_token_type_ids": False, "return_attention_mask": False},
    {"return_overflowing_tokens": True, "return_length": True, "return_offsets_mapping": True},
    {"return_special_tokens_mask": True, "return_length": True, "return_tensors": "np"},
    {"return_overflowing_tokens": True, "return_tensors": "np", "return_attention_mask": False},
    {"add_special_tokens": False, "return_length": True},
    {"add_special_tokens": False, "return_tensors": "np", "return_token_type_ids": True},
]


@pytest.mark.parametrize("shape", INPUTS)
@pytest.mark.parametrize("model_max_length", [None, 7])
def test_call(shape: str, model_max_length: int | None) -> None:
    text, pair, words = INPUTS[shape]
    extra = {} if model_max_length is None else {"model_max_length": model_max_length}
    ours, theirs = both(**extra)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cut, pad, returns in itertools.product(CUTS, PADS, RETURNS):
            kwargs = {**pad, **cut, **returns, "is_split_into_words": words}
            assert_same(ours, theirs, lambda t, k=kwargs: t(text, pair, **k), (text, pair, kwargs))


@pytest.mark.parametrize("side", ["left", "right"])
def test_sides(side: str) -> None:
    ours, theirs = both(truncation_side=side, padding_side=side)
    for text, pair, words in INPUTS.values():
        for windows, strategy in itertools.product([False, True], [True, "only_first"]):
            kwargs = {
                "is_split_into_words": words,
                "return_overflowing_tokens": windows,
                "truncation": strategy,
                "max_length": 8,
                "stride": 1,
                "padding": True,
            }
            call = lambda t, a=text, b=pair, k=kwargs: t(a, b, **k)  # noqa: E731
            assert_same(ours, theirs, call, (text, pair, kwargs))


PIECES = [
    "hello",
    "Worlds",
    "playing",
    "中文",
    "é",
    "[MASK]",
    "[SEP]",
    "<x>",
    "'t",
    "\u0301",
    "\t",
    "x" * 101,
    "🙂",
    "",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join) | st.text(max_size=20).filter(
    lambda text: not any(0xD800 <= ord(char) < 0xE000 for char in text)
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "add_special_tokens": st.booleans(),
        "padding": st.sampled_from([True, False, "longest", "max_length", "do_not_pad"]),
        "truncation": st.sampled_from([True, False, None, "longest_first", "only_first", "only_second"]),
        "max_length": st.sampled_from([None, 0, 1, 2, 3, 5, 8, 16]),
        "stride": st.sampled_from([0, 0, 1]),
        "pad_to_multiple_of": st.sampled_from([None, 1, 4]),
        "padding_side": st.sampled_from([None, "left", "right"]),
        "return_tensors": st.sampled_from([None, "np"]),
        "return_token_type_ids": st.sampled_from([None, True, False]),
        "return_attention_mask": st.sampled_from([None, True, False]),
        "return_overflowing_tokens": st.booleans(),
        "return_special_tokens_mask": st.booleans(),
        "return_offsets_mapping": st.booleans(),
        "return_length": st.booleans(),
        "split_special_tokens": st.booleans(),
    },
)
OURS, THEIRS = both(model_max_length=9)


@given(
    st.lists(st.one_of(TEXT, st.tuples(TEXT, TEXT)), min_size=1, max_size=4)
    | TEXT
    | st.tuples(TEXT, TEXT).map(list),
    OPTIONS,
)
@settings(max_examples=400, deadline=None)
def test_call_on_anything(text: Any, kwargs: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(OURS, THEIRS, lambda t: t(text, **kwargs), (text, kwargs))


@given(st.lists(st.lists(TEXT, max_size=4), min_size=1, max_size=3), OPTIONS)
@settings(max_examples=150, deadline=None)
def test_words_on_anything(words: Any, kwargs: dict[str, Any]) -> None:
    kwargs = {**kwargs, "is_split_into_words": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(OURS, THEIRS, lambda t: t(words, **kwargs), (words, kwargs))
        assert_same(OURS, THEIRS, lambda t: t(words[0], **kwargs), (words[0], kwargs))


def test_targets() -> None:
    ours, theirs = both()
    calls: list[Callable[[Any], Any]] = [
        lambda t: t("hello", text_target="world"),
        lambda t: t(text_target=["world", "a b"]),
        lambda t: t(
            ["hello"], text_target=["world s"], padding="max_length", max_length=6, return_tensors="np"
        ),
        lambda t: t("hello world", text_target="world hello", max_length=3, max_target_length=4),
        lambda t: t("hello", text_target="a", text_pair_target="b"),
        lambda t: t(),
    ]
    for number, call in enumerate(calls):
        assert_same(ours, theirs, call, number)


def test_tokenizer_kwargs_win() -> None:
    ours, theirs = both()
    for given_kwargs in ({"padding": "max_length", "max_length": 6}, {"add_special_tokens": False}, {}):
        assert_same(
            ours,
            theirs,
            lambda t, k=given_kwargs: t("hello world", padding=False, tokenizer_kwargs=k),
            given_kwargs,
        )
    assert ours("[SEP]", tokenizer_kwargs={"split_special_tokens": True})["input_ids"] == [2, 1, 1, 1, 3]


def test_split_special_tokens() -> None:
    ours, theirs = both()
    assert_same(ours, theirs, lambda t: t("a [SEP] [MASK] <x>", split_special_tokens=True), "argument")
    ours, theirs = both(split_special_tokens=True)
    assert_same(ours, theirs, lambda t: t("a [SEP] [MASK]"), "attribute")
    assert_same(
        ours, theirs, lambda t: t("a [SEP] [MASK]", split_special_tokens=False), "attribute and argument"
    )
    assert_same(ours, theirs, lambda t: t.tokenize("a [SEP]"), "tokenize")
    ours, theirs = both()
    for tokenizer in (ours, theirs):
        tokenizer.backend_tokenizer.encode_special_tokens = True
    assert_same(ours, theirs, lambda t: t("a [SEP]"), "the backend's own setting does not count")


def test_specials() -> None:
    tokenizer = make()
    ids = tokenizer("[SEP] [MASK]", add_special_tokens=False, specials=["[MASK]"])["input_ids"]
    assert 3 not in ids
    assert 4 in ids
    assert (
        tokenizer("[SEP]", specials="text")["input_ids"]
        == tokenizer("[SEP]", split_special_tokens=True)["input_ids"]
    )
    with pytest.raises(ValueError, match=r"\[SEP\]"):
        tokenizer(["a", "x [SEP]"], specials="error")
    with pytest.raises(ValueError, match="specials"):
        tokenizer("a", specials="no such policy")


def test_strategies_may_be_transformers_enums() -> None:
    from transformers.tokenization_utils_base import TruncationStrategy
    from transformers.utils import PaddingStrategy, TensorType

    tokenizer = make()
    encoded = tokenizer(
        ["hello", "a b a b a b"],
        padding=PaddingStrategy.MAX_LENGTH,
        truncation=TruncationStrategy.ONLY_FIRST,
        max_length=6,
        return_tensors=TensorType.NUMPY,
    )
    assert encoded["input_ids"].shape == (2, 6)


def test_encode_and_tokenize() -> None:
    ours, theirs = both()
    calls: list[Callable[[Any], Any]] = [
        lambda t: t.encode("hello worlds"),
        lambda t: t.encode("hello", "world", add_special_tokens=False),
        lambda t: t.encode(["hello", "world a"]),
        lambda t: t.encode(["hello", "world"], is_split_into_words=True),
        lambda t: t.encode("hello", return_tensors="np"),
        lambda t: t.encode("hello", padding=True, pad_to_multiple_of=8, padding_side="left"),
        lambda t: t.encode("a b a b a b", truncation=True, max_length=5),
        lambda t: t.encode("a b a b a b", max_length=5, return_overflowing_tokens=True, stride=1),
        lambda t: t.tokenize("Hello worlds é [MASK]"),
        lambda t: t.tokenize("hello", pair="world", add_special_tokens=True),
        lambda t: t.tokenize(["hello", "world"]),
        lambda t: t.tokenize(["hello", "worlds"], is_split_into_words=True),
    ]
    for number, call in enumerate(calls):
        assert_same(ours, theirs, call, number)


# Decoding and tokens


def test_decode() -> None:
    ours, theirs = both()
    calls: list[Callable[[Any], Any]] = [
        lambda t: t.decode([2, 5, 6, 7, 3]),
        lambda t: t.decode([2, 5, 6, 7, 3], skip_special_tokens=True),
        lambda t: t.decode(5),
        lambda t: t.decode([]),
        lambda t: t.decode([[2, 5], [6]]),
        lambda t: t.decode(np.array([[2, 5], [6, 7]])),
        lambda t: t.decode(np.array([2, 5])),
        lambda t: t.decode([np.array([2, 5]), np.array([6])]),
        lambda t: t.decode(np.int64(5)),
        lambda t: t.decode(t("hello")),
        lambda t: t.decode([1000, 5]),
        lambda t: t.decode([-1]),
        lambda t: t.decode([5, 10, 5, 11, 13, 14, 15], clean_up_tokenization_spaces=True),
        lambda t: t.batch_decode([5, 6]),
        lambda t: t.batch_decode([[5, 6], []], skip_special_tokens=True),
        lambda t: t.batch_decode(np.array([[5, 3], [6, 0]]), skip_special_tokens=True),
        lambda t: t.batch_decode([[5, 12]], clean_up_tokenization_spaces=True),
        lambda t: t.clean_up_tokenization("a ' b n't it 's ! ? . , 've 're 'm"),
        lambda t: t.convert_tokens_to_ids(["hello", "nowhere"]),
        lambda t: t.convert_tokens_to_ids("nowhere"),
        lambda t: t.convert_ids_to_tokens([5, 2, 99], skip_special_tokens=True),
        lambda t: t.convert_ids_to_tokens(5),
        lambda t: t.convert_ids_to_tokens(np.array([5, 6])),
        lambda t: t.convert_tokens_to_string(["hello", "##s", ","]),
        lambda t: t.get_special_tokens_mask([2, 5, 3], already_has_special_tokens=True),
        lambda t: t.get_special_tokens_mask([2], [3], already_has_special_tokens=True),
        lambda t: [t.num_special_tokens_to_add(), t.num_special_tokens_to_add(pair=True)],
    ]
    for number, call in enumerate(calls):
        assert_same(ours, theirs, call, number)
    ours, theirs = both(clean_up_tokenization_spaces=True)
    assert_same(ours, theirs, lambda t: t.decode([5, 12]), "attribute")


def test_decode_without_spaces_between_han() -> None:
    assert make().decode([16, 17, 5], cjk_spacing=False) == "中文 hello"
    assert make().batch_decode([[16, 17]], cjk_spacing=False) == ["中文"]


def test_batch_decode_of_nothing() -> None:
    assert make().batch_decode([]) == []


# Special and added tokens

NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]


def token_state(tokenizer: Any) -> dict[str, Any]:
    return {
        **{name: getattr(tokenizer, name) for name in NAMES},
        **{f"{name}_id": getattr(tokenizer, f"{name}_id") for name in NAMES},
        "map": tokenizer.special_tokens_map,
        "all": tokenizer.all_special_tokens,
        "ids": tokenizer.all_special_ids,
        "extra": tokenizer.extra_special_tokens,
        "extra ids": tokenizer.extra_special_tokens_ids,
        "added": {index: repr(token) for index, token in tokenizer.added_tokens_decoder.items()},
        "encoder": tokenizer.added_tokens_encoder,
        "added vocab": tokenizer.get_added_vocab(),
        "sizes": (len(tokenizer), tokenizer.vocab_size, len(tokenizer.get_vocab()), len(tokenizer.vocab)),
        "repr": repr(tokenizer),
        "ids of a text": tokenizer("hello [MASK] <x> <new>y <b> [SEP]")["input_ids"],
        "decoded": tokenizer.decode(list(range(len(tokenizer))), skip_special_tokens=True),
    }


def assert_same_tokens(ours: Any, theirs: Any) -> None:
    assert token_state(ours) == token_state(theirs)


def token_of(tokenizer: Any, *args: Any, **kwargs: Any) -> Any:
    kind = reference.AddedToken if type(tokenizer).__module__.startswith("transformers") else AddedToken
    return kind(*args, **kwargs)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: None,
        lambda t: t.add_tokens(["<new>", "hello", "<new>"]),
        lambda t: t.add_tokens("<b>"),
        lambda t: t.add_tokens([]),
        lambda t: t.add_tokens(token_of(t, "<new>", lstrip=True, single_word=True)),
        lambda t: t.add_tokens(["<new>"], special_tokens=True),
        lambda t: t.add_special_tokens({"bos_token": "<new>", "mask_token": "<x>"}),
        lambda t: t.add_special_tokens({"mask_token": token_of(t, "<x>", lstrip=True)}),
        lambda t: t.add_special_tokens({"extra_special_tokens": ["<new>", "<b>"]}),
        lambda t: t.add_special_tokens({"additional_special_tokens": ["<new>"]}),
        lambda t: (
            t.add_special_tokens({"extra_special_tokens": ["<new>"]}),
            t.add_special_tokens(
                {"extra_special_tokens": ["<b>", "<new>"]}, replace_extra_special_tokens=False
            ),
        ),
        lambda t: (
            t.add_special_tokens({"extra_special_tokens": ["<new>"]}),
            t.add_special_tokens({"extra_special_tokens": ["<b>"]}),
        ),
        lambda t: t.add_special_tokens({}),
        lambda t: t.add_special_tokens({"no_such_role": "a"}),
        lambda t: t.add_special_tokens({"pad_token": 5}),
        lambda t: t.add_special_tokens({"extra_special_tokens": "<b>"}),
        lambda t: setattr(t, "pad_token", "hello"),
        lambda t: setattr(t, "pad_token", None),
        lambda t: setattr(t, "pad_token", 7),
        lambda t: setattr(t, "bos_token_id", 5),
        lambda t: setattr(t, "eos_token", "nowhere"),
        lambda t: setattr(t, "extra_special_tokens", ["<x>"]),
        lambda t: setattr(t, "extra_special_tokens", None),
        lambda t: setattr(t, "extra_special_tokens_ids", [5]),
    ],
)
def test_changing_tokens(change: Callable[[Any], Any]) -> None:
    ours, theirs = both()
    assert_same(ours, theirs, change, change)
    assert_same_tokens(ours, theirs)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"mask_token": "<x>", "unk_token": "hello"},
        {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<p>"},
        {"bos_token": "<s>", "eos_token": "[SEP]"},
        {"extra_special_tokens": ["<new>", "<x>"]},
        {"additional_special_tokens": ["<new>"]},
        {"do_lower_case": False, "strip_accents": True},
        {"tokenize_chinese_chars": False},
        {"padding_side": "left", "truncation_side": "left", "model_max_length": 12},
        {"max_len": 5},
        {"model_input_names": ["input_ids"]},
        {"pad_token": 5},
        {"padding_side": "up"},
        {"extra_special_tokens": 5},
    ],
)
def test_construction(kwargs: dict[str, Any]) -> None:
    mine = outcome(lambda: token_state(make(BertTokenizer, **kwargs)))
    assert mine == outcome(lambda: token_state(make(reference.BertTokenizer, **kwargs)))


def test_model_specific_tokens() -> None:
    ours, theirs = both(image_token="<x>", extra_special_tokens={"audio_token": "<au>"})
    for tokenizer in (ours, theirs):
        assert (tokenizer.image_token, tokenizer.image_token_id) == ("<x>", 20)
        assert tokenizer.audio_token_id == len(VOCAB)
        tokenizer.image_token = "hello"
        assert tokenizer.image_token_id == 5
    assert_same_tokens(ours, theirs)
    with pytest.raises(AttributeError, match="no attribute nonsense"):
        ours.nonsense  # noqa: B018


def test_classes() -> None:
    names = ["Bert", "DistilBert", "Electra", "MobileBert"]
    for name, suffix in itertools.product(names, ["", "Fast"]):
        mine = getattr(fasttok, f"{name}Tokenizer{suffix}")
        theirs = getattr(reference, f"{name}Tokenizer{suffix}", None) or getattr(
            reference, f"{name}Tokenizer"
        )
        assert mine.model_input_names == theirs.model_input_names
        assert list(mine(VOCAB)("hello")) == list(theirs(dict(VOCAB))("hello"))


def test_properties() -> None:
    ours, theirs = both(model_max_length=20)
    names = [
        "is_fast",
        "padding_side",
        "truncation_side",
        "model_input_names",
        "model_max_length",
        "name_or_path",
    ]
    names += ["max_len_single_sentence", "max_len_sentences_pair", "pad_token_type_id", "add_bos_token"]
    names += [
        "add_eos_token",
        "do_lower_case",
        "strip_accents",
        "tokenize_chinese_chars",
        "split_special_tokens",
    ]
    names += [
        "clean_up_tokenization_spaces",
        "chat_template",
        "can_save_slow_tokenizer",
        "init_inputs",
        "init_kwargs",
    ]
    for name in names:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert bool(ours)
    assert ours.backend_tokenizer.token_to_id("hello") == 5
    assert isinstance(ours.decoder, fasttok.decoders.WordPiece)
    assert make().model_max_length == make(reference.BertTokenizer).model_max_length


def test_no_vocabulary_gives_the_five_special_tokens() -> None:
    assert_same_tokens(BertTokenizer(), reference.BertTokenizer())


def test_bos_and_eos() -> None:
    ours, theirs = both(bos_token="hello", eos_token="world")
    for tokenizer in (ours, theirs):
        tokenizer.add_bos_token = True
    assert_same(ours, theirs, lambda t: t("a", "b"), "bos")
    for tokenizer in (ours, theirs):
        tokenizer.add_eos_token = True
    assert_same(ours, theirs, lambda t: t("a", "b"), "bos and eos")


# Padding of ids


def test_pad() -> None:
    ours, theirs = both(model_max_length=6)
    rows = {"input_ids": [[2, 5, 3], [2, 3]], "token_type_ids": [[0, 0, 0], [0, 1]]}
    masked = {
        "input_ids": [[2, 5], [3]],
        "attention_mask": [[1, 0], [1]],
        "special_tokens_mask": [[1, 0], [1]],
    }
    inputs: list[Any] = [
        rows,
        masked,
        {"input_ids": [2, 5, 3]},
        [{"input_ids": [2, 5, 3]}, {"input_ids": [2]}],
        {"input_ids": [[], [2]]},
        {"input_ids": []},
        {"input_ids": [np.array([2, 5]), np.array([3])]},
        [{"input_ids": [2, 5], "labels": 1}, {"input_ids": [2], "labels": 0}],
        {"x": [1]},
        {"input_ids": [["a"]]},
    ]
    options: list[dict[str, Any]] = [
        {},
        {"padding": False},
        {"padding": "longest", "pad_to_multiple_of": 4},
        {"padding": "max_length", "max_length": 5, "padding_side": "left"},
        {"padding": "max_length"},
        {"padding": "max_length", "max_length": 1},
        {"return_attention_mask": False},
        {"return_attention_mask": True},
        {"return_tensors": "np"},
    ]
    for given_inputs, kwargs in itertools.product(inputs, options):
        call = lambda t, g=given_inputs, k=kwargs: t.pad(copy.deepcopy(g), **k)  # noqa: E731
        assert_same(ours, theirs, call, (given_inputs, kwargs))


def test_pad_leaves_its_argument_alone() -> None:
    rows = {"input_ids": [[2, 5, 3], [2, 3]], "attention_mask": [[1, 1, 1], [1, 1]]}
    before = copy.deepcopy(rows)
    make().pad(rows)
    assert rows == before


def test_pad_errors() -> None:
    tokenizer = make()
    with pytest.raises(ValueError, match="different batch size"):
        tokenizer.pad({"input_ids": [[1], [2]], "labels": [1]})
    with pytest.raises(InputError, match="list of int"):
        tokenizer.pad([1, 2])
    with pytest.raises(InputError, match="float"):
        tokenizer.pad({"input_ids": [1.5]})
    assert tokenizer.pad([]) == {"input_ids": []}
    row = tokenizer.pad({"input_ids": np.array([2, 3])}, padding="max_length", max_length=3)
    assert row["input_ids"].tolist() == [2, 3, 0]  # one row as an array; the reference refuses it


def test_pad_as_a_collator_does() -> None:
    ours, theirs = both()
    rows = ["hello world", "a", "中文字 a b"]
    features = [ours(row) for row in rows]
    expected = theirs.pad([theirs(row) for row in rows], return_tensors="np")
    assert plain(ours.pad(features, return_tensors="np")) == plain(expected)


# Wrong input

WRONG = [None, math.nan, 5, b"a", {"a": 1}, ["a", "b", "c"], [["a"]], object()]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("row", [0, 2])
@pytest.mark.parametrize(
    "options", [{}, {"padding": True, "return_tensors": "np"}, {"return_offsets_mapping": True}], ids=str
)
def test_wrong_type_in_a_row(wrong: Any, row: int, options: dict[str, Any]) -> None:
    tokenizer = make()
    rows: list[Any] = ["hello", "world", "a"]
    rows[row] = wrong
    for kwargs in ({"text": rows}, {"text": "a", "text_target": rows}):
        name = "text_target" if "text_target" in kwargs else "text"
        found = "None" if wrong is None else type(wrong).__name__
        with pytest.raises(InputError) as caught:
            tokenizer(**kwargs, **options)
        assert f"{name}[{row}] is {found}" in str(caught.value)
        assert "expected str" in str(caught.value)
    with pytest.raises(InputError, match=rf"text_pair\[{row}\] is"):
        tokenizer(["a", "b", "c"], rows, **options)
    assert tokenizer("hello")["input_ids"] == [2, 5, 3]  # still usable


def test_wrong_row_far_down_is_described() -> None:
    rows: list[Any] = ["hello"] * 2000
    rows[1742] = math.nan
    with pytest.raises(TypeError, match=r"text\[1742\] is float \(nan\); expected str"):
        make()(rows)


def test_wrong_container() -> None:
    tokenizer = make()
    for wrong in (5, {"a": 1}, b"a", {"a"}, np.array(["a"])):
        with pytest.raises(
            ValueError, match=r"^text input must be of type `str` \(single example\).*text is"
        ):
            tokenizer(wrong)
        with pytest.raises(ValueError, match=r"^text input must be of type `str`.*text_pair is"):
            tokenizer("a", wrong)
    with pytest.raises(TypeError, match="when tokenizing batches of text, `text_pair` must be a list"):
        tokenizer(["a"], "b")
    with pytest.raises(
        ValueError, match=r"batch length of `text`: 2 does not match batch length of `text_pair`: 1\."
    ):
        tokenizer(["a", "b"], ["c"])
    with pytest.raises(InputError, match=r"text_pair is list of 1"):
        tokenizer("a", ["b"])


def test_wrong_words() -> None:
    tokenizer = make()
    with pytest.raises(InputError, match=r"PreTokenizedInputSequence must be.*text\[1\]\[1\] is int"):
        tokenizer([["a"], ["b", 3]], is_split_into_words=True)
    with pytest.raises(InputError, match=r"text is str .* a text is a list of words"):
        tokenizer("a b", is_split_into_words=True)
    with pytest.raises(InputError, match=r"text\[1\] is int"):
        tokenizer(["a", 3], is_split_into_words=True)


def test_bytes_are_refused_at_any_depth() -> None:
    tokenizer = make()
    for rows, words in (
        ([("a", b"b")], False),
        ([(b"a", "b")], False),
        ([["a", b"b"]], True),
        ([(["a"], ["b", b"c"])], True),
    ):
        for options in ({}, {"return_token_type_ids": False}, {"padding": True}):
            with pytest.raises(InputError, match="is bytes"):
                tokenizer(rows, is_split_into_words=words, **options)


def test_lone_surrogates_are_refused() -> None:
    tokenizer = make()
    for text in ("\ud800", ["a", "b\udfff"]):
        with pytest.raises(TypeError):
            tokenizer(text)
    assert tokenizer("a")["input_ids"] == [2, 21, 3]


def test_wrong_settings() -> None:
    tokenizer = make()
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (ValueError, "foo is not a valid PaddingStrategy, please select one of", {"padding": "foo"}),
        (ValueError, "foo is not a valid TruncationStrategy, please select one of", {"truncation": "foo"}),
        (ValueError, "tf is not a valid TensorType, please select one of", {"return_tensors": "tf"}),
        (ValueError, "Unknown `direction`: `up`", {"padding": True, "padding_side": "up"}),
        (OverflowError, "max_length", {"truncation": True, "max_length": -1}),
        (ValueError, "stride", {"truncation": True, "max_length": 4, "stride": 3}),
        (ValueError, "stride", {"truncation": True, "max_length": 4, "stride": 2}),
        (
            ValueError,
            "is not a multiple of",
            {"padding": True, "truncation": True, "max_length": 5, "pad_to_multiple_of": 4},
        ),
    ]
    for error, message, kwargs in cases:
        with pytest.raises(error, match=message):
            tokenizer("hello hello hello hello", **kwargs)
    tokenizer.pad_token = None
    with pytest.raises(ValueError, match=r"^Asking to pad but the tokenizer does not have a padding token"):
        tokenizer(["a"], padding=True)


def test_unknown_keyword_warns_once_at_the_callers_line() -> None:
    tokenizer = make()
    calls: list[Callable[[], Any]] = [
        lambda: tokenizer(["a"] * 100, nonsense=1, other=2),
        lambda: tokenizer.encode("a", nonsense=1, other=2),
        lambda: tokenizer.tokenize("a", nonsense=1, other=2),
        lambda: tokenizer.decode([5], nonsense=1, other=2),
        lambda: make(nonsense=1, other=2),
    ]
    for call in calls:
        with pytest.warns(UserWarning, match="nonsense, other") as caught:
            call()
        assert len(caught) == 1
        assert caught[0].filename == __file__


def test_ignored_max_length_warns() -> None:
    with pytest.warns(UserWarning, match="`max_length` is ignored when `padding`=`True`"):
        make()(["a"], padding=True, max_length=5, truncation=False)


def test_too_long_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    for options in ({}, {"return_tensors": "np"}, {"return_offsets_mapping": True}):
        tokenizer = make(model_max_length=3)
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="fasttok"):
            tokenizer("a", **options)
            tokenizer("a b", max_length=9, truncation=True, **options)
            tokenizer("a b", verbose=False, **options)
            assert not caplog.records
            tokenizer("a b", **options)
            tokenizer("a b", **options)
        assert len(caplog.records) == 1
        assert "(4 > 3)" in caplog.records[0].getMessage()


def test_empty_batch() -> None:
    tokenizer = make()
    assert tokenizer([]) == {"input_ids": [], "token_type_ids": [], "attention_mask": []}
    everything = tokenizer(
        [],
        return_tensors="np",
        return_length=True,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        return_overflowing_tokens=True,
    )
    shapes = {key: column.shape for key, column in everything.items()}
    assert shapes["input_ids"] == shapes["attention_mask"] == shapes["special_tokens_mask"] == (0, 0)
    assert shapes["length"] == shapes["overflow_to_sample_mapping"] == (0,)
    assert everything["input_ids"].dtype == np.int64


# Tensors of other libraries


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """PyTorch, or as much of its look as is used."""
    try:
        import torch as real

        yield real
        return
    except ImportError:
        pass

    class Tensor:
        def __init__(self, array: np.ndarray[Any, Any]) -> None:
            self.array = array

        def tolist(self) -> Any:
            return self.array.tolist()

        def to(self, device: Any, non_blocking: bool = False) -> str:
            return f"on {device}"

    fake = types.ModuleType("torch")
    fake.int64 = np.int64  # type: ignore[attr-defined]
    fake.device = type("device", (), {})  # type: ignore[attr-defined]
    fake.from_numpy = Tensor  # type: ignore[attr-defined]
    fake.is_tensor = lambda value: isinstance(value, Tensor)  # type: ignore[attr-defined]

    def tensor(value: Any, dtype: Any = None) -> Tensor:
        array = np.array(value, dtype=dtype)  # raises where rows differ in length, as torch does
        return Tensor(array)

    fake.tensor = tensor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", fake)
    yield fake


def test_torch(torch: Any) -> None:
    tokenizer = make()
    encoded = tokenizer(["hello", "a b"], padding=True, return_tensors="pt", return_length=True)
    assert torch.is_tensor(encoded["input_ids"])
    assert encoded["input_ids"].tolist() == [[2, 5, 3, 0], [2, 21, 22, 3]]
    assert encoded["length"].tolist() == [4, 4]
    assert tokenizer("hello", return_tensors="pt")["input_ids"].tolist() == [[2, 5, 3]]
    assert tokenizer(["a", "b"], return_tensors="pt")["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 1]]
    assert tokenizer([], return_tensors="pt")["input_ids"].tolist() == []
    with pytest.raises(ValueError, match="Unable to create tensor, you should probably activate truncation"):
        tokenizer(["a", "a b"], return_tensors="pt")


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="Unable to convert output to PyTorch tensors format"):
        make()("a", return_tensors="pt")
    monkeypatch.setitem(sys.modules, "mlx.core", None)
    with pytest.raises(ImportError, match="Unable to convert output to MLX tensors format"):
        make()("a", return_tensors="mlx")


def test_arrays_belong_to_the_caller() -> None:
    encoded = make()(["hello", "a b"], padding=True, return_tensors="np")
    for column in encoded.values():
        assert column.flags.writeable
        assert column.flags.c_contiguous
        assert column.dtype == np.int64


# Loading and saving

CONFIG = {
    "do_lower_case": False,
    "strip_accents": True,
    "model_max_length": 17,
    "tokenizer_class": "Foo",
    "foo": 3,
}
NEW = {
    "content": "<new>",
    "lstrip": False,
    "rstrip": False,
    "single_word": False,
    "normalized": True,
    "special": False,
}
X = {"content": "<x>", "lstrip": True, "rstrip": False, "single_word": False, "normalized": False}


def tokenizer_json(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(make(reference.BertTokenizer).backend_tokenizer.to_str())
    data.update(changes)
    return data


def added(index: int, content: str, special: bool = False) -> dict[str, Any]:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": not special}
    return {"id": index, "content": content, **flags, "special": special}


TXT = "\n".join(WORDS) + "\n"
FOLDERS: dict[str, dict[str, Any]] = {
    "vocab.txt": {"vocab.txt": TXT},
    "crlf": {"vocab.txt": TXT.replace("\n", "\r\n")},
    "no newline at the end": {"vocab.txt": TXT.rstrip("\n")},
    "duplicate lines": {"vocab.txt": TXT + "hello\nlast\n"},
    "blank line": {"vocab.txt": TXT.replace("play\n", "\nplay  \n")},
    "special tokens missing": {"vocab.txt": "[UNK]\nhello\n"},
    "config": {"vocab.txt": TXT, "tokenizer_config.json": CONFIG},
    "added_tokens_decoder": {
        "vocab.txt": TXT,
        "tokenizer_config.json": {
            **CONFIG,
            "added_tokens_decoder": {"20": {**X, "special": True}, "90": NEW},
            "mask_token": "<x>",
            "clean_up_tokenization_spaces": True,
            "additional_special_tokens": ["<b>"],
        },
        "special_tokens_map.json": {"mask_token": "hello"},  # not read: the config has the tokens
    },
    "special_tokens_map": {
        "vocab.txt": TXT,
        "special_tokens_map.json": {
            "mask_token": X,
            "extra_special_tokens": ["<b>", {**X, "content": "<c>"}],
        },
        "added_tokens.json": {"<new>": 24, "<b>": 23, "<x>": 20},
    },
    "tokens as dicts in the config": {
        "vocab.txt": TXT,
        "tokenizer_config.json": {"mask_token": {"__type": "AddedToken", **X}, "image_token": "<im>"},
    },
    "tokenizer.json": {"tokenizer.json": tokenizer_json()},
    "tokenizer.json wins over vocab.txt": {"tokenizer.json": tokenizer_json(), "vocab.txt": "[UNK]\nother\n"},
    "components of tokenizer.json": {
        "tokenizer.json": tokenizer_json(
            normalizer={
                "type": "BertNormalizer",
                "clean_text": True,
                "handle_chinese_chars": False,
                "strip_accents": None,
                "lowercase": False,
            },
            post_processor=None,
            decoder=None,
        )
    },
    "added tokens of tokenizer.json": {
        "tokenizer.json": tokenizer_json(
            added_tokens=[
                added(4, "[MASK]", True),
                added(20, "<x>", True),
                added(30, "<new>"),
                added(25, "<b>"),
            ]
        )
    },
    "truncation and padding of tokenizer.json": {
        "tokenizer.json": tokenizer_json(
            truncation={"direction": "Left", "max_length": 6, "strategy": "LongestFirst", "stride": 0},
            padding={
                "strategy": {"Fixed": 9},
                "direction": "Left",
                "pad_to_multiple_of": None,
                "pad_id": 0,
                "pad_type_id": 0,
                "pad_token": "[PAD]",
            },
        )
    },
    "old tokenizer.json": {
        "tokenizer.json": tokenizer_json(
            model={k: v for k, v in tokenizer_json()["model"].items() if k != "type"}, added_tokens=[]
        )
    },
    "chat template": {"vocab.txt": TXT, "chat_template.jinja": "{{ x }}"},
    "chat templates in the config": {
        "vocab.txt": TXT,
        "tokenizer_config.json": {
            "chat_template": [{"name": "default", "template": "a"}, {"name": "b", "template": "c"}]
        },
    },
}


def write(folder: Path, files: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / name).write_bytes(text.encode())
    return folder


def load_state(tokenizer: Any) -> dict[str, Any]:
    names = [
        "model_max_length",
        "padding_side",
        "truncation_side",
        "do_lower_case",
        "strip_accents",
        "chat_template",
    ]
    names += [
        "model_input_names",
        "clean_up_tokenization_spaces",
        "tokenize_chinese_chars",
        "extra_special_tokens",
    ]
    texts = ["Hello Worlds é [MASK] <x> <new>y <b> 中文", "last other"]
    return {
        **token_state(tokenizer),
        **{name: getattr(tokenizer, name) for name in names},
        "encoded": plain(tokenizer(texts, padding=True, return_offsets_mapping=True)),
        "pair": plain(tokenizer(*texts, truncation=True, max_length=7)),
        "components": {
            name: value
            for name, value in json.loads(tokenizer.backend_tokenizer.to_str()).items()
            if name not in ("truncation", "padding")
        },
    }


def saved(tokenizer: Any, folder: Path) -> dict[str, Any]:
    """What save_pretrained writes, without what depends on the place and on the network."""
    paths = tokenizer.save_pretrained(folder)
    assert all(Path(path).is_file() for path in paths)
    files: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_text("utf-8")
            files[str(path.relative_to(folder))] = json.loads(text) if path.suffix == ".json" else text
    files["tokenizer_config.json"].pop("local_files_only", None)
    files["returned"] = [str(Path(path).relative_to(folder)) for path in paths]
    for name in ("truncation", "padding"):  # the reference writes those of the last call
        files["tokenizer.json"].pop(name)
    return files


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize(
    "kwargs", [{}, {"do_lower_case": True, "mask_token": "[MASK]", "model_max_length": 3}], ids=str
)
def test_from_pretrained_and_save(name: str, kwargs: dict[str, Any], tmp_path: Path) -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)
    folder = write(tmp_path / "model", FOLDERS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what a file holds gives no warning
        ours = BertTokenizer.from_pretrained(folder, **kwargs)
    theirs = reference.BertTokenizer.from_pretrained(folder, **kwargs)
    assert load_state(ours) == load_state(theirs)
    mine = saved(ours, tmp_path / "ours")
    assert mine == saved(theirs, tmp_path / "theirs")
    # Each reads what the other wrote.
    again = load_state(BertTokenizer.from_pretrained(tmp_path / "ours"))
    expected = load_state(reference.BertTokenizer.from_pretrained(tmp_path / "theirs"))
    crossed = load_state(reference.BertTokenizer.from_pretrained(tmp_path / "ours"))
    for state in (again, expected, crossed):
        state.pop("repr")  # has the folder's name
    assert again == expected == crossed


def test_load_a_single_file(tmp_path: Path) -> None:
    write(tmp_path, {"my_words.txt": TXT, "tokenizer.json": tokenizer_json()})
    for name in ("my_words.txt", "tokenizer.json"):
        ours = BertTokenizer.from_pretrained(tmp_path / name, do_lower_case=False)
        theirs = reference.BertTokenizer.from_pretrained(str(tmp_path / name), do_lower_case=False)
        assert load_state(ours) == load_state(theirs)
    by_position, by_name = (
        BertTokenizer(tmp_path / "my_words.txt"),
        BertTokenizer(vocab_file=tmp_path / "my_words.txt"),
    )
    assert by_position.get_vocab() == by_name.get_vocab() == VOCAB


def test_load_from_a_subfolder(tmp_path: Path) -> None:
    write(tmp_path / "inner", {"vocab.txt": TXT})
    assert BertTokenizer.from_pretrained(tmp_path, subfolder="inner").get_vocab() == VOCAB


def test_non_ascii_path(tmp_path: Path) -> None:
    folder = write(tmp_path / "词表🙂", {"vocab.txt": TXT})
    assert BertTokenizer.from_pretrained(folder).get_vocab() == VOCAB


def test_save_with_prefix_and_vocabulary(tmp_path: Path) -> None:
    ours, theirs = both()
    mine = {Path(path).name for path in ours.save_pretrained(tmp_path / "a", filename_prefix="my")}
    assert mine == {Path(path).name for path in theirs.save_pretrained(tmp_path / "b", filename_prefix="my")}
    paths = ours.save_pretrained(tmp_path / "c", legacy_format=True)
    assert "vocab.txt" in {Path(path).name for path in paths}
    assert (tmp_path / "c" / "vocab.txt").read_text("utf-8") == TXT
    (path,) = ours.save_vocabulary(tmp_path / "c", "other")
    assert Path(path).name == "other-vocab.txt"
    with pytest.raises(NotADirectoryError):
        ours.save_vocabulary(tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError):
        ours.save_pretrained(path)
    with pytest.raises(NotImplementedError, match="upload_folder"):
        ours.save_pretrained(tmp_path / "d", push_to_hub=True)
    with pytest.raises(ValueError, match="save_format"):
        ours.save_pretrained(tmp_path / "d", save_format="mistral")


def test_saved_changes_come_back(tmp_path: Path) -> None:
    ours = make()
    ours.add_tokens([AddedToken("<new>", lstrip=True), "<b>"])
    ours.add_special_tokens({"bos_token": "<s>", "extra_special_tokens": ["<c>"]})
    ours.model_max_length = 33
    ours.save_pretrained(tmp_path)
    again = BertTokenizer.from_pretrained(tmp_path)
    theirs = reference.BertTokenizer.from_pretrained(tmp_path)
    expected = token_state(ours)
    for tokenizer in (again, theirs):
        assert tokenizer.model_max_length == 33
        state = token_state(tokenizer)
        assert {k: v for k, v in state.items() if k != "repr"} == {
            k: v for k, v in expected.items() if k != "repr"
        }


def damaged(**changes: Any) -> str:
    return json.dumps(tokenizer_json(**changes))


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        ({}, OSError, r"vocab\.txt"),
        ({"vocab.txt": ""}, FormatError, r"vocab\.txt"),
        ({"vocab.txt": "\n"}, FormatError, r"vocab\.txt"),
        ({"tokenizer.json": damaged()[:500]}, FormatError, r"tokenizer.json: line 1 column \d+"),
        ({"tokenizer.json": ""}, FormatError, "tokenizer.json: line 1"),
        ({"tokenizer.json": "[]"}, FormatError, "tokenizer.json: expected an object, found list"),
        ({"tokenizer.json": "{}"}, FormatError, "tokenizer.json: model: expected an object, found null"),
        (
            {"tokenizer.json": damaged(model={"vocab": 5})},
            FormatError,
            "model.vocab: expected an object, found int",
        ),
        (
            {"tokenizer.json": damaged(model={"vocab": {"a": "b"}})},
            FormatError,
            r"model.vocab\['a'\]: expected an id",
        ),
        (
            {"tokenizer.json": damaged(model={"vocab": {"a": -1}})},
            FormatError,
            r"model.vocab\['a'\]: expected an id",
        ),
        ({"tokenizer.json": damaged(added_tokens={})}, None, ""),
        (
            {"tokenizer.json": damaged(added_tokens={"a": 1})},
            FormatError,
            "added_tokens: expected a list, found dict",
        ),
        (
            {"tokenizer.json": damaged(added_tokens=[5])},
            FormatError,
            r"added_tokens\[0\]: expected an object",
        ),
        (
            {"tokenizer.json": damaged(added_tokens=[{"id": "a"}])},
            FormatError,
            r"added_tokens\[0\].id: expected an int",
        ),
        ({"tokenizer.json": damaged(added_tokens=[{"id": 1}])}, FormatError, r"added_tokens\[0\].content"),
        ({"tokenizer.json": damaged(truncation={"max_length": "a"})}, FormatError, "truncation.max_length"),
        ({"tokenizer.json": damaged(padding={"strategy": {"Foo": 1}})}, FormatError, "padding.strategy"),
        ({"vocab.txt": TXT, "tokenizer_config.json": "{"}, FormatError, "tokenizer_config.json: line 1"),
        (
            {"vocab.txt": TXT, "added_tokens.json": {"a": "b"}},
            FormatError,
            "added_tokens.json: 'a': expected an id",
        ),
        (
            {"vocab.txt": TXT, "special_tokens_map.json": {"mask_token": {}}},
            FormatError,
            "mask_token.content",
        ),
    ],
)
def test_damaged_files(
    files: dict[str, Any], error: type[Exception] | None, message: str, tmp_path: Path
) -> None:
    write(tmp_path, files)
    if error is None:
        BertTokenizer.from_pretrained(tmp_path)
        return
    with pytest.raises(error, match=message):
        BertTokenizer.from_pretrained(tmp_path)


def test_vocab_txt_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(b"[PAD]\n\xff\xfe\n")
    for load in (lambda: BertTokenizer(path), lambda: BertTokenizer.from_pretrained(tmp_path)):
        with pytest.raises(FormatError, match=r"vocab.txt: line 2"):
            load()
    with pytest.raises(OSError, match="nowhere"):
        BertTokenizer(tmp_path / "nowhere.txt")


def test_byte_order_mark_is_dropped_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TXT.encode())
    with pytest.warns(UserWarning, match="byte order mark"):
        tokenizer = BertTokenizer(path)
    assert tokenizer.get_vocab() == VOCAB


@pytest.mark.parametrize("vocab", [[("a", 0)], 5, {"a": "b"}, {5: 1}, {"a": -1}])
def test_wrong_vocabulary(vocab: Any) -> None:
    with pytest.raises((InputError, TypeError, ValueError), match="vocab"):
        BertTokenizer(vocab)


@pytest.mark.parametrize("name", ["/no/such/folder", "./nowhere", "a/b/c", "no-such-model", "no/such"])
def test_what_does_not_exist(name: str) -> None:
    with pytest.raises(OSError, match=name):
        BertTokenizer.from_pretrained(name)


def test_hub_is_asked_with_the_callers_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub
    from huggingface_hub.errors import EntryNotFoundError

    write(tmp_path, {"vocab.txt": TXT, "tokenizer_config.json": CONFIG})
    asked: list[dict[str, Any]] = []

    def download(repo_id: str, name: str, **options: Any) -> str:
        asked.append({"repo_id": repo_id, "name": name, **options})
        if not (tmp_path / name).is_file():
            raise EntryNotFoundError(name)
        return str(tmp_path / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    tokenizer = BertTokenizer.from_pretrained(
        "owner/model", revision="r", token="t", cache_dir=tmp_path, force_download=True
    )
    assert tokenizer.get_vocab() == VOCAB
    assert tokenizer.do_lower_case is False
    assert tokenizer.name_or_path == "owner/model"
    assert {call["repo_id"] for call in asked} == {"owner/model"}
    wanted = {
        "revision": "r",
        "token": "t",
        "cache_dir": str(tmp_path),
        "force_download": True,
        "local_files_only": False,
    }
    assert all(wanted.items() <= call.items() for call in asked)


def test_without_huggingface_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(OSError, match=r"pip install fasttok-native\[hub\]"):
        BertTokenizer.from_pretrained("owner/model")


def test_bundled_vocabularies() -> None:
    assert "zh-en-wordpiece" in bundled_names()
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    assert tokenizer.do_lower_case is False
    assert len(tokenizer) > 20_000
    text = "今天天气很好，我们去公园。 Hello!"
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    theirs = reference.BertTokenizer.from_pretrained(bundled_vocab("zh-en-wordpiece"))
    assert ids == theirs(text)["input_ids"]
    with pytest.raises(KeyError, match="zh-en-wordpiece"):
        bundled_vocab("nowhere")


# v4's calls


def test_v4_calls_for_texts() -> None:
    tokenizer = make()
    assert tokenizer.encode_plus("hello", "world", max_length=4, truncation=True) == tokenizer(
        "hello", "world", max_length=4, truncation=True
    )
    batch = [("hello", "world"), ("a", "b")]
    kwargs: dict[str, Any] = {"padding": True, "return_tensors": "np"}
    assert plain(tokenizer.batch_encode_plus(batch, **kwargs)) == plain(tokenizer(batch, **kwargs))


def test_v4_calls_for_ids() -> None:
    tokenizer = make()
    for first, second in (([5, 6], None), ([5, 6], [7, 8, 9]), ([], []), ([5], [])):
        built = tokenizer.build_inputs_with_special_tokens(first, second)
        types_built = tokenizer.create_token_type_ids_from_sequences(first, second)
        mask = tokenizer.get_special_tokens_mask(first, second)
        assert len(built) == len(types_built) == len(mask)
        assert [i for i, special in zip(built, mask, strict=True) if not special] == first + (second or [])
    assert tokenizer.build_inputs_with_special_tokens([5], [6]) == tokenizer("hello", "world")["input_ids"]
    assert (
        tokenizer.create_token_type_ids_from_sequences([5], [6])
        == tokenizer("hello", "world")["token_type_ids"]
    )


@pytest.mark.parametrize("strategy", [False, True, "only_first", "only_second"])
@pytest.mark.parametrize("padding", [False, True, "max_length"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_prepare_for_model_equals_a_call(strategy: bool | str, padding: bool | str, side: str) -> None:
    tokenizer = make(truncation_side=side, padding_side=side)
    first, second = "hello a b a b a", "world 中 文 字 中 文"
    for with_pair in (False, True):
        length = 11 if with_pair else 6  # of an odd rest v4 leaves the first text more, a call the second
        kwargs: dict[str, Any] = {
            "truncation": strategy,
            "padding": padding,
            "max_length": length,
            "verbose": False,
        }
        if strategy == "only_second" and not with_pair:
            continue
        ids = [tokenizer.encode(text, add_special_tokens=False) for text in (first, second)]
        prepared = tokenizer.prepare_for_model(ids[0], ids[1] if with_pair else None, **kwargs)
        assert prepared == tokenizer(first, second if with_pair else None, **kwargs)


def test_prepare_for_model_overflow() -> None:
    tokenizer = make()
    prepared = tokenizer.prepare_for_model(
        [5, 6, 21, 22],
        truncation=True,
        max_length=4,
        stride=1,
        return_overflowing_tokens=True,
        return_length=True,
    )
    assert prepared["input_ids"] == [2, 5, 6, 3]
    assert prepared["overflowing_tokens"] == [6, 21, 22]
    assert prepared["num_truncated_tokens"] == 2
    assert prepared["length"] == 4
    with pytest.raises(ValueError, match="Not possible to return overflowing tokens for pair"):
        tokenizer.prepare_for_model([5], [6], truncation=True, max_length=4, return_overflowing_tokens=True)
    with pytest.raises(ValueError, match="Asking to return token_type_ids"):
        tokenizer.prepare_for_model([5], add_special_tokens=False, return_token_type_ids=True)
    with pytest.raises(ValueError, match="second sequence has a length 0"):
        tokenizer.prepare_for_model([5, 6, 7], truncation="only_second", max_length=3)


# The object


def test_pickle_and_copy() -> None:
    tokenizer = make(model_max_length=3)
    tokenizer.add_tokens(["<new>"])
    before = pickle.dumps(tokenizer)
    tokenizer(["hello <new>"] * 3, padding=True, truncation=True, return_tensors="np")
    tokenizer("a a a a")
    assert pickle.dumps(tokenizer) == before
    for twin in (pickle.loads(before), copy.deepcopy(tokenizer), copy.copy(tokenizer)):
        assert token_state(twin) == token_state(tokenizer)
        assert twin("hello <new>") == tokenizer("hello <new>")


def test_calls_leave_no_trace() -> None:
    tokenizer = make()
    state = tokenizer.backend_tokenizer.to_str()
    tokenizer("a b a b", truncation=True, max_length=3, padding="max_length", split_special_tokens=True)
    assert tokenizer.backend_tokenizer.to_str() == state
    tokenizer.set_truncation_and_padding("max_length", "longest_first", 5, 1, None, "left")
    truncation, padding = tokenizer.backend_tokenizer.truncation, tokenizer.backend_tokenizer.padding
    assert truncation == {"max_length": 5, "stride": 1, "strategy": "longest_first", "direction": "right"}
    assert (padding["length"], padding["direction"]) == (5, "left")
    assert tokenizer("a b a b a b")["input_ids"] == [2, 21, 22, 21, 22, 21, 22, 3]  # no call depends on it
    pair = tokenizer([("a b a", "b a b")])
    assert pair["token_type_ids"] == [[0, 0, 0, 0, 0, 1, 1, 1, 1]]
    tokenizer.set_truncation_and_padding("do_not_pad", "do_not_truncate", None, 0, None, None)
    assert tokenizer.backend_tokenizer.truncation is None
    assert tokenizer.backend_tokenizer.padding is None


def test_encodings_after_a_change_are_those_of_the_call() -> None:
    tokenizer = make()
    rows = ["hello newword"]
    encoded = tokenizer(rows)
    tokenizer.add_tokens(["newword"])
    rows[0] = "changed"
    assert encoded.tokens(0) == ["[CLS]", "hello", "[UNK]", "[SEP]"]


def test_another_post_processor_is_followed() -> None:
    tokenizer = make()
    assert tokenizer(["a"])["token_type_ids"] == [[0, 0, 0]]
    tokenizer.backend_tokenizer.post_processor = fasttok.processors.TemplateProcessing(
        single="[CLS]:0 $A:1 [SEP]:2", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    assert tokenizer(["a"])["token_type_ids"] == [[0, 1, 2]]
    assert tokenizer("a")["token_type_ids"] == [0, 1, 2]
    assert tokenizer("a", add_special_tokens=False)["token_type_ids"] == [1]


def test_many_threads_on_one_object() -> None:
    tokenizer = make()
    texts = ["hello worlds 中文 playing a b a b", "a", "world"]
    jobs: list[dict[str, Any]] = [
        {"truncation": True, "max_length": length, "padding": padding, "return_offsets_mapping": offsets}
        for length in range(3, 11)
        for padding in (True, "max_length", False)
        for offsets in (True, False)
    ]
    expected = [plain(tokenizer(texts, **job)) for job in jobs]
    wrong: list[object] = []

    def work(seed: int) -> None:
        for turn in range(200):
            number = (turn * 7 + seed * 13) % len(jobs)
            try:
                if plain(tokenizer(texts, **jobs[number])) != expected[number]:
                    wrong.append(number)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_own_calls() -> None:
    tokenizer = make()
    assert tokenizer.encode_batch_flat(["hello", "a b"]).ids.tolist() == [2, 5, 3, 2, 21, 22, 3]
    assert tokenizer.count("hello world") == 4
    assert tokenizer.count("hello world", add_special_tokens=False) == 2
    assert tokenizer.count_batch(["hello", ""]).tolist() == [3, 2]
    assert tokenizer.fits("hello world", 4)
    assert not tokenizer.fits("hello world", 3)
    assert tokenizer.engine in ("bert", "generic")
    assert tokenizer.fingerprint() == make().fingerprint()


def test_not_yet() -> None:
    with pytest.raises(NotImplementedError, match="trainers"):
        make().train_new_from_iterator([["a"]], 100)


# Real vocabularies and texts

CALLS: list[dict[str, Any]] = [
    {},
    {"padding": True, "truncation": True, "max_length": 128, "return_tensors": "np"},
    {
        "padding": "max_length",
        "truncation": True,
        "max_length": 64,
        "return_tensors": "np",
        "padding_side": "left",
    },
    {"return_attention_mask": False, "return_token_type_ids": False},
    {
        "truncation": True,
        "max_length": 16,
        "stride": 4,
        "return_overflowing_tokens": True,
        "return_offsets_mapping": True,
    },
    {"return_special_tokens_mask": True, "return_offsets_mapping": True, "add_special_tokens": False},
]


@pytest.mark.parametrize(
    ("vocab", "corpus"), [("bert_zh", "zh_fewclue"), ("bert_en", "en_nltk"), ("bert_zh", "multi_udhr")]
)
def test_corpora(vocab: str, corpus: str, data_dir: Path, request: pytest.FixtureRequest) -> None:
    logging.getLogger("transformers").setLevel(logging.ERROR)
    folder = request.getfixturevalue(vocab)
    ours, theirs = BertTokenizer.from_pretrained(folder), reference.BertTokenizer.from_pretrained(folder)
    with (data_dir / "corpora" / f"{corpus}.txt").open(encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in itertools.islice(file, 600)]
    assert len(lines) > 100
    for kwargs in CALLS:
        assert plain(ours(lines, verbose=False, **kwargs)) == plain(theirs(lines, verbose=False, **kwargs))
    pairs = list(itertools.pairwise(lines))
    assert plain(ours(pairs, truncation=True, max_length=40)) == plain(
        theirs(pairs, truncation=True, max_length=40)
    )
    ids = ours(lines, verbose=False)["input_ids"]
    assert ours.batch_decode(ids, skip_special_tokens=True) == theirs.batch_decode(
        ids, skip_special_tokens=True
    )
    assert [ours.encode(line, verbose=False) for line in lines[:100]] == ids[:100]

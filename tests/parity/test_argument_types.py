"""Odd types of arguments (NumPy's, subclasses of str, wrong ones) mean what they mean to the reference."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tokenizers as reference

import fasttok


class Text(str):
    __slots__ = ()


def tokenizer_of(package: ModuleType) -> Any:
    model = package.models.BPE({"a": 0, "b": 1, "ab": 2, "c": 3}, [("a", "b")])
    tokenizer = package.Tokenizer(model)
    tokenizer.pre_tokenizer = package.pre_tokenizers.Whitespace()
    return tokenizer


def setting(value: Any, name: str, new: object) -> Any:
    setattr(value, name, new)
    return type(getattr(value, name)), getattr(value, name)


def encoding_of(state: bytes, package: ModuleType) -> Any:
    """An Encoding that has been something else before."""
    encoding = tokenizer_of(package).encode("c c c")
    encoding.__setstate__(state)
    return encoding.ids, encoding.tokens, encoding.offsets, encoding.word_ids


class Halves:
    def pre_tokenize(self, text: Any) -> None:
        text.split(lambda i, part: [part[:1], part[1:]])

    def normalize(self, text: Any) -> None:
        text.lowercase()


CALLS: dict[str, Callable[[ModuleType], Any]] = {
    # NumPy's bool is a bool
    "bool": lambda p: p.normalizers.BertNormalizer(np.True_, np.False_, np.True_, np.bool_(1)).__getstate__(),
    "bool set": lambda p: setting(p.normalizers.Strip(), "left", np.False_),
    "bool of a tokenizer": lambda p: setting(tokenizer_of(p), "encode_special_tokens", np.True_),
    "bool of a token": lambda p: repr(p.AddedToken("a", lstrip=np.True_)),
    "bool to a processor": lambda p: p.processors.ByteLevel().num_special_tokens_to_add(np.True_),
    # a subclass of str gives a str
    "str set": lambda p: setting(p.normalizers.Prepend("x"), "prepend", Text("y")),
    "NumPy's str set": lambda p: setting(p.decoders.WordPiece(), "prefix", np.str_("y")),
    # arrays are sequences
    "array of tokens": lambda p: p.decoders.Fuse().decode(np.array(["a", "b"])),
    "array of ids": lambda p: (
        p.decoders.DecodeStream(np.array([0])).step(tokenizer_of(p), np.array([1, 2])),
        p.decoders.DecodeStream([0]).step(tokenizer_of(p), np.int64(2)),
    ),
    "array as a template": lambda p: p.processors.TemplateProcessing(np.array(["$A", "$A:1"])).single,
    "array of bytes": lambda p: p.normalizers.Precompiled(np.zeros(4, dtype=np.int64)).__getstate__(),
    "list of bytes": lambda p: p.normalizers.Precompiled([0, 0, 0, 0]).__getstate__(),
    "array of characters": lambda p: p.trainers.BpeTrainer(initial_alphabet=np.array(["a"])).__getstate__(),
    # nothing stands for something else because it is false
    "false tokens": lambda p: p.processors.TemplateProcessing("$A", special_tokens=0),
    "false special tokens": lambda p: p.trainers.BpeTrainer(special_tokens=False),
    "false vocabulary": lambda p: p.models.BPE(0, []),
    "vocabulary alone": lambda p: p.models.BPE(1),
    "number as bytes": lambda p: p.normalizers.Precompiled(np.int64(3)),
    "byte too large": lambda p: p.normalizers.Precompiled([256, 0, 0, 0]),
    "no bool": lambda p: tokenizer_of(p).get_vocab(1),
    "no bool for a size": lambda p: tokenizer_of(p).get_vocab_size("yes"),
    "no skipping": lambda p: p.decoders.DecodeStream([0], None).step(tokenizer_of(p), 2),
    "no tokenizer": lambda p: p.decoders.DecodeStream().step("tokenizer", 1),
    "str as ids": lambda p: p.decoders.DecodeStream().step(tokenizer_of(p), "1"),
    "surrogate in a template": lambda p: p.processors.TemplateProcessing("\ud800"),
    # encodings
    "merging what is none": lambda p: p.Encoding.merge([tokenizer_of(p).encode("a"), 5]),
    "merging a str": lambda p: p.Encoding.merge("ab"),
    "state": lambda p: encoding_of(tokenizer_of(p).encode("ab c").__getstate__(), p),
    "state that is no JSON": lambda p: encoding_of(b"x", p),
    "state of nothing": lambda p: encoding_of(b"{}", p),
    "state of wrong type": lambda p: encoding_of("{}", p),  # type: ignore[arg-type]
    "state of a component": lambda p: p.normalizers.NFC().__setstate__('{"type":"NFC"}'),
    "state of a tokenizer": lambda p: tokenizer_of(p).__setstate__("{}"),
    "state of a trainer": lambda p: p.trainers.BpeTrainer().__setstate__("{}"),
    "pickle": lambda p: pickle.loads(pickle.dumps(tokenizer_of(p).encode("ab c"))).tokens,
    # names of arguments that the reference takes, whatever its text says
    "s": lambda p: p.pre_tokenizers.Whitespace().pre_tokenize_str(s="a b"),
    "pre_tokenizers": lambda p: p.pre_tokenizers.Sequence(pre_tokenizers=[]).__getstate__(),
    "decoders_py": lambda p: repr(p.decoders.Sequence(decoders_py=[p.decoders.Fuse()])),
    "processors_py": lambda p: repr(p.processors.Sequence(processors_py=[])),
    "s of Regex": lambda p: p.pre_tokenizers.Split(p.Regex(s="b+"), "removed").pre_tokenize_str("abbc"),
    "s of PreTokenizedString": lambda p: p.PreTokenizedString(s="ab").get_splits(),
    "obj": lambda p: p.normalizers.Normalizer.custom(obj=Halves()).normalize_str("A"),
    "pretok": lambda p: p.pre_tokenizers.PreTokenizer.custom(pretok=Halves()).pre_tokenize_str("ab"),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_reference(name: str) -> None:
    results = []
    for package in (reference, fasttok):
        try:
            results.append(CALLS[name](package))
        except Exception as error:
            results.append(error)
    theirs, ours = results
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), f"{ours!r}, not {theirs!r}"
    else:
        assert ours == theirs


@pytest.mark.parametrize(
    "custom",
    [
        fasttok.decoders.Decoder.custom(Halves()),
        fasttok.normalizers.Normalizer.custom(Halves()),
        fasttok.pre_tokenizers.PreTokenizer.custom(Halves()),
    ],
    ids=["decoder", "normalizer", "pre_tokenizer"],
)
def test_custom_components_are_shown_but_not_pickled(custom: Any) -> None:
    assert "Halves object" in repr(custom)
    assert str(custom)
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(custom)

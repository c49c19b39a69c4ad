"""`BatchEncoding` beside transformers': the dict, its maps, tensors, pickle, and Encodings that come late."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from fasttok import BatchEncoding, BertTokenizer
from fasttok.batch_encoding import CharSpan, TokenSpan

reference = pytest.importorskip("transformers")

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] hello world ##s ##ing play , 中 文 a b".split()  # noqa: SIM905
VOCAB = {word: index for index, word in enumerate(WORDS)}
TEXTS = ["Hello worlds, 中文", "a", "  playing  b "]
PAIRS = ["b b", "中", "hello"]

# The three ways that a call takes; each must answer alike.
WAYS: dict[str, dict[str, Any]] = {
    "lists": {},
    "arrays": {"padding": True, "return_tensors": "np"},
    "objects": {"return_offsets_mapping": True},
    "windows": {"truncation": True, "max_length": 6, "return_overflowing_tokens": True},
}


class Row(list[Any]):
    """A list of another type."""


class Pair(NamedTuple):
    first: list[str]
    second: list[str]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    return WAYS[request.param]


def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    return BertTokenizer(VOCAB)(*args, **kwargs), reference.BertTokenizer(dict(VOCAB))(*args, **kwargs)


@pytest.mark.parametrize("pair", [None, PAIRS])
def test_rows(way: dict[str, Any], pair: list[str] | None) -> None:
    ours, theirs = both(TEXTS, pair, **way)
    assert ours.is_fast
    assert ours.n_sequences == theirs.n_sequences == (1 if pair is None else 2)
    assert len(ours.encodings) == len(theirs.encodings)
    for row in range(len(theirs.encodings)):
        for name in ("tokens", "word_ids", "sequence_ids"):
            assert getattr(ours, name)(row) == getattr(theirs, name)(row)
        for name in ("ids", "type_ids", "offsets", "attention_mask", "special_tokens_mask"):
            assert getattr(ours[row], name) == getattr(theirs[row], name)
    assert ours.tokens(-1) == theirs.tokens(-1)
    with pytest.raises(IndexError):
        ours.tokens(99)


@pytest.mark.parametrize("pair", [None, PAIRS])
def test_maps(way: dict[str, Any], pair: list[str] | None) -> None:
    ours, theirs = both(TEXTS, pair, **way)
    for row in range(len(theirs.encodings)):
        for index in range(20):
            for name in ("token_to_sequence", "token_to_word", "token_to_chars"):
                assert getattr(ours, name)(row, index) == getattr(theirs, name)(row, index), (
                    name,
                    row,
                    index,
                )
            for name in ("word_to_tokens", "char_to_token", "char_to_word"):
                for sequence in (0, 1):
                    mine = getattr(ours, name)(row, index, sequence_index=sequence)
                    assert mine == getattr(theirs, name)(row, index, sequence_index=sequence), (
                        name,
                        row,
                        index,
                    )


def test_maps_of_the_first_row() -> None:
    ours, theirs = both("Hello worlds, 中文", "b b")
    for index in range(20):
        for name in (
            "token_to_sequence",
            "token_to_word",
            "token_to_chars",
            "word_to_tokens",
            "char_to_token",
        ):
            assert getattr(ours, name)(index) == getattr(theirs, name)(index), (name, index)
        assert ours.char_to_word(index, sequence_index=1) == theirs.char_to_word(index, sequence_index=1)
    assert ours.word_to_chars(1) == theirs.word_to_chars(1) == (6, 12)
    assert isinstance(ours.word_to_chars(1), CharSpan)
    assert isinstance(ours.token_to_chars(1), CharSpan)
    assert isinstance(ours.word_to_tokens(1), TokenSpan)
    assert ours.word_to_tokens(1) == TokenSpan(start=2, end=4)


def test_indices_from_the_end() -> None:
    encoded = BertTokenizer(VOCAB)(["a", "hello worlds"])
    assert encoded.token_to_word(1, -2) == encoded.token_to_word(1, 3) == 1
    assert encoded.token_to_chars(-1, -2) == encoded.token_to_chars(1, 3) == (11, 12)
    assert encoded.token_to_sequence(1, -3) == 0
    assert encoded.word_to_tokens(1, -1) == (2, 4)
    assert encoded.word_to_chars(1, -2) == (0, 5)


def test_a_word_without_tokens_has_no_chars() -> None:
    assert BertTokenizer(VOCAB)("hello").word_to_chars(9) is None


def test_keys(way: dict[str, Any]) -> None:
    ours, theirs = both(TEXTS, **way)
    assert list(ours) == list(theirs)
    assert isinstance(ours, Mapping)
    assert ours.input_ids is ours["input_ids"]
    assert [encoding.ids for encoding in ours[0:2]] == [encoding.ids for encoding in theirs[0:2]]
    with pytest.raises(KeyError):
        ours["nonsense"]
    with pytest.raises(AttributeError, match="nonsense"):
        ours.nonsense  # noqa: B018
    assert "input_ids" in ours
    assert ours.get("nonsense") is None
    assert len(ours.keys()) == len(ours)
    assert "input_ids" in {**ours}


def test_without_encodings() -> None:
    encoded: Any = BatchEncoding({"input_ids": [[1, 2], [3]], "labels": [0, 1]})
    theirs: Any = reference.BatchEncoding({"input_ids": [[1, 2], [3]], "labels": [0, 1]})
    assert not encoded.is_fast
    assert encoded.encodings is None
    assert encoded.n_sequences is None
    assert encoded[0:1] == theirs[0:1] == {"input_ids": [[1, 2]], "labels": [0]}
    with pytest.raises(KeyError):
        encoded[0]
    for name in ("tokens", "word_ids", "sequence_ids"):
        with pytest.raises(
            ValueError, match=rf"^{name}\(\) is not available when using Python based tokenizers"
        ):
            getattr(encoded, name)()
    for name in ("token_to_word", "char_to_token", "word_to_chars"):
        with pytest.raises(ValueError, match=rf"^{name}\(\) is not available"):
            getattr(encoded, name)(0)


def test_construction() -> None:
    row = BertTokenizer(VOCAB)(["a b"])[0]
    encoded: Any = BatchEncoding({"input_ids": [row.ids]}, row)
    assert encoded.tokens(0) == row.tokens
    assert encoded.n_sequences == 1
    data = {"input_ids": [1]}
    copied: Any = BatchEncoding(data)
    copied["labels"] = [1]
    assert data == {"input_ids": [1]}
    assert BatchEncoding() == {}
    assert BatchEncoding({"input_ids": [1, 2]}, tensor_type="np", prepend_batch_axis=True)[
        "input_ids"
    ].shape == (1, 2)


def test_pickle_and_copy(way: dict[str, Any]) -> None:
    encoded = BertTokenizer(VOCAB)(TEXTS, **way)
    twin = pickle.loads(pickle.dumps(encoded))
    for other in (twin, copy.copy(encoded), copy.deepcopy(encoded)):
        assert list(other) == list(encoded)
        assert other.tokens(0) == encoded.tokens(0)
        assert other.char_to_token(2, 3) == encoded.char_to_token(2, 3)


def test_encodings_are_made_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("lists", "arrays"):
        encoded = BertTokenizer(VOCAB)(TEXTS, **WAYS[name])
        assert encoded._rows is None
        assert encoded.tokens(1)[:3] == ["[CLS]", "a", "[SEP]"]
        rows = encoded.encodings
        assert rows is encoded.encodings
        lengths = [len(row) for row in encoded["input_ids"]]
        assert [len(row) for row in rows] == lengths


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [[1, 2], [3, 4]]},
        {"a": [1, 2]},
        {"a": [[1, 2], [3]]},
        {"a": [[], []]},
        {"a": []},
        {"a": [[(0, 1), (1, 2)], [(0, 1), (2, 3)]]},
        {"a": [[(0, 1), (1, 2)], [(0, 1)]]},
        {"a": np.array([1, 2])},
        {"a": [np.array([1, 2]), np.array([3, 4])]},
        {"a": [1.5, 2.5]},
    ],
)
@pytest.mark.parametrize("axis", [False, True])
def test_numpy(columns: dict[str, Any], axis: bool) -> None:
    try:
        theirs = reference.BatchEncoding(copy.deepcopy(columns), tensor_type="np", prepend_batch_axis=axis)[
            "a"
        ]
    except (TypeError, ValueError):
        with pytest.raises(ValueError, match="Unable to create tensor, you should probably activate"):
            BatchEncoding(columns, tensor_type="np", prepend_batch_axis=axis)
        return
    ours = BatchEncoding(columns, tensor_type="np", prepend_batch_axis=axis)["a"]
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    assert [np.asarray(row).tolist() for row in ours.reshape(-1)] == [
        np.asarray(row).tolist() for row in theirs.reshape(-1)
    ]


def test_convert_to_tensors() -> None:
    encoded: Any = BatchEncoding({"input_ids": [[1, 2]]})
    assert encoded.convert_to_tensors() is encoded
    assert encoded["input_ids"] == [[1, 2]]
    assert encoded.convert_to_tensors("np") is encoded
    assert encoded["input_ids"].dtype == np.int64
    with pytest.raises(ValueError, match="tf is not a valid TensorType, please select one of"):
        encoded.convert_to_tensors("tf")


def test_to_needs_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="BatchEncoding requires the PyTorch library"):
        BatchEncoding({"input_ids": [1]}).to("cpu")


@pytest.mark.parametrize(
    ("rows", "pretokenized", "change"),
    [
        (["hello", "a b"], False, lambda rows: rows.reverse()),
        ([["hello", "a"], ["b"]], True, lambda rows: rows[0].insert(0, "world")),
        ([(["hello"], ["a"]), (["b"], ["a"])], True, lambda rows: rows[1][0].clear()),
        ([[["hello"], ["a"]], [["b"], ["a"]]], True, lambda rows: rows[1][1].append("b")),
        ([["hello", "a"], ("b", "a")], False, lambda rows: rows[0].reverse()),
        ([Row(["hello", "a"]), ["b"]], True, lambda rows: rows[0].append("b")),
        (Row([Row(["hello", "a"]), ["b", "a"]]), False, lambda rows: rows[0].reverse()),
        ([Pair(["hello"], ["a"]), (Row(["b"]), ["a"])], True, lambda rows: rows[0].first.append("b")),
        ([["b"], np.array(["b", "a"], dtype=object)], True, lambda rows: rows[1].put(0, "a")),
    ],
)
def test_encodings_that_come_late_are_those_of_the_call(
    rows: list[Any], pretokenized: bool, change: Any, way: dict[str, Any]
) -> None:
    tokenizer = BertTokenizer(VOCAB)
    expected = [e.ids for e in tokenizer(rows, is_split_into_words=pretokenized, **way).encodings or []]
    encoded = tokenizer(rows, is_split_into_words=pretokenized, **way)
    change(rows)
    assert [e.ids for e in encoded.encodings or []] == expected
    assert len(expected) >= 2


def test_the_rows_that_are_kept() -> None:
    from fasttok import _core

    class Text(str):
        __slots__ = ()

    plain = ["a", "b"]
    for rows in (plain, tuple(plain), [Text("a"), "b"], [("a", "b")], [], [3, None, {"a": 1}], iter(plain)):
        expected = tuple(plain if isinstance(rows, Iterator) else rows)
        kept = _core.tuple_of_rows(rows)  # type: ignore[arg-type]
        assert kept == expected
        assert type(kept) is tuple
    assert _core.tuple_of_rows(["a", ["b"]]) == ("a", ("b",))
    assert _core.tuple_of_rows(["a", ("b", ["c", ["d"]])]) == ("a", ("b", ("c", ["d"])))
    assert not gc.is_tracked(_core.tuple_of_rows(plain))
    assert gc.is_tracked(_core.tuple_of_rows([Text("a")]))
    before = sys.getrefcount(plain[0])
    kept = _core.tuple_of_rows(plain)
    assert sys.getrefcount(plain[0]) == before + 1
    with pytest.raises(TypeError):
        _core.tuple_of_rows(3)  # type: ignore[arg-type]

"""What the core itself checks of the arguments of batch calls: the message names the argument or the row."""

import copy
import gc
import itertools
import os
import tempfile
import weakref
from typing import Any

import numpy as np
import pytest

from fasttok import BertTokenizer, Tokenizer, models


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))


@pytest.mark.parametrize(
    ("value", "error"),
    [("4", TypeError), (float("nan"), TypeError), (-1, ValueError), (0, ValueError), (2**70, ValueError)],
)
def test_num_threads(tokenizer: Tokenizer, value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"num_threads is .*expected an int from 1 to 1024"):
        tokenizer.encode_batch_flat(["a"], num_threads=value)
    assert tokenizer.encode_batch_flat(["a"], num_threads=2).ids.tolist() == [1]


def test_surrogates(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match='surrogates is \'Replace\'; expected "error" or "replace"'):
        tokenizer.encode_batch_flat(["a"], surrogates="Replace")


def test_bytes_that_are_not_utf8(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match=r"inputs\[1\] is bytes that are not UTF-8"):
        tokenizer.encode_batch_flat(["a", b"\xff"])


def test_added_tokens_that_share_an_id_run_on_generic() -> None:
    from fasttok import _core

    model = _core.WordPiece({"[UNK]": 0, "a": 1}, "[UNK]", 100, "##")
    added = [("[Y]", 903, False, False, False, False, False), ("[Z]", 903, False, False, False, False, False)]
    core = _core.Tokenizer(
        model, None, _core.PreTokenizer([("BertPreTokenizer",)]), None, None, added, "auto"
    )
    assert core.engine == "generic"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"pad_id": float("nan")}, TypeError, "pad_id is nan"),
        ({"pad_id": 3.7}, TypeError, "pad_id is 3.7"),
        ({"pad_id": -1}, ValueError, "pad_id is -1"),
        ({"pad_to_multiple_of": -4}, ValueError, "pad_to_multiple_of is -4"),
        ({"pad_to_multiple_of": ""}, TypeError, "pad_to_multiple_of is ''"),
        ({"max_length": "a"}, TypeError, "max_length is 'a'"),
        ({"dtype": bool}, TypeError, "dtype is bool"),
        ({"dtype": "S4"}, TypeError, "dtype is"),
    ],
)
def test_padded(
    tokenizer: Tokenizer, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    batch = tokenizer.encode_batch_flat(["a", ""])
    with pytest.raises(error, match=message):
        batch.padded(**{"pad_id": 0, **arguments})
    assert batch.padded(pad_id=0, dtype=None)["input_ids"].dtype == np.int64


@pytest.mark.parametrize("path", [True, 5])
def test_a_file_descriptor_is_no_path(path: int) -> None:
    descriptor, name = tempfile.mkstemp()
    try:
        with pytest.raises(TypeError):
            Tokenizer.from_file(descriptor if path == 5 else path)
        os.fstat(descriptor)  # still open
    finally:
        os.close(descriptor)
        os.remove(name)


def test_calls_do_not_need_the_unknown_token() -> None:
    vocab = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "x": 5}
    tok = BertTokenizer(vocab, unk_token="[U]")
    assert tok("x")["input_ids"] == [2, 5, 3]
    assert tok("x")["token_type_ids"] == [0, 0, 0]
    assert tok("")["input_ids"] == [2, 3]


@pytest.mark.parametrize("path", [None, 5, True, b"vocab.txt"])
def test_a_path_is_a_str_or_path(tokenizer: Tokenizer, path: Any) -> None:
    kind = type(path).__name__
    with pytest.raises(TypeError, match=f"^path is {kind}; expected str or os.PathLike"):
        Tokenizer.from_file(path)
    with pytest.raises(TypeError, match=f"^path is {kind}; expected str or os.PathLike"):
        tokenizer.save(path)
    with pytest.raises(TypeError, match=f"^pretrained_model_name_or_path is {kind}; expected str"):
        BertTokenizer.from_pretrained(path)
    with pytest.raises(TypeError, match=f"^identifier is {kind}; expected str"):
        Tokenizer.from_pretrained(path)
    with pytest.raises(TypeError, match=r"^buffer is NoneType; expected bytes"):
        Tokenizer.from_buffer(None)  # type: ignore[arg-type]


BERT = BertTokenizer({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "x": 5})


@pytest.mark.parametrize(
    ("specials", "message"),
    [(None, "is NoneType"), (5, "is int"), ({}, "is dict"), (b"x", "is bytes"), (["x", 1], r"\[1\] is int")],
)
def test_specials(tokenizer: Tokenizer, specials: Any, message: str) -> None:
    for call in (BERT, BERT.tokenize, tokenizer.encode):
        with pytest.raises(TypeError, match=rf'^specials ?{message}; expected "parse", "text", "error" or a'):
            call("x", specials=specials)
    with pytest.raises(ValueError, match=r"^specials is .q.; expected .parse"):
        BERT("x", specials="q")


def test_tokenizer_kwargs() -> None:
    with pytest.raises(TypeError, match=r"^tokenizer_kwargs is float; expected dict or None"):
        BERT("x", tokenizer_kwargs=3.5)  # type: ignore[arg-type]
    assert BERT("x", tokenizer_kwargs={"add_special_tokens": False})["input_ids"] == [5]


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"text": "?"}, "text"),
        ({"text": ["x", "?"]}, r"text\[1\]"),
        ({"text": ["x", "?"], "text_pair": ["x", "x"]}, r"text\[1\]"),
        ({"text": ["x", "x"], "text_pair": ["x", "?"]}, r"text_pair\[1\]"),
        ({"text": "x", "text_pair": "?", "truncation": "only_second", "max_length": 5}, "text_pair"),
        ({"text": [["x", "x"], ["x", "?"]]}, r"text\[1\]"),
        ({"text_target": ["x", "?"]}, r"text_target\[1\]"),
        ({"text_target": "x", "text_pair_target": "?"}, "text_pair_target"),
    ],
)
def test_an_error_in_a_text_names_the_argument(arguments: dict[str, Any], place: str) -> None:
    for bad, what in (("\ud800", "a lone surrogate"), ("[SEP]", "the special token")):

        def filled(value: Any, bad: str = bad) -> Any:
            if isinstance(value, list):
                return [filled(item) for item in value]
            return bad if value == "?" else value

        given = {name: filled(value) for name, value in arguments.items()}
        with pytest.raises(ValueError, match=rf"(^|; ){place} has {what}"):
            BERT(**given, specials="error")


def test_rows_of_ints_burden_no_collector(tokenizer: Tokenizer) -> None:
    from fasttok import _core

    texts = ["a", "", "a b a"]
    bert = BertTokenizer.from_pretrained("zh-en-wordpiece")
    rows: dict[str, list[list[int]]] = {**bert(texts)}
    assert list(rows) == ["input_ids", "token_type_ids", "attention_mask"]
    for column in [*rows.values(), tokenizer.encode_batch_flat(texts).to_lists()]:
        assert gc.is_tracked(column)
        assert not any(map(gc.is_tracked, column))
    ids = rows["input_ids"]
    assert rows["token_type_ids"] == [[0] * len(row) for row in ids]
    assert rows["attention_mask"] == [[1] * len(row) for row in ids]
    # They are lists as any other: what is put into them is freed with them.
    there = weakref.ref(value := {1})
    ids[0].append(value)  # type: ignore[arg-type]
    assert copy.deepcopy(ids)[1:] == ids[1:]
    del value, rows, ids, column
    assert there() is None
    with pytest.raises(TypeError, match="a row is no list"):
        _core.lists_of_one([(1, 2)], 0)  # type: ignore[list-item]


def test_lists_of_ids_that_have_no_ready_made_int() -> None:
    far = 1 << 20  # from there on ints are made anew
    vocab = {"[UNK]": 0, **{f"w{i}": i for i in range(1, 2000)}}
    vocab |= {f"x{i}": far - 4 + i for i in range(8)} | {f"y{i}": 60_000_000 + i for i in range(20)}
    tokenizer = BertTokenizer(vocab, unk_token="[UNK]").backend_tokenizer
    words = [*vocab][1:]
    texts = [" ".join(words[(7 * i + 3 * k) % len(words)] for k in range(i % 21)) for i in range(3000)]
    for _ in range(2):
        batch = tokenizer.encode_batch_flat(texts)
        ends, ids = batch.row_offsets.tolist(), batch.ids.tolist()
        expected = [ids[a:b] for a, b in itertools.pairwise(ends)]
        assert batch.to_lists() == expected
        assert [tokenizer.encode_ids(text) for text in texts] == expected
    assert max(ids) > far

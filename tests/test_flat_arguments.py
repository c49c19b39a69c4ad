"""What the core itself checks of the arguments of batch calls: the message names the argument or the row."""

import os
import tempfile
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
    with pytest.raises(ValueError, match='surrogates is "Replace"; expected "error" or "replace"'):
        tokenizer.encode_batch_flat(["a"], surrogates="Replace")


def test_bytes_that_are_not_utf8(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match=r"inputs\[1\] is bytes that are not UTF-8"):
        tokenizer.encode_batch_flat(["a", b"\xff"])


def test_added_tokens_that_share_an_id_run_on_generic() -> None:
    from fasttok import _core

    model = _core.WordPiece({"[UNK]": 0, "a": 1}, "[UNK]", 100, "##")
    added = [("[Y]", 903, False, False, False, False, False), ("[Z]", 903, False, False, False, False, False)]
    core = _core.Tokenizer(model, None, "bert", None, None, added, "auto")
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

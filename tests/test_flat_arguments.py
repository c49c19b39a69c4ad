"""What the core itself checks of the arguments of batch calls: the message names the argument or the row."""

import pytest

from fasttok import Tokenizer, models


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

"""StreamDecoder: what it gives piece by piece is what decode makes of all ids."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from fasttok import AddedToken, StreamDecoder, Tokenizer, decoders, models, pre_tokenizers, tiktoken

RANKS = {bytes([b]): b for b in range(256)} | {
    "中".encode()[:2]: 256,
    "中文".encode(): 257,
    b" \xf0\x9f": 258,
}
SPECIAL = ["<s>", "[x]", "中"]


def byte_level() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {c: i for i, c in enumerate(alphabet)} | {"ä¸Ń": 300, "Ġðł": 301, "no byte: 中": 302}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.add_tokens([AddedToken("é中"), "plain"])
    return tokenizer


def word_piece(decoder: Any) -> Tokenizer:
    words = ["[UNK]", "a", "##b", "##c", ".", "中", "n't", "▁a", "▁", "'s", "do"]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}))
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.add_tokens(["##added", "▁x"])
    return tokenizer


TOKENIZERS: dict[str, Callable[[], Tokenizer]] = {
    "byte level": byte_level,
    "word piece": lambda: word_piece(decoders.WordPiece()),
    "word piece as it is": lambda: word_piece(decoders.WordPiece(cleanup=False)),
    "metaspace": lambda: word_piece(decoders.Metaspace()),
    "metaspace never": lambda: word_piece(decoders.Metaspace(prepend_scheme="never")),
    "none": lambda: word_piece(None),
}


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("name", TOKENIZERS)
def test_random_ids(name: str, skip: bool) -> None:
    tokenizer = TOKENIZERS[name]()
    stream = StreamDecoder(tokenizer, skip_special_tokens=skip)
    rng = random.Random(3)
    ids = list(range(320))  # among them ids that no token has
    for _ in range(300):
        row = rng.choices(ids[:20] + list(tokenizer.get_vocab().values()) + ids, k=rng.randint(0, 25))
        pieces = [stream.push(id) for id in row]
        assert "".join([*pieces, stream.flush()]) == tokenizer.decode(row, skip_special_tokens=skip)


def test_random_ids_of_an_encoding() -> None:
    encoding = tiktoken.Encoding(
        "test", pat_str=".", mergeable_ranks=RANKS, special_tokens={"<|endoftext|>": 300, "<中>": 301}
    )
    stream = StreamDecoder(encoding)
    rng = random.Random(4)
    for errors in ("replace", "ignore", "backslashreplace"):
        row: list[int] = []
        for _ in range(200):
            row = rng.choices([*RANKS.values(), 300, 301], k=rng.randint(0, 25))
            pieces = [stream.push(id) for id in row]
            if errors == "replace":
                assert "".join([*pieces, stream.flush()]) == encoding.decode(row)
            else:
                stream.flush(errors)
    with pytest.raises(KeyError):
        stream.push(299)


def test_a_text_comes_character_by_character() -> None:
    stream = StreamDecoder(byte_level())
    tokenizer = byte_level()
    text = "é中😀�a"
    ids = [tokenizer.token_to_id(c) for c in _byte_characters(text)]
    pieces = [stream.push(id) for id in ids if id is not None]
    assert [piece for piece in pieces if piece] == list(text)
    assert stream.flush() == ""


def _byte_characters(text: str) -> str:
    stage = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return "".join(piece for piece, _ in stage.pre_tokenize_str(text))


def test_an_unfinished_character_under_strict_is_dropped() -> None:
    encoding = tiktoken.Encoding("test", pat_str=".", mergeable_ranks=RANKS, special_tokens={})
    stream = StreamDecoder(encoding)
    assert stream.push(256) == ""
    with pytest.raises(UnicodeDecodeError):
        stream.flush("strict")
    assert stream.push(97) == "a"


def test_decoders_whose_text_may_change() -> None:
    tokenizer = word_piece(decoders.BPEDecoder())
    with pytest.raises(ValueError, match=r"decoder BPEDecoder may change.*DecodeStream"):
        StreamDecoder(tokenizer)


def test_a_class_that_wraps_a_tokenizer() -> None:
    from fasttok import GPT2Tokenizer

    gpt2 = GPT2Tokenizer({"a": 0, "Ġ": 1}, [])
    stream = StreamDecoder(gpt2)
    assert [stream.push(id) for id in (0, 1, 0)] == ["a", " ", "a"]


@pytest.mark.parametrize("id", ["a", None, 1.5])
def test_ids_of_other_kinds(id: Any) -> None:
    for name in ("byte level", "none"):
        with pytest.raises(TypeError):
            StreamDecoder(TOKENIZERS[name]()).push(id)

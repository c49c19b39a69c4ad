"""Rank files as tokenizers (`Tokenizer.from_file`), their model, and bytes that are no UTF-8."""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import re
from pathlib import Path

import pytest
import tiktoken as reference

from fasttok import FormatError, InputError, Regex, Tokenizer, models, pre_tokenizers
from fasttok.byte_chars import bytes_of, characters_of
from fasttok.tiktoken import openai_public

WORDS = ("ab", "abc", "aa", "aaa", " a", " ab", "中文", "中", "\n\n", "'s", "bc", "cab", "é")
RANKS = {bytes([byte]): byte for byte in range(256)}
RANKS |= {word.encode(): 300 + i for i, word in enumerate(w for w in WORDS if w.encode() not in RANKS)}
SPECIALS = {"<|endoftext|>": 5000, "<s>": 5001}
PATTERNS = [openai_public.r50k_pat_str, openai_public._CL100K_PATTERN, openai_public._O200K_PATTERN, r"\w+"]
PIECES = (
    "a",
    "b",
    "c",
    "aaa",
    "ab",
    " ",
    "中",
    "文",
    "\n",
    "'s",
    "é",
    "1234",
    "<s>",
    "<|endoftext|>",
    "\r\n",
)


def file_of(ranks: dict[bytes, int]) -> bytes:
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks.items())


def texts(count: int) -> list[str]:
    rng = random.Random(5)
    return ["".join(rng.choices(PIECES, k=rng.randint(0, 12))) for _ in range(count)]


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.from_buffer(file_of(RANKS), pattern=PATTERNS[1], special_tokens=SPECIALS)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_ids_are_tiktokens(pattern: str, tmp_path: Path) -> None:
    path = tmp_path / "ranks"
    path.write_bytes(file_of(RANKS))
    theirs = reference.Encoding("x", pat_str=pattern, mergeable_ranks=RANKS, special_tokens=SPECIALS)
    for given in (pattern, Regex.from_rust(pattern)):
        ours = Tokenizer.from_file(path, pattern=given, special_tokens=SPECIALS)
        for text in texts(500):
            ids = theirs.encode(text, allowed_special="all")
            assert ours.encode(text).ids == ids
            assert ours.decode(ids, skip_special_tokens=False) == theirs.decode(ids)
            assert ours.encode_batch_flat([text], specials="text").ids.tolist() == theirs.encode_ordinary(
                text
            )


def test_the_left_of_two_places_merges() -> None:
    """Which pair of parts makes the token does not matter, so that no list of merges would do."""
    ranks = {b"a": 0, b"aa": 1, b"aaa": 2, b"aaaa": 3}
    theirs = reference.Encoding("x", pat_str=".+", mergeable_ranks=ranks, special_tokens={})
    ours = Tokenizer.from_buffer(file_of(ranks), pattern=".+")
    for count in range(1, 40):
        assert ours.encode("a" * count).ids == theirs.encode_ordinary("a" * count)


def test_saved_and_pickled(tokenizer: Tokenizer) -> None:
    for copy in (Tokenizer.from_str(tokenizer.to_str()), pickle.loads(pickle.dumps(tokenizer))):
        assert copy.to_str() == tokenizer.to_str()
        assert [row.ids for row in copy.encode_batch(texts(50))] == [
            row.ids for row in tokenizer.encode_batch(texts(50))
        ]
        split = json.loads(copy.to_str())["pre_tokenizer"]["pretokenizers"][0]
        assert split["pattern"] == {"RustRegex": PATTERNS[1]}


def test_special_tokens_have_their_ids(tokenizer: Tokenizer) -> None:
    assert {token: tokenizer.token_to_id(token) for token in SPECIALS} == SPECIALS
    assert tokenizer.id_to_token(5001) == "<s>"
    assert tokenizer.get_vocab_size(with_added_tokens=False) == len(RANKS)
    assert tokenizer.decode([97, 5001]) == "a"
    # Spelled by merges they would be tokens of the text.
    assert tokenizer.encode("<s>").ids == [5001]


def test_what_a_file_is() -> None:
    data = file_of(RANKS)
    for ending in (b"", b"\n", b"\r\n"):
        assert Tokenizer.from_buffer(b"YQ== 0" + ending, pattern=".").encode("a").ids == [0]
    with pytest.raises(ValueError, match="buffer is a rank file, which has no pattern"):
        Tokenizer.from_buffer(data)
    for other in (b"[UNK]\nhi\n", b"{}", b"x", b""):
        with pytest.raises(ValueError, match="pattern and special_tokens are for rank files"):
            Tokenizer.from_buffer(other, pattern=".")
    with pytest.raises(FormatError, match="nor a rank file"):
        Tokenizer.from_buffer(b"YQ==\n")
    with pytest.raises(FormatError, match="line 2"):
        Tokenizer.from_buffer(b"YQ== 0\nY!== 1\n", pattern=".")
    with pytest.raises(ValueError, match="parenthes"):
        Tokenizer.from_buffer(data, pattern="(")
    # A line of a vocab.txt may look like one of a rank file.
    assert Tokenizer.from_buffer(b"ab 1\n[UNK]\nhi\n").encode("hi").ids == [2]


def test_the_model(tmp_path: Path) -> None:
    model = models.RankBPE(RANKS, SPECIALS)
    assert model.token_to_id("Ġab") == RANKS[b" ab"]
    assert model.token_to_id("<s>") == 5001
    assert model.token_to_id("nothing") is None
    assert model.id_to_token(RANKS[b" ab"]) == "Ġab"
    (path,) = model.save(str(tmp_path))
    assert os.path.basename(path) == "vocab.tiktoken"
    assert Tokenizer.from_file(path, pattern=".+").get_vocab(False) == Tokenizer(model).get_vocab(False)
    assert pickle.loads(pickle.dumps(model)).__getstate__() == model.__getstate__()
    with pytest.raises(NotImplementedError):
        model.get_trainer()
    with pytest.raises(KeyError):
        models.RankBPE({b"a": 0}).tokenize("b")


@pytest.mark.parametrize(
    ("ranks", "specials"),
    [({"a": 0}, {}), ({b"a": "0"}, {}), ({b"a": -1}, {}), ({b"a": 1 << 32}, {}), ({b"a": 0}, {"<s>": None})],
)
def test_bad_ranks(ranks: dict[bytes, int], specials: dict[str, int]) -> None:
    with pytest.raises(InputError):
        models.RankBPE(ranks, specials)


def test_two_tokens_of_one_rank() -> None:
    with pytest.raises(FormatError, match="one rank"):
        models.RankBPE({b"a": 0, b"b": 0})


@pytest.mark.parametrize(
    ("vocab", "what"),
    [
        ('{"a": 0, "b": 0}', "model.vocab: two tokens have one rank"),
        ('{"中": 0}', "model.vocab: '中' has a character that stands for no byte"),
        ('{" ": 0}', "model.vocab: ' ' has a character that stands for no byte"),
        ('{"a": -1}', "model.vocab"),
        ("[]", "model.vocab"),
    ],
)
def test_damaged_json(vocab: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        Tokenizer.from_str('{"model": {"type": "RankBPE", "special_tokens": {}, "vocab": ' + vocab + "}}")


def test_characters_of_bytes() -> None:
    every = bytes(range(256))
    assert bytes_of(characters_of(every)) == every
    assert set(characters_of(every)) == set(pre_tokenizers.ByteLevel.alphabet())
    for no_byte in (" ", "\x7f", "\xa0", "\xad", "\u0144", "中", "\U0001f600"):
        with pytest.raises(UnicodeEncodeError):
            bytes_of(no_byte)


# Bytes.


def random_bytes(rng: random.Random) -> bytes:
    parts = (
        b"a",
        b"ab",
        b" ",
        "中".encode(),
        "é".encode(),
        b"'s",
        b"1",
        b"\n",
        b"\xff",
        b"\x80",
        b"\xe4\xb8",
    )
    parts += (b"\xf0\x9f", b"\xc0\x80", b"\xed\xa0\x80", b"<s>", "\U00100000".encode(), "\U0010ffff".encode())
    return b"".join(rng.choices(parts, k=rng.randint(0, 14)))


@pytest.mark.parametrize("pattern", PATTERNS[:3])
def test_any_bytes_come_back(pattern: str) -> None:
    """And what is UTF-8 between stray bytes is encoded as among characters that are no letters."""
    tokenizer = Tokenizer.from_buffer(file_of(RANKS), pattern=pattern, special_tokens=SPECIALS)
    rng = random.Random(6)
    for _ in range(500):
        data = random_bytes(rng)
        encoding = tokenizer.encode_bytes(data)
        parts = [token.encode() if token in SPECIALS else bytes_of(token) for token in encoding.tokens]
        assert b"".join(parts) == data
        assert encoding.ids == [tokenizer.token_to_id(token) for token in encoding.tokens]
        text = data.decode("utf-8", "surrogateescape")
        for part, (begin, end) in zip(parts, encoding.offsets, strict=True):
            assert part in text[begin:end].encode("utf-8", "surrogateescape")
        stand_in = tokenizer.encode(re.sub("[\udc80-\udcff]", "\ufffd", text))
        assert set(encoding.word_ids) == set(stand_in.word_ids)


def test_utf8_is_a_text(tokenizer: Tokenizer) -> None:
    for text in texts(50):
        for data in (text.encode(), bytearray(text.encode()), memoryview(text.encode())):
            ours, whole = tokenizer.encode_bytes(data), tokenizer.encode(text)  # type: ignore[arg-type]
            assert (ours.ids, ours.offsets, ours.word_ids) == (whole.ids, whole.offsets, whole.word_ids)


def test_stray_bytes_with_truncation_padding_and_special_tokens(tokenizer: Tokenizer) -> None:
    from fasttok.processors import TemplateProcessing

    tokenizer.post_processor = TemplateProcessing("<s> $A", None, [("<s>", 5001)])
    plain = tokenizer.encode_bytes(b"ab\xff", add_special_tokens=False).ids
    assert plain == [RANKS[b"ab"], 255]
    assert tokenizer.encode_bytes(b"ab\xff").ids == [5001, *plain]
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=3)
    assert tokenizer.encode_bytes(b"ab\xff").ids == [5001, plain[0], 0]
    assert tokenizer.encode_bytes(b"ab\xff").attention_mask == [1, 1, 0]


def test_a_stray_byte_without_a_token() -> None:
    ranks = {bytes([byte]): byte for byte in range(256) if byte != 0xFF}
    tokenizer = Tokenizer.from_buffer(file_of(ranks), pattern=PATTERNS[0])
    assert tokenizer.encode_bytes(b"a\xfeb").ids == [97, 0xFE, 98]
    with pytest.raises(ValueError, match=r"data\[3\] is 0xff: the vocabulary has no token for this byte"):
        tokenizer.encode_bytes(b"a\xfeb\xff")


def test_a_token_of_stray_bytes() -> None:
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"\xff\xfe": 300, b"\xfe!": 301}
    tokenizer = Tokenizer.from_buffer(file_of(ranks), pattern=PATTERNS[1])
    encoding = tokenizer.encode_bytes(b"\xff\xfe!")
    assert (encoding.ids, encoding.offsets) == ([300, 33], [(0, 2), (2, 3)])


def test_bytes_that_cannot_be_encoded(tokenizer: Tokenizer) -> None:
    with pytest.raises(TypeError, match="data is str; expected bytes"):
        tokenizer.encode_bytes("a")  # type: ignore[arg-type]
    word_level = Tokenizer(models.WordLevel({"<unk>": 0}))
    assert word_level.encode_bytes(b"a").ids == [0]
    with pytest.raises(ValueError, match="not UTF-8, and this tokenizer has no byte-level model"):
        word_level.encode_bytes(b"\xff")

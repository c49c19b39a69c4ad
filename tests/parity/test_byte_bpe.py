"""The engine byte_bpe: equal to tokenizers, and to the engine generic, for every published shape of
byte-level tokenizer."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers as reference
from tests.parity.byte_models import SHAPES, byte_chars, clip_model, small_model, tokenizer_json

import fasttok

KINDS = (
    *(
        "abcdefghijklmnop",
        "ABCxyz",
        "中文字符国的一是",
        "éÉüñı",
        "e\u0301\u0327a\u0300",
        "1234٣四½",
        "한국어",
        "かなガー",
    ),
    *(
        ".,;!?、。“”/",
        "\u200b\u200d\xad\0\x01",
        " \t\n\r\u3000\xa0\u2028\x85",
        "'s't're've'm'll'd'S'RE'ſ",
        "  \t",
    ),
    *("\U0001f468\u200d\U0001f469", "\U00020000", "    ", " ", "\r\n", "İıſKẞßﬁ", "ǅǈ", "ʰʱ", "ñãàỆ", "<|>"),
)
ADDED = ("<|endoftext|>", "<|im_start|>", "<|im_sta", "  \t")
FRAME = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "a", "type_id": 0}}] * 2 + [{"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
    "special_tokens": {"a": {"id": "a", "ids": [3, 4], "tokens": ["a", "b"]}},
}
ALL = {"offsets": "char", "word_ids": True}


@cache
def model_of(path: Path) -> tuple[dict[str, int], list[list[str]]]:
    return small_model(path, 8_000)


def random_texts(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)

    def run() -> str:
        kind = rng.choice(KINDS)
        text = "".join(rng.choices(kind, k=rng.choice((1, 1, 2, 3, 5, 9, 20))))
        return text + rng.choice(("", "", " ", "\n", rng.choice(ADDED) if rng.random() < 0.2 else ""))

    return ["".join(run() for _ in range(rng.randint(1, 12))) for _ in range(count)]


def assert_equal(ours: Any, theirs: Any, texts: list[str]) -> None:
    for text, mine, other in zip(texts, ours.encode_batch(texts), theirs.encode_batch(texts), strict=True):
        for name in ("ids", "tokens", "offsets", "word_ids"):
            assert getattr(mine, name) == getattr(other, name), (name, text)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ranks", ["qwen", "o200k_base"])
def test_shapes(shape: str, ranks: str, data_dir: Path) -> None:
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / f"{ranks}.tiktoken"))
    ours, theirs = fasttok.Tokenizer.from_str(data), reference.Tokenizer.from_str(data)
    assert ours.engine == "byte_bpe"
    assert_equal(ours, theirs, random_texts(1, 1_000))
    for corpus in ("zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            text = file.read(60_000)
        assert_equal(ours, theirs, [*text.split("\n"), text])


@pytest.mark.parametrize("name", ["gpt2", "gpt-neox"])
def test_real(name: str, data_dir: Path) -> None:
    path = str(data_dir / "vocabs" / name / "tokenizer.json")
    ours, theirs = fasttok.Tokenizer.from_file(path), reference.Tokenizer.from_file(path)
    assert ours.engine == "byte_bpe"
    assert_equal(ours, theirs, random_texts(2, 1_000))


def flat(tokenizer: Any, texts: list[str], **options: Any) -> list[np.ndarray[Any, Any]]:
    batch = tokenizer.encode_batch_flat(texts, **ALL, **options)
    return [batch.ids, batch.row_offsets, batch.offsets, batch.word_ids]


@pytest.mark.parametrize("shape", ["gpt2", "cl100k", "o200k", "qwen2", "deepseek-v3"])
def test_every_character(shape: str, data_dir: Path) -> None:
    """Each code point among letters, digits, spaces and itself, as words of the engine generic."""
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    generic = fused.with_engine("generic")
    points = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 61)]
    texts = [
        "".join(f"a{c}b {c}{c}C1{c}2, {c}.\n{c}'{c}" for c in map(chr, points[at : at + 8]))
        for at in range(0, len(points), 8)
    ]
    for mine, other in zip(flat(fused, texts), flat(generic, texts), strict=True):
        assert np.array_equal(mine, other)


@pytest.mark.parametrize("shape", ["gpt2", "o200k", "llama3", "deepseek-v3"])
def test_cuts_threads_and_caches(shape: str, data_dir: Path) -> None:
    """Texts cut at 70 places, with any number of threads and any size of the cache."""
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    generic = fused.with_engine("generic")
    texts = []
    for corpus in ("zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            text = file.read(3_000)
        texts += [text[cut:] for cut in range(70)]
    expected = flat(generic, texts)
    before = fasttok.cache_info()["max_bytes"]
    try:
        for threads, size in ((1, 0), (4, 4096), (1, before), (4, before)):
            fasttok.set_cache_bytes(size)
            for mine, other in zip(flat(fused, texts, num_threads=threads), expected, strict=True):
                assert np.array_equal(mine, other)
    finally:
        fasttok.set_cache_bytes(before)


@pytest.mark.parametrize("shape", ["gpt2", "o200k", "llama3", "qwen2", "roberta"])
def test_one_long_text_by_several_threads(shape: str, data_dir: Path) -> None:
    """It is cut where that makes no difference; added tokens, marks and all scripts are in it."""
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    texts = []
    for corpus in ("zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            texts.append(file.read(150_000))
    texts.append("".join(random_texts(5, 5_000)))
    texts.append(texts[1] + "<|endoftext|>" + texts[2] + " <|im_start|> x\n" + texts[0])
    texts.append("a" * 100_000)  # no place to cut it
    for text in texts:
        for rows in ([text], ["short", text, ""]):
            expected = fused.encode_batch_flat(rows, num_threads=1)
            for threads in (2, 3, 4):
                batch = fused.encode_batch_flat(rows, num_threads=threads)
                assert np.array_equal(batch.ids, expected.ids)
                assert np.array_equal(batch.row_offsets, expected.row_offsets)
    with pytest.raises(TypeError, match=r"inputs\[1\] has a lone surrogate at character 150000"):
        fused.encode_batch_flat(["x", texts[1] + "\ud800"], num_threads=4)


@pytest.mark.parametrize("shape", SHAPES)
def test_short_rows(shape: str, data_dir: Path) -> None:
    """Ids alone of rows that are put together: beginnings and ends of all kinds, added tokens, within special
    tokens, beside rows that are not put together."""
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    generic = fused.with_engine("generic")
    rng = random.Random(shape)
    kinds = (
        "abcd",
        "XYz",
        "0123",
        ".,!'s",
        " ",
        "\n",
        "\t\r\x0b",
        "'re've",
        "/\n",
        "\0\x7f",
        "-_ ",
        "。中",
        "，的",
    )
    rows = []
    for _ in range(8_000):
        own = rng.sample(kinds, k=3) if rng.random() < 0.3 else kinds[:4]
        text = "".join(rng.choice(rng.choice(own)) for _ in range(rng.choice((1, 2, 3, 6, 20, 80))))
        rows.append(text + rng.choice(("", "", "", " ", "\n", "." * 300)) * (rng.random() < 0.3))
    rows += [row for row in random_texts(9, 2_000) if rng.random() < 0.9] + ["", "<|im_start|>", "a <|im_sta"]
    with open(data_dir / "corpora" / "en_nltk.txt", encoding="utf-8") as file:
        text = file.read(60_000)
    rows += [*text.split("\n"), *(text[at : at + 50] for at in range(0, len(text), 50))]
    with open(data_dir / "corpora" / "zh_wiki.txt", encoding="utf-8") as file:
        chinese = file.read(60_000)
    # As long as what is put together, or not quite.
    for length in (300, 500, *range(1_021, 1_027)):
        rows += [whole[at : at + length] for at in range(0, 20 * 997, 997) for whole in (text, chinese)]
    for mixed in (rows, sorted(rows, key=str.isascii)):
        for options in ({}, {"add_special_tokens": False}, {"truncation": 9}):
            ours = fused.encode_batch_flat(mixed, num_threads=1, **options)
            theirs = generic.encode_batch_flat(mixed, num_threads=1, **options)
            assert np.array_equal(ours.ids, theirs.ids)
            assert np.array_equal(ours.row_offsets, theirs.row_offsets)


@pytest.mark.parametrize("add_prefix_space", [True, False])
@pytest.mark.parametrize("kind", ["roberta", "byte-level", "sequence"])
def test_trimmed_offsets(kind: str, add_prefix_space: bool, data_dir: Path) -> None:
    """Of columns, as of encodings; with tokens that take the white space before them, and rows cut short."""
    ours = fasttok.Tokenizer.from_file(str(data_dir / "vocabs" / "gpt2" / "tokenizer.json"))
    ours.pre_tokenizer = fasttok.pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    trims = {"trim_offsets": True, "add_prefix_space": add_prefix_space}
    byte_level = fasttok.processors.ByteLevel(**trims)
    template = fasttok.processors.TemplateProcessing("<s> $A", "<s> $A $B", [("<s>", 7)])
    ours.post_processor = {
        "roberta": fasttok.processors.RobertaProcessing(("</s>", 2), ("<s>", 0), **trims),
        "byte-level": byte_level,
        "sequence": fasttok.processors.Sequence([byte_level, template]),
    }[kind]
    ours.add_special_tokens([fasttok.AddedToken("<mask>", lstrip=True)])
    theirs = reference.Tokenizer.from_str(ours.to_str())
    assert ours.engine == "byte_bpe"
    texts = [text.replace("<|im_start|>", "  <mask>") for text in random_texts(8, 500)]
    texts += [f"{text}<mask> a" for text in texts[:50]]
    for length, add_special_tokens in ((None, True), (None, False), (7, True)):
        if length is not None:
            theirs.enable_truncation(length)
        for rows in (texts, [(text, " b  c") for text in texts[:100]]):
            batch = ours.encode_batch_flat(
                rows, offsets="char", truncation=length, add_special_tokens=add_special_tokens
            )
            encodings = theirs.encode_batch(rows, add_special_tokens=add_special_tokens)
            assert batch.offsets.tolist() == [list(place) for each in encodings for place in each.offsets]


@cache
def clip(data_dir: Path) -> Any:
    texts = []
    for corpus in ("zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            texts += file.read(40_000).split("\n")
    tokenizer = fasttok.CLIPTokenizer(*clip_model(texts, 3_000)).backend_tokenizer
    assert tokenizer.engine == "byte_bpe"
    return tokenizer


def test_clip(data_dir: Path) -> None:
    """Words with an end, and text in lower case, on text that is not what the vocabulary was trained on."""
    ours = clip(data_dir)
    theirs = reference.Tokenizer.from_str(ours.to_str())
    texts = [
        *random_texts(6, 2_000),
        "<|startoftext|>A b<|ENDOFTEXT|> x!<|startoftext|>!! <|endof <| |> <",
        "don'T've'''s 's's'LL 'l!'l 'ſ 's",
        "aİb'İ İİ!!İ\0\0İ",
        "a" * 5_000 + "!" * 3_000 + " b\u3000" * 2_000 + "中" * 3_000,
    ]
    for corpus in ("zh_fewclue", "zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            text = file.read(90_000)[40_000:]
        texts += [*text.split("\n"), text]
    assert_equal(ours, theirs, texts)
    generic = ours.with_engine("generic")
    for threads in (1, 4):
        for mine, other in zip(flat(ours, texts, num_threads=threads), flat(generic, texts), strict=True):
            assert np.array_equal(mine, other)


def test_clip_with_added_tokens(data_dir: Path) -> None:
    ours = fasttok.Tokenizer.from_str(clip(data_dir).to_str())
    ours.add_tokens([fasttok.AddedToken("<Cat>", normalized=True), "!sun", "#"])
    assert ours.engine == "byte_bpe"
    theirs = reference.Tokenizer.from_str(ours.to_str())
    assert_equal(ours, theirs, ["a <cat> b<CAT>!Sun!SUN", "<c at>!su<cat", "<İ !", "a#", "#", "a <"])


def test_every_character_of_clip(data_dir: Path) -> None:
    fused = clip(data_dir)
    generic = fused.with_engine("generic")
    points = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 61)]
    texts = [f"a{c}b {c}{c}C1{c}2, {c}.\n{c}'{c}" for c in map(chr, points)]
    for mine, other in zip(flat(fused, texts), flat(generic, texts), strict=True):
        assert np.array_equal(mine, other)


def test_clip_is_left_to_generic(data_dir: Path) -> None:
    """Where a byte is missing at the end of words, or an added token cannot be seen coming."""
    data = clip(data_dir).to_str()
    missing = json.loads(data)
    missing["model"]["vocab"]["more"] = missing["model"]["vocab"].pop("\u0100</w>")  # a NUL's
    assert fasttok.Tokenizer.from_str(json.dumps(missing)).engine == "generic"
    added = fasttok.Tokenizer.from_str(data)
    added.add_tokens(["cat"])
    assert added.engine == "generic"
    assert added.encode("A Cat").ids == reference.Tokenizer.from_str(added.to_str()).encode("A Cat").ids


@pytest.mark.parametrize("tail", ["e\u0301", "e\u0316\u0301", "e\u0301中"])
@pytest.mark.parametrize("shape", ["gpt-neox", "qwen2"])
def test_what_composes_behind_a_cut(shape: str, tail: str) -> None:
    """A row is read up to where it is cut; what composes with its last character counts, too."""
    chars = byte_chars()
    e_acute = [chars[byte] for byte in "é".encode()]
    merges = [e_acute, ["x", "".join(e_acute)], ["x", "x"]]
    vocab = {token: i for i, token in enumerate([*chars, *map("".join, merges)])}
    data = tokenizer_json(shape, vocab, merges)
    mine, other = fasttok.Tokenizer.from_str(data), reference.Tokenizer.from_str(data)
    for before in range(1015, 1030):
        text = "x" * before + tail
        for length in range(before // 2 - 2, before // 2 + 4):
            mine.enable_truncation(length)
            other.enable_truncation(length)
            assert mine.encode_ids(text) == other.encode(text).ids, (before, length)


def test_long_words(data_dir: Path) -> None:
    """Megabytes of one character; were they not linear, this would not end."""
    data = tokenizer_json("cl100k", *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    for char in ("a", " ", "中", "\n", "1", "!", "\U0001f600"):
        text = char * 1_000_000
        assert fused.decode(fused.encode(text).ids) == text
        short = char * 3_000
        assert fused.encode(short).ids == fused.with_engine("generic").encode(short).ids


def test_other_shapes_are_left_to_generic(data_dir: Path) -> None:
    data = tokenizer_json("gpt2", *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    for change in (
        ('"normalizer": null', '"normalizer": {"type": "Lowercase"}'),
        ('"dropout": null', '"dropout": 0.5'),
        ('"end_of_word_suffix": null', '"end_of_word_suffix": "</w>"'),
    ):
        assert change[0] in data
        assert fasttok.Tokenizer.from_str(data.replace(*change)).engine == "generic"


@pytest.mark.parametrize("shape", ["gpt2", "qwen2", "roberta"])
@pytest.mark.parametrize("truncation", [None, 3, {"max_length": 4, "direction": "left"}])
def test_rows_of_ids(shape: str, truncation: Any, data_dir: Path) -> None:
    """Ids alone, many rows at a time: with rows between them that only the literal engine takes."""
    data = tokenizer_json(shape, *model_of(data_dir / "vocabs" / "tiktoken" / "qwen.tiktoken"))
    fused = fasttok.Tokenizer.from_str(data)
    fused.post_processor = fasttok.processors.TemplateProcessing(
        "<|endoftext|> $A:1 <|im_start|>:1", None, [("<|endoftext|>", 3), ("<|im_start|>", 5)]
    )
    generic = fused.with_engine("generic")
    rows = [*random_texts(3, 400), "", "e\u0301", "ab<|endoftext|>cd", "é" * 300, "\u1100\u1161\u11a8"]
    random.Random(4).shuffle(rows)
    for options in ({}, {"type_ids": True}, {"add_special_tokens": False}, {"specials": "text"}):
        for threads in (1, 4):
            mine, other = (
                each.encode_batch_flat(rows, truncation=truncation, num_threads=threads, **options)
                for each in (fused, generic)
            )
            assert np.array_equal(mine.ids, other.ids)
            assert np.array_equal(mine.row_offsets, other.row_offsets)
            assert mine.type_ids is None or np.array_equal(mine.type_ids, other.type_ids)
            assert (
                mine.to_lists()
                == other.to_lists()
                == [row.tolist() for row in np.split(other.ids, other.row_offsets[1:-1])]
            )
    for at in (0, 1, 70):
        wrong = [*rows[:at], "a\ud800", *rows[at:]]
        with pytest.raises(fasttok.InputError, match=rf"\[{at}\].*surrogate"):
            fused.encode_batch_flat(wrong)
        replaced = fused.encode_batch_flat(wrong, surrogates="replace").to_lists()
        assert replaced == generic.encode_batch_flat(wrong, surrogates="replace").to_lists()


@pytest.mark.parametrize("shape", SHAPES)
def test_short_texts_of_ascii(shape: str) -> None:
    """One short text by itself has a way of its own, up to 128 characters, with special tokens around it."""
    chars = byte_chars()
    merges = [["a", "b"], ["ab", "c"], [chars[32], "a"], ["1", "2"], ["'", "s"]]
    vocab = {token: i for i, token in enumerate([*chars, *map("".join, merges)])}
    data = json.loads(tokenizer_json(shape, vocab, merges))
    rng = random.Random(len(shape))
    alphabet = ["abc", "a b 12 's", " \t\n\r", "".join(map(chr, range(128)))]
    for settings in ({}, {"post_processor": FRAME}):
        source = json.dumps({**data, **settings})
        mine, other = fasttok.Tokenizer.from_str(source), reference.Tokenizer.from_str(source)
        for tokenizer in (mine, other):
            tokenizer.add_special_tokens(["<|end|>"])
        for length in range(140):
            text = "".join(rng.choices(rng.choice(alphabet), k=length))
            for given in (text, text[: length // 2] + "<|end|>" + text[length // 2 :]):
                for specials in (True, False):
                    expected = other.encode(given, add_special_tokens=specials).ids
                    assert mine.encode_ids(given, add_special_tokens=specials) == expected, given

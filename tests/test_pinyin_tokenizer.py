"""`PinyinSyllableTokenizer`, the pre-tokenizer `PinyinSyllables`, and `pinyin_ids`."""

from __future__ import annotations

import pickle
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fasttok import (
    BertTokenizer,
    InputError,
    PinyinSyllableTokenizer,
    PreTokenizedString,
    Token,
    Tokenizer,
    models,
    normalizers,
    pinyin_hanzi,
)
from fasttok.pinyin import pinyin_ids, segment
from fasttok.pre_tokenizers import PinyinSyllables

TEXTS = ["Ni3hao, xi'an!", "", "zhongguo [MASK] lǚyóu", "12 你好", "xian" * 40, "[CLS]ni [SEP", "lve4lue4"]


@pytest.fixture(scope="module")
def tok() -> PinyinSyllableTokenizer:
    return PinyinSyllableTokenizer.from_pretrained("pinyin")


def expected(tok: PinyinSyllableTokenizer, text: str) -> list[int]:
    names = [
        "[UNK]"
        if part.kind == "other"
        else part.syllable + ("" if part.tone is None else str(part.tone or 5))
        for part in segment(text, v="ü")
        if part.kind != "separator"
    ]
    return [tok.vocab[name] for name in names]


def test_tokens(tok: PinyinSyllableTokenizer) -> None:
    encoded = tok("Ni3hao lu:e4 lve4 nue", return_offsets_mapping=True)
    assert encoded.tokens() == ["[CLS]", "ni3", "hao", "lüe4", "lüe4", "nüe", "[SEP]"]
    assert encoded["offset_mapping"] == [(0, 0), (0, 3), (3, 6), (7, 12), (13, 17), (18, 21), (0, 0)]
    assert encoded["attention_mask"] == [1] * 7
    assert encoded.word_ids() == [None, 0, 1, 2, 3, 4, None]
    assert tok("ma0")["input_ids"] == tok("ma5")["input_ids"] != tok("ma")["input_ids"]
    assert tok.backend_tokenizer.engine == "pinyin"
    assert tok.vocab_size == len(tok) == 5 + 432 * 6
    assert tok.decode(tok("ni3hao")["input_ids"], skip_special_tokens=True) == "ni3 hao"
    assert tok.tokenize("nihaox") == ["ni", "hao", "[UNK]"]


def test_batches_agree(tok: PinyinSyllableTokenizer) -> None:
    lists = tok(TEXTS)["input_ids"]
    assert lists == [tok(text)["input_ids"] for text in TEXTS]
    flat = tok.backend_tokenizer.encode_batch_flat(TEXTS, num_threads=2, offsets="char", word_ids=True)
    assert flat.to_lists() == lists
    assert [tuple(map(tuple, flat[i].offsets)) for i in range(len(TEXTS))] == [
        tuple(tok(text, return_offsets_mapping=True)["offset_mapping"]) for text in TEXTS
    ]
    padded = tok(TEXTS, padding=True, truncation=True, max_length=16, return_tensors="np")
    assert padded["input_ids"].shape == (len(TEXTS), 16)
    for row, mask, ids in zip(padded["input_ids"], padded["attention_mask"], lists, strict=True):
        kept = row[mask == 1].tolist()
        assert kept == (ids if len(ids) <= 16 else [*ids[:15], tok.sep_token_id])
    assert tok.backend_tokenizer.count_batch(TEXTS).tolist() == [len(row) for row in lists]
    windows = tok("xian" * 40, truncation=True, max_length=12, stride=2, return_overflowing_tokens=True)
    assert sum(len(row) for row in windows["input_ids"]) > 42


def test_rows_without_details(tok: PinyinSyllableTokenizer) -> None:
    """Rows of a batch are written one behind the other where only ids are wanted."""
    flat = tok.backend_tokenizer.encode_batch_flat
    texts = [*TEXTS, "x" * 20_000, "xi'an" * 4000, "lǚ", "a5zhi", "ａn"] * 3
    one_by_one = [tok.backend_tokenizer.encode(text).ids for text in texts]
    for threads in (1, 4):
        assert flat(texts, num_threads=threads).to_lists() == one_by_one
        types = flat(texts, num_threads=threads, type_ids=True)
        assert types.to_lists() == one_by_one
        assert not types.type_ids.any()
    bare = flat(texts, add_special_tokens=False).to_lists()
    assert bare == [tok.encode(text, add_special_tokens=False) for text in texts]
    short = flat(texts, truncation=9).to_lists()
    assert short == [row if len(row) <= 9 else [*row[:8], tok.sep_token_id] for row in one_by_one]
    for at in (0, 1, 70, 130):
        rows = ["ni hao"] * 131
        rows[at] = "ni\ud800"
        with pytest.raises(TypeError, match=rf"\[{at}\].*surrogate at character 2"):
            flat(rows)
    tokenizer = Tokenizer(models.WordPiece({"ni": 0}))
    tokenizer.pre_tokenizer = PinyinSyllables()
    assert tokenizer.encode_batch_flat(["ni", "nini"]).to_lists() == [[0], [0, 0]]
    with pytest.raises(Exception, match="UNK"):
        tokenizer.encode_batch_flat(["ni", "ni", "hao"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*"aeinguxh35 ", "ǚ", "xian", "A", "你", "！"]), max_size=15).map("".join))
def test_ids_are_those_of_segment(text: str) -> None:
    tok = PinyinSyllableTokenizer()
    assert tok.encode(text, add_special_tokens=False) == expected(tok, text)
    words = PinyinSyllables().pre_tokenize_str(text)
    offsets = tok(text, return_offsets_mapping=True, add_special_tokens=False)["offset_mapping"]
    assert offsets == [place for _, place in words]


PLACED = ["Xi'an lǚyóu! nu:3", "", "  ", "nihaox你好 3", "Ｎｉ３\n\nXīān", "u\u0308 lu\u0308\u030c"]


@pytest.mark.parametrize("text", PLACED)
def test_a_pre_tokenized_string_is_cut_into_the_same_words(text: str) -> None:
    pretok = PreTokenizedString(text)
    PinyinSyllables().pre_tokenize(pretok)
    splits = pretok.get_splits()
    assert [(word, place) for word, place, _ in splits] == PinyinSyllables().pre_tokenize_str(text)
    assert all(tokens is None for _, _, tokens in splits)


def test_splits_are_cut_each_by_itself_and_what_has_tokens_is_left_alone() -> None:
    pretok = PreTokenizedString("Xian-lu:3 gāo")
    pretok.normalize(lambda text: text.lowercase())
    pretok.split(lambda _, text: text.split("-", "removed"))
    PinyinSyllables().pre_tokenize(pretok)
    assert [split[:2] for split in pretok.get_splits()] == [
        ("xian", (0, 4)),
        ("lü3", (5, 9)),
        ("gao1", (10, 13)),
    ]
    pretok.tokenize(lambda word: [Token(0, word, (0, len(word)))])
    before = pretok.get_splits()
    PinyinSyllables().pre_tokenize(pretok)
    assert str(pretok.get_splits()) == str(before)
    with pytest.raises(TypeError, match="pretok is str; expected PreTokenizedString"):
        PinyinSyllables().pre_tokenize("ni")  # type: ignore[arg-type]


def test_a_normalizer_is_refused() -> None:
    """Syllables are read from the text as it is, so that a normalizer would do nothing."""
    backend = PinyinSyllableTokenizer().backend_tokenizer
    backend.normalizer = normalizers.Replace("x", "n")
    with pytest.raises(ValueError, match=r"PinyinSyllables.*normalizer"):
        backend.encode("xi")
    backend.normalizer = None
    assert backend.encode("xi").tokens == ["[CLS]", "xi", "[SEP]"]


def test_added_tokens(tok: PinyinSyllableTokenizer) -> None:
    encoded = tok("ni[MASK]hao 中[SEP]x", return_offsets_mapping=True)
    assert encoded.tokens() == ["[CLS]", "ni", "[MASK]", "hao", "[UNK]", "[SEP]", "[UNK]", "[SEP]"]
    assert encoded["offset_mapping"][1:-1] == [(0, 2), (2, 8), (8, 11), (12, 13), (13, 18), (18, 19)]
    assert tok("ni[MASK]", specials="text").tokens() == ["[CLS]", "ni", "[UNK]", "[SEP]"]
    with pytest.raises(ValueError, match="special token"):
        tok("ni[MASK]", specials="error")
    other = PinyinSyllableTokenizer()
    other.add_tokens(["Python"])
    assert other.tokenize("yongPythonxie") == ["yong", "Python", "xie"]


@given(
    st.lists(st.sampled_from(["~", "xia", "3", "'", "：", ":", "ǎ", "\u0301", " ", "V"]), max_size=3),
    st.lists(
        st.lists(st.sampled_from([*"an3 ~':Va，中", "\u0301", "[MASK]", "xi", "ǎ", "lü"]), max_size=12).map(
            "".join
        ),
        max_size=8,
    ),
)
def test_added_tokens_that_begin_like_syllables_are_found_in_batches(
    added: list[str], rows: list[str]
) -> None:
    other = PinyinSyllableTokenizer()
    other.add_tokens(added)
    backend = other.backend_tokenizer
    assert backend.encode_batch_flat(rows).to_lists() == [backend.encode(row).ids for row in rows]


def test_wrong_input(tok: PinyinSyllableTokenizer) -> None:
    with pytest.raises(TypeError, match=r"text\[1\] is bytes"):
        tok(["ni", b"hao"])
    with pytest.raises(InputError, match="text is"):
        tok(b"ni")
    with pytest.raises(TypeError, match=r"inputs\[1\] is float"):
        tok.backend_tokenizer.encode_batch_flat(["ni", float("nan")])
    with pytest.raises(TypeError, match="surrogate at character 2"):
        tok.backend_tokenizer.encode_batch_flat(["ni\ud800"])
    with pytest.raises(InputError, match="vocab is int"):
        PinyinSyllableTokenizer(5)  # type: ignore[arg-type]


def test_saved_and_loaded(tok: PinyinSyllableTokenizer, tmp_path: Path) -> None:
    tok.save_pretrained(tmp_path)
    text = "nǐhǎo shijie [MASK] !"
    for other in (
        PinyinSyllableTokenizer.from_pretrained(tmp_path),
        pickle.loads(pickle.dumps(tok)),
    ):
        assert other(text).data == tok(text).data
    backend = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert backend.encode(text).ids == tok(text)["input_ids"]
    assert Tokenizer.from_str(tok.backend_tokenizer.to_str()).engine == "pinyin"


def test_other_vocabularies() -> None:
    tok = PinyinSyllableTokenizer({"[UNK]": 0, "ni": 1, "hao3": 2, "hao": 3})
    assert tok.encode("ni3hao3hao", add_special_tokens=False) == [1, 2, 3]
    tokenizer = Tokenizer(models.WordPiece({"ni": 0}))
    tokenizer.pre_tokenizer = PinyinSyllables()
    assert tokenizer.encode("ni").ids == [0]
    with pytest.raises(Exception, match="UNK"):
        tokenizer.encode("hao")


# Hanzi


@pytest.fixture(scope="module")
def bert() -> BertTokenizer:
    pytest.importorskip("pypinyin")
    return BertTokenizer.from_pretrained("zh-en-wordpiece")


def letters(ids: list[int]) -> str:
    return "".join(" 12345abcdefghijklmnopqrstuvwxyz"[i] for i in ids).strip()


def test_ids_of_hanzi(bert: BertTokenizer) -> None:
    # The example in the documentation of PaddleNLP's ChineseBertTokenizer: the published ids.
    ids = pinyin_ids(bert("欢迎使用飞桨！"), "欢迎使用飞桨！")
    assert ids == [
        [0] * 8, [13, 26, 6, 19, 1, 0, 0, 0], [30, 14, 19, 12, 2, 0, 0, 0], [24, 13, 14, 3, 0, 0, 0, 0],
        [30, 20, 19, 12, 4, 0, 0, 0], [11, 10, 14, 1, 0, 0, 0, 0], [15, 14, 6, 19, 12, 3, 0, 0], [0] * 8,
        [0] * 8,
    ]  # fmt: skip


def test_polyphones_by_phrase(bert: BertTokenizer) -> None:
    text = "银行行长重庆重要绿色的"
    read = [letters(ids) for ids in pinyin_ids(bert(text))[1:-1]]
    assert read == [
        "yin2",
        "hang2",
        "hang2",
        "zhang3",
        "chong2",
        "qing4",
        "zhong4",
        "yao4",
        "lv4",
        "se4",
        "de",
    ]
    assert pinyin_ids(bert(text), text) == pinyin_ids(bert(text))


def test_only_single_characters_have_pinyin(bert: BertTokenizer) -> None:
    batch = bert("用Python写 A 。", return_offsets_mapping=True)
    read = [letters(ids) for ids in pinyin_ids(batch)]
    assert read == ["", "yong4", "", "xie3", "", "", ""]


def test_shapes(bert: BertTokenizer) -> None:
    texts = ["你好", "我们用Python写界面"]
    lists = pinyin_ids(bert(texts))
    assert [len(row) for row in lists] == [len(row) for row in bert(texts)["input_ids"]]
    arrays = bert(texts, padding=True, return_tensors="np")
    ids = pinyin_ids(arrays, texts)
    assert ids.shape == (*arrays["input_ids"].shape, 8)
    assert ids.dtype == np.int64
    assert ids[0, : len(lists[0])].tolist() == lists[0]
    assert not ids[0, len(lists[0]) :].any()
    pair = pinyin_ids(bert("你好", "世界"))
    assert [letters(row) for row in pair] == ["", "ni3", "hao3", "", "shi4", "jie4", ""]
    windows = bert("银行行长" * 4, truncation=True, max_length=6, return_overflowing_tokens=True)
    assert len(pinyin_ids(windows, "银行行长" * 4)) == len(windows["input_ids"])


def test_pairs_are_read_from_both_texts(bert: BertTokenizer) -> None:
    first, second = ["银行", "重庆"], ["行长", "a 长大。"]
    batch = bert(first, second, padding=True, return_tensors="np")
    wanted = [*(pinyin_ids(bert(text))[1:-1] for text in first), *(pinyin_ids(bert(t))[1:-1] for t in second)]
    ids = pinyin_ids(batch, first, second)
    assert ids.shape == (*batch["input_ids"].shape, 8)
    assert ids[0].tolist() == [[0] * 8, *wanted[0], [0] * 8, *wanted[2], *[[0] * 8] * 3]
    assert ids[1].tolist() == [[0] * 8, *wanted[1], [0] * 8, *wanted[3], [0] * 8]
    assert pinyin_ids(batch).tolist() == ids.tolist()
    with pytest.raises(ValueError, match="row 0 is of a pair; give text_pair"):
        pinyin_ids(batch, first)
    with pytest.raises(ValueError, match="text_pair without text"):
        pinyin_ids(batch, text_pair=second)
    with pytest.raises(ValueError, match="text_pair has 1 texts for 2 rows"):
        pinyin_ids(batch, first, "行长")
    with pytest.raises(TypeError, match=r"text_pair\[1\] is NoneType"):
        pinyin_ids(batch, first, ["行长", None])  # type: ignore[list-item]
    # What is cut off still tells how the rest is read, where the text is given.
    short = bert("行长", "行长", truncation="only_second", max_length=6)
    assert [letters(row) for row in pinyin_ids(short, "行长", "行长")] == [
        "", "hang2", "zhang3", "", "hang2", "",
    ]  # fmt: skip


def test_texts_given_as_words(bert: BertTokenizer) -> None:
    """Offsets begin anew at each word there; a phrase may lie over words."""
    for words in (["银行", "行长", "绿色", "Python", "的"], [*"银行行长绿色", "Python", "的"]):
        batch = bert([words, ["重", "庆"]], is_split_into_words=True)
        assert [[letters(ids) for ids in row] for row in pinyin_ids(batch)] == [
            ["", "yin2", "hang2", "hang2", "zhang3", "lv4", "se4", "", "de", ""],
            ["", "chong2", "qing4", ""],
        ]
        with pytest.raises(ValueError, match=r"text\[0\] was given as words"):
            pinyin_ids(batch, ["".join(words), "重庆"])


def test_what_is_kept_is_bounded(bert: BertTokenizer) -> None:
    text = "银行行长" * 1000
    before = pinyin_hanzi._read_and_keep.cache_info()
    ids = pinyin_ids(bert(text), text)
    assert pinyin_hanzi._read_and_keep.cache_info() == before
    assert ids[1:5] == pinyin_ids(bert(text[:4]))[1:5]
    a, b = pinyin_hanzi._read_run("重庆银行"), pinyin_hanzi._read_run("一家银行")
    assert a[3] is b[3]


def test_as_chinesebert(bert: BertTokenizer, data_dir: Path) -> None:
    """The rule of ChineseBERT's dataset code: readings of the sentence, by the offsets of the tokens."""
    from pypinyin import Style, pinyin

    rng = random.Random(5)
    lines = (data_dir / "corpora" / "zh_wiki.txt").read_text("utf-8").split("\n")
    for line in rng.sample(lines, 100):
        text = line[:200]
        readings = pinyin(text, style=Style.TONE3, errors=lambda part: [[""] for _ in part])
        encoded = bert(text, return_offsets_mapping=True)
        wanted = []
        for start, end in encoded["offset_mapping"]:
            name = readings[start][0] if end - start == 1 else ""
            wanted.append(name if len(name) <= 8 and name.isascii() else "")
        assert [letters(ids) for ids in pinyin_ids(encoded, text)] == wanted


def test_wrong_batches(bert: BertTokenizer) -> None:
    with pytest.raises(TypeError, match="batch is list"):
        pinyin_ids([1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"text\[0\] is bytes"):
        pinyin_ids(bert(["你"]), [b"x"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="1 texts for 2 rows"):
        pinyin_ids(bert(["你", "好"]), ["你"])
    with pytest.raises(TypeError, match="text is int; expected str or a list of str"):
        pinyin_ids(bert("你"), 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"text\[0\] is not what was encoded"):
        pinyin_ids(bert("你好"), "你")
    with pytest.raises(ValueError, match="does not know its tokens"):
        pinyin_ids(type(bert("你"))({"input_ids": [1]}))

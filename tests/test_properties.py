"""What holds for every text: equal to the reference, and the calls of fasttok equal to each other."""

from __future__ import annotations

import pickle
import unicodedata
from typing import Any

import numpy as np
import pytest
import tokenizers as reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parity.compare import columns

import fasttok
from fasttok import BertTokenizer

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
REPEATABLE = settings.get_profile("repeatable")

PIECES = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] a b c ab abc ##a ##b ##c ##bc e ##e é ##é i 中 文 国 ##文 , . ! [ ] "
    "cls new 1 ##1 ᄀ ##ᅡ ##ᆨ か ##か 👨 ##👩 ß ##ß σ ##ς"
)
VOCAB = {piece: id for id, piece in enumerate(PIECES.split())}
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ADDED = (  # content, single_word, lstrip, rstrip, normalized, special
    ("new", True, False, False, True, False),
    ("<x>", False, True, True, False, True),
    ("É!", False, False, True, True, False),
    ("中文", False, True, False, False, False),
    ("中", True, False, False, True, False),
    ("a\u0301b", False, False, False, False, False),
)


def make(package: Any, cased: bool) -> Any:
    tokenizer = package.Tokenizer(package.models.WordPiece(VOCAB, unk_token="[UNK]"))
    tokenizer.normalizer = package.normalizers.BertNormalizer(lowercase=not cased)
    tokenizer.pre_tokenizer = package.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = package.decoders.WordPiece()
    tokenizer.post_processor = package.processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    for content, single_word, lstrip, rstrip, normalized, special in ADDED:
        flags = {"single_word": single_word, "lstrip": lstrip, "rstrip": rstrip, "normalized": normalized}
        tokenizer.add_tokens([package.AddedToken(content, special=special, **flags)])
    return tokenizer


# By whether it is cased: (ours, theirs).
PAIRS = {cased: (make(fasttok, cased), make(reference, cased)) for cased in (False, True)}
OURS = PAIRS[False][0]

MARKS = "".join(chr(c) for c in range(0x110000) if unicodedata.category(chr(c))[0] == "M")
SCRIPTS = st.text(st.sampled_from("abcABe1 中文国，。 \t\n\u3000かがカ각가ßσςΣİıéÉñЙ,.![]<>x"), max_size=12)
CONTROLS = st.text(
    st.sampled_from("\0\x01\x1f\x7f\x85\xa0\xad\u200b\u200c\u200d\u2028\ufeff\ufffd\ue000\v\f\r"), max_size=4
)
COMBINING = st.tuples(st.sampled_from("ae中か "), st.text(st.sampled_from(MARKS), max_size=4)).map("".join)
EMOJI = st.lists(st.sampled_from("👨👩👧🏽❤🇨🇳"), max_size=4).map("\u200d".join)
LONG = st.tuples(st.sampled_from("a中éb\u0301가"), st.sampled_from([99, 100, 101, 10_000])).map(
    lambda x: x[0] * x[1]
)
TOKENS = st.sampled_from(
    [*SPECIALS, *(token[0] for token in ADDED), "[mask]", "NEW", "é!", "e\u0301!", "<X>"]
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXTS = st.lists(
    st.one_of(SCRIPTS, SCRIPTS, CONTROLS, COMBINING, EMOJI, TOKENS, TOKENS, ANY, st.just(" ")), max_size=8
).map("".join)
TEXTS_AND_LONG = st.one_of(TEXTS, TEXTS, TEXTS, st.tuples(TEXTS, LONG, TEXTS).map("".join))
BATCHES = st.lists(TEXTS, max_size=6)


def flat(texts: Any, **options: Any) -> fasttok.TokenBatch:
    return OURS.encode_batch_flat(texts, **{"offsets": "char", "word_ids": True, "type_ids": True, **options})


def equal(a: fasttok.TokenBatch, b: fasttok.TokenBatch) -> bool:
    names = ("ids", "row_offsets", "offsets", "word_ids", "type_ids")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


class TestAgainstTheReference:
    @settings(REPEATABLE, max_examples=800)
    @given(TEXTS_AND_LONG, st.booleans(), st.booleans(), st.booleans())
    def test_encode(self, text: str, cased: bool, add: bool, as_text: bool) -> None:
        ours, theirs = PAIRS[cased]
        ours.encode_special_tokens = theirs.encode_special_tokens = as_text
        mine, other = (tokenizer.encode(text, add_special_tokens=add) for tokenizer in (ours, theirs))
        ours.encode_special_tokens = theirs.encode_special_tokens = False
        assert columns(mine) == columns(other)

    @settings(REPEATABLE, max_examples=300)
    @given(BATCHES, st.booleans(), st.integers(9, 30), st.integers(0, 2), st.sampled_from(["left", "right"]))
    def test_pairs_windows_and_padding(
        self, batch: list[str], cased: bool, length: int, stride: int, side: str
    ) -> None:
        rows: list[Any] = [*batch, *zip(batch, batch[::-1], strict=True)]
        results = []
        for tokenizer in PAIRS[cased]:
            tokenizer.enable_truncation(length, stride=stride, direction=side)
            tokenizer.enable_padding(pad_to_multiple_of=stride or None, direction=side)
            results.append(list(map(columns, tokenizer.encode_batch(rows))))
            tokenizer.no_truncation()
            tokenizer.no_padding()
        assert results[0] == results[1]

    @settings(REPEATABLE, max_examples=200)
    @given(st.lists(BATCHES, max_size=4), st.booleans())
    def test_words(self, batch: list[list[str]], cased: bool) -> None:
        ours, theirs = PAIRS[cased]
        mine, other = (tokenizer.encode_batch(batch, is_pretokenized=True) for tokenizer in (ours, theirs))
        assert list(map(columns, mine)) == list(map(columns, other))

    @settings(REPEATABLE, max_examples=300)
    @given(st.lists(st.integers(0, len(VOCAB) + len(ADDED) + 1), max_size=12), st.booleans(), st.booleans())
    def test_decode(self, ids: list[int], cased: bool, skip: bool) -> None:
        ours, theirs = PAIRS[cased]
        assert ours.decode(ids, skip) == theirs.decode(ids, skip)


class TestCallsAgree:
    @settings(REPEATABLE, max_examples=300)
    @given(BATCHES, st.booleans())
    def test_batch_is_map_of_single(self, batch: list[str], add: bool) -> None:
        singles = [OURS.encode(text, add_special_tokens=add) for text in batch]
        assert list(map(columns, OURS.encode_batch(batch, add_special_tokens=add))) == list(
            map(columns, singles)
        )
        columnar = flat(batch, add_special_tokens=add)
        assert columnar.to_lists() == [single.ids for single in singles]
        assert columnar.offsets.tolist() == [list(pair) for single in singles for pair in single.offsets]
        assert columnar.type_ids.tolist() == [type_id for single in singles for type_id in single.type_ids]
        words = [-1 if word is None else word for single in singles for word in single.word_ids]
        assert columnar.word_ids.tolist() == words
        assert [
            row.ids for row in OURS.encode_batch_fast(batch, add_special_tokens=add)
        ] == columnar.to_lists()
        assert np.array_equal(OURS.encode_batch_flat(batch, add_special_tokens=add).ids, columnar.ids)

    @settings(REPEATABLE, max_examples=100)
    @given(BATCHES, st.integers(2, 5))
    def test_threads_and_engines_change_nothing(self, batch: list[str], threads: int) -> None:
        batch = batch * 20
        once = flat(batch, num_threads=1)
        assert equal(once, flat(batch, num_threads=threads))
        generic = OURS.with_engine("generic")
        assert generic.engine == "generic"
        assert equal(once, generic.encode_batch_flat(batch, offsets="char", word_ids=True, type_ids=True))

    @settings(REPEATABLE, max_examples=300)
    @given(TEXTS)
    def test_spans_are_ordered_and_in_bounds(self, text: str) -> None:
        plain = flat([text], add_special_tokens=False)
        starts, ends = plain.offsets.T.astype(int)
        assert (starts < ends).all()
        assert (np.diff(plain.word_ids) >= 0).all()
        assert not len(ends) or ends.max() <= len(text)
        assert (np.diff(starts) >= 0).all()
        assert (np.diff(ends) >= 0).all()
        assert (
            starts[1:] >= ends[:-1] - 1
        ).all()  # a character that becomes several may be in several tokens

    @settings(REPEATABLE, max_examples=300)
    @given(TEXTS)
    def test_byte_offsets_agree_with_characters(self, text: str) -> None:
        place = np.cumsum([0, *(len(c.encode()) for c in text)])
        for row in (text, text.encode()):
            chars, octets = flat([row]), flat([row], offsets="byte")
            assert np.array_equal(place[chars.offsets.astype(int)], octets.offsets)
            assert chars.ids.tolist() == OURS.encode(text).ids

    @settings(REPEATABLE, max_examples=300)
    @given(BATCHES, st.booleans(), st.integers(0, 30))
    def test_counts(self, batch: list[str], add: bool, most: int) -> None:
        lengths = [len(row) for row in OURS.encode_batch(batch, add_special_tokens=add)]
        assert OURS.count_batch(batch, add_special_tokens=add).tolist() == lengths
        for text, length in zip(batch, lengths, strict=True):
            assert OURS.count(text, add_special_tokens=add) == length
            for limit in {most, length, max(length - 1, 0)}:
                assert OURS.fits(text, limit, add_special_tokens=add) == (length <= limit)

    @settings(REPEATABLE, max_examples=200)
    @given(BATCHES, st.integers(0, 12), st.integers(0, 3), st.sampled_from(["left", "right"]))
    def test_truncated_columns(self, batch: list[str], length: int, stride: int, side: str) -> None:
        truncation = {"max_length": length, "stride": min(stride, max(length - 3, 0)), "direction": side}
        tokenizer = pickle.loads(pickle.dumps(OURS))
        tokenizer.enable_truncation(**truncation)
        rows = [row.ids for row in tokenizer.encode_batch(batch)] if length != 2 else None
        if rows is not None:
            assert flat(batch, truncation=truncation).to_lists() == rows
            assert tokenizer.encode_batch_flat(batch).to_lists() == rows

    @settings(REPEATABLE, max_examples=200)
    @given(BATCHES, st.sampled_from(["left", "right"]), st.sampled_from([None, 1, 4, 7]))
    def test_padded(self, batch: list[str], side: str, multiple: int | None) -> None:
        made = flat(batch).padded(0, side=side, pad_to_multiple_of=multiple)
        tokenizer = pickle.loads(pickle.dumps(OURS))
        tokenizer.enable_padding(direction=side, pad_to_multiple_of=multiple)
        rows = tokenizer.encode_batch(batch)
        for name, field in (
            ("input_ids", "ids"),
            ("attention_mask", "attention_mask"),
            ("token_type_ids", "type_ids"),
        ):
            assert made[name].tolist() == [getattr(row, field) for row in rows]

    @settings(REPEATABLE, max_examples=150)
    @given(BATCHES, st.sampled_from([None, 3, 8, 20]))
    def test_bert_tokenizer(self, batch: list[str], length: int | None) -> None:
        tokenizer = BertTokenizer(dict(VOCAB))
        cut = {} if length is None else {"truncation": True, "max_length": length}
        lists = tokenizer(batch, **cut)["input_ids"] if batch else []
        assert lists == [tokenizer(text, **cut)["input_ids"] for text in batch]
        if batch:
            matrices = tokenizer(batch, padding=True, return_tensors="np", **cut)
            assert [
                row[mask == 1].tolist()
                for row, mask in zip(*map(matrices.get, ("input_ids", "attention_mask")), strict=True)
            ] == lists
            assert tokenizer(batch, return_offsets_mapping=True, **cut)["input_ids"] == lists


class TestSpecials:
    @settings(REPEATABLE, max_examples=300)
    @given(TEXTS)
    def test_every_way(self, text: str) -> None:
        specials = [*SPECIALS, "<x>"]
        parsed, plain = OURS.encode(text), OURS.encode(text, specials="text")
        assert columns(OURS.encode(text, specials=specials)) == columns(parsed)
        assert columns(OURS.encode(text, specials=[])) == columns(plain)
        ids = {OURS.token_to_id(token) for token in specials}
        found = [
            i
            for i, word in enumerate(parsed.word_ids)
            if word is not None and parsed.ids[i] in ids and parsed.ids[i] != VOCAB["[UNK]"]
        ]
        if "[UNK]" not in text:
            if found:
                with pytest.raises(ValueError, match="special token"):
                    OURS.encode(text, specials="error")
            else:
                assert columns(OURS.encode(text, specials="error")) == columns(parsed)
        only = OURS.encode(text, specials=["[MASK]"])
        others = {OURS.token_to_id(token) for token in specials} - {VOCAB["[MASK]"], VOCAB["[UNK]"]}
        assert not others & {id for id, word in zip(only.ids, only.word_ids, strict=True) if word is not None}
        assert flat([text], specials="text").to_lists() == [plain.ids]
        assert OURS.count(text, specials=["[MASK]"]) == len(only)


class TestSurrogates:
    @settings(REPEATABLE, max_examples=200)
    @given(TEXTS, st.sampled_from("\ud800\udbff\udc00\udfff"), TEXTS)
    def test_refused_or_replaced(self, before: str, surrogate: str, after: str) -> None:
        text = before + surrogate + after
        replaced = text.replace(surrogate, "\ufffd")
        with pytest.raises(TypeError, match="TextInputSequence must be str"):
            OURS.encode(text)
        for call in (OURS.encode_batch, OURS.encode_batch_flat, OURS.count_batch):
            with pytest.raises(TypeError, match=r"\[1\]"):
                call(["a", text])
        assert columns(OURS.encode(text, surrogates="replace")) == columns(OURS.encode(replaced))
        assert equal(flat([text], surrogates="replace"), flat([replaced]))
        assert OURS.count(text, surrogates="replace") == OURS.count(replaced)
        assert columns(OURS.encode(before + after)) == columns(PAIRS[False][1].encode(before + after))


@settings(REPEATABLE, max_examples=100)
@given(
    st.lists(
        st.tuples(st.text(st.sampled_from("ab<>é中 N"), min_size=1, max_size=4), *[st.booleans()] * 5),
        max_size=5,
    ),
    BATCHES,
)
def test_saved_and_pickled(tokens: list[Any], batch: list[str]) -> None:
    tokenizer = make(fasttok, False)
    for content, single_word, lstrip, rstrip, normalized, special in tokens:
        flags = {"single_word": single_word, "lstrip": lstrip, "rstrip": rstrip, "normalized": normalized}
        tokenizer.add_tokens([fasttok.AddedToken(content, special=special, **flags)])
    text = tokenizer.to_str()
    expected = list(map(columns, tokenizer.encode_batch(batch)))
    for copy in (fasttok.Tokenizer.from_str(text), pickle.loads(pickle.dumps(tokenizer))):
        assert copy.to_str() == text
        assert copy.fingerprint() == tokenizer.fingerprint()
        assert list(map(columns, copy.encode_batch(batch))) == expected
    row = tokenizer.encode(batch[0] if batch else "")
    assert columns(pickle.loads(pickle.dumps(row))) == columns(row)
    columnar = tokenizer.encode_batch_flat(batch, offsets="char", word_ids=True, type_ids=True)
    assert equal(pickle.loads(pickle.dumps(columnar)), columnar)

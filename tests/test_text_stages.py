"""Normalizers, pre-tokenizers, NormalizedString, PreTokenizedString and Python components, as objects."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from fasttok import NormalizedString, PreTokenizedString, Regex, Tokenizer, models
from fasttok import normalizers as n
from fasttok import pre_tokenizers as p

MAKES: list[Callable[[ModuleType], Any]] = [
    lambda m: m.normalizers.ByteLevel(),
    lambda m: m.normalizers.NFC(),
    lambda m: m.normalizers.Nmt(),
    lambda m: m.normalizers.StripAccents(),
    lambda m: m.normalizers.Lowercase(),
    lambda m: m.normalizers.Precompiled(bytes(4)),
    lambda m: m.normalizers.Prepend(),
    lambda m: m.normalizers.Prepend("é" * 99),
    lambda m: m.normalizers.Replace("a\n", 'b"'),
    lambda m: m.normalizers.Replace(m.Regex("a+"), "b" * 200),
    lambda m: m.normalizers.Strip(right=False),
    lambda m: m.normalizers.Sequence([]),
    lambda m: m.normalizers.Sequence(
        [m.normalizers.NFD(), m.normalizers.Sequence([m.normalizers.Prepend()])]
    ),
    lambda m: m.pre_tokenizers.ByteLevel(False, use_regex=False, unknown=1),
    lambda m: m.pre_tokenizers.CharDelimiterSplit("中"),
    lambda m: m.pre_tokenizers.Digits(True),
    lambda m: m.pre_tokenizers.FixedLength(),
    lambda m: m.pre_tokenizers.Metaspace("_", "first", False),
    lambda m: m.pre_tokenizers.Punctuation("merged_with_previous"),
    lambda m: m.pre_tokenizers.Split(m.Regex(r"\d"), "merged_with_next", True),
    lambda m: m.pre_tokenizers.Split("a", "contiguous"),
    lambda m: m.pre_tokenizers.UnicodeScripts(),
    lambda m: m.pre_tokenizers.Whitespace(),
    lambda m: m.pre_tokenizers.Sequence([m.pre_tokenizers.WhitespaceSplit(), m.pre_tokenizers.Digits()]),
]


@pytest.mark.parametrize("make", MAKES)
def test_text_of_a_component(make: Callable[[ModuleType], Any]) -> None:
    ours, theirs = make(fasttok), make(reference)
    assert (repr(ours), str(ours), ours.__getstate__()) == (repr(theirs), str(theirs), theirs.__getstate__())
    assert pickle.loads(pickle.dumps(ours)).__getstate__() == theirs.__getstate__()
    assert ours != make(fasttok)  # no equality, as upstream
    assert type(ours).__name__ == type(theirs).__name__


WRONG: list[Callable[[ModuleType], Any]] = [
    lambda m: m.pre_tokenizers.Split("a", "foo"),
    lambda m: m.pre_tokenizers.Split(1, "removed"),
    lambda m: m.pre_tokenizers.Split("a", "removed").pattern,
    lambda m: setattr(m.pre_tokenizers.Split("a", "removed"), "pattern", "x"),
    lambda m: setattr(m.pre_tokenizers.Split("a", "removed"), "behavior", "x"),
    lambda m: setattr(m.pre_tokenizers.Punctuation(), "behavior", 5),
    lambda m: m.pre_tokenizers.Metaspace("ab"),
    lambda m: m.pre_tokenizers.Metaspace(1),
    lambda m: m.pre_tokenizers.Metaspace("a", "foo"),
    lambda m: m.pre_tokenizers.CharDelimiterSplit(""),
    lambda m: m.pre_tokenizers.CharDelimiterSplit(),
    lambda m: m.pre_tokenizers.FixedLength(-1),
    lambda m: m.pre_tokenizers.FixedLength(2**64),
    lambda m: m.pre_tokenizers.FixedLength(1.5),
    lambda m: m.pre_tokenizers.Digits(1),
    lambda m: m.pre_tokenizers.Sequence((m.pre_tokenizers.Digits(),)),
    lambda m: m.pre_tokenizers.Sequence([1]),
    lambda m: m.pre_tokenizers.Sequence([])[0],
    lambda m: m.pre_tokenizers.Sequence([])[-1],
    lambda m: len(m.pre_tokenizers.Sequence([])),
    lambda m: m.pre_tokenizers.Sequence([m.pre_tokenizers.Digits()]).__setitem__(
        0, m.pre_tokenizers.Sequence([])
    ),
    lambda m: m.pre_tokenizers.Sequence([]).__setitem__(0, m.pre_tokenizers.Digits()),
    lambda m: m.pre_tokenizers.PreTokenizer(),
    lambda m: m.pre_tokenizers.Whitespace().pre_tokenize("a"),
    lambda m: m.pre_tokenizers.Whitespace().pre_tokenize_str("a\ud800"),
    lambda m: m.normalizers.Replace("a", 5),
    lambda m: m.normalizers.Replace("a", "b").pattern,
    lambda m: setattr(m.normalizers.Replace("a", "b"), "pattern", "x"),
    lambda m: m.normalizers.Strip(1),
    lambda m: m.normalizers.Precompiled("abc"),
    lambda m: m.normalizers.Precompiled(b"abc"),
    lambda m: m.normalizers.Sequence([m.normalizers.NFC()])[1],
    lambda m: m.normalizers.Sequence([m.normalizers.NFC()]).__setitem__(0, 5),
    lambda m: m.normalizers.Sequence([m.normalizers.NFC()]).__setitem__(0, m.normalizers.Sequence([])),
    lambda m: m.normalizers.unicode_normalizer_from_str("x"),
    lambda m: m.normalizers.NFC().normalize("a"),
    lambda m: m.normalizers.NFC().normalize_str(5),
    lambda m: m.NormalizedString(5),
    lambda m: m.NormalizedString("\ud800"),
    lambda m: m.NormalizedString("a")["a"],
    lambda m: m.NormalizedString("a")[-20],
    lambda m: m.NormalizedString("a").split("a", "foo"),
    lambda m: m.NormalizedString("a").filter(5),
    lambda m: m.PreTokenizedString("a").split(5),
    lambda m: m.PreTokenizedString("a").split(lambda i, s: 5),
    lambda m: m.PreTokenizedString("a").get_splits("foo"),
    lambda m: m.PreTokenizedString("a").get_splits("original", "x"),
    lambda m: m.PreTokenizedString("a").to_encoding(),
    lambda m: m.PreTokenizedString("a").tokenize(lambda s: (1,)),
    lambda m: m.Regex("("),
]


@pytest.mark.parametrize("call", WRONG)
def test_errors(call: Callable[[ModuleType], Any]) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        call(reference)
    with pytest.raises(Exception) as ours:  # noqa: PT011
        call(fasttok)
    assert ours.type is theirs.type
    if theirs.type is Exception or theirs.type is ValueError:
        assert str(ours.value).startswith(str(theirs.value).split(":")[0])


def test_properties() -> None:
    for m in (fasttok, reference):
        split = m.pre_tokenizers.Split("a", "merged_with_next")
        assert split.behavior == "mergedwithnext"
        split.behavior, split.invert = "removed", True
        assert (split.behavior, split.invert) == ("removed", True)
        space = m.pre_tokenizers.Metaspace()
        space.replacement, space.prepend_scheme, space.split = "x", "never", False
        assert (space.replacement, space.prepend_scheme, space.split) == ("x", "never", False)
        assert set(m.pre_tokenizers.ByteLevel.alphabet()) == set(
            reference.pre_tokenizers.ByteLevel.alphabet()
        )
        assert type(m.normalizers.unicode_normalizer_from_str("nfkd")) is m.normalizers.NORMALIZERS["nfkd"]


NODES = [
    ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}),
    ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁", "add_prefix_space": False}),
    (
        "pre_tokenizer",
        {
            "type": "Metaspace",
            "replacement": "▁",
            "str_rep": "▁",
            "add_prefix_space": False,
            "prepend_scheme": "never",
            "split": None,
        },
    ),
    ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁▁"}),
    ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁", "prepend_scheme": None}),
    ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁", "str_rep": 1}),
    ("pre_tokenizer", {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False}),
    ("pre_tokenizer", {"type": "ByteLevel", "add_prefix_space": True}),
    ("pre_tokenizer", {"type": "Punctuation"}),
    ("pre_tokenizer", {"type": "Punctuation", "behavior": "isolated"}),
    ("pre_tokenizer", {"type": "Digits"}),
    ("pre_tokenizer", {"type": "FixedLength"}),
    ("pre_tokenizer", {"type": "FixedLength", "length": -1}),
    ("pre_tokenizer", {"type": "Delimiter", "delimiter": "a"}),
    ("pre_tokenizer", {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed", "invert": False}),
    ("pre_tokenizer", {"type": "Split", "pattern": "a", "behavior": "Removed", "invert": False}),
    ("pre_tokenizer", {"type": "Split", "pattern": {"String": "a"}, "behavior": "Removed"}),
    ("pre_tokenizer", {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}, 5]}),
    ("pre_tokenizer", {"type": "Sequence", "pretokenizers": [{"type": "Sequence", "pretokenizers": []}]}),
    ("pre_tokenizer", {"pretokenizers": []}),
    ("normalizer", {"strip_left": True, "strip_right": False}),
    ("normalizer", {"prepend": "x"}),
    ("normalizer", {"normalizers": [{"type": "NFC"}, {"pattern": {"String": "a"}, "content": "b"}]}),
    ("normalizer", {"precompiled_charsmap": "AAAAAA=="}),
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAAAA"}),
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
    ("normalizer", {"type": "Replace", "pattern": {"Regex": "a", "String": "b"}, "content": "b"}),
    ("normalizer", {"type": "Strip", "strip_left": 1, "strip_right": False}),
    ("normalizer", {"type": "Prepend"}),
    ("normalizer", {"type": "NFC", "extra": 1}),
    ("normalizer", {"lowercase": True}),
    ("normalizer", {"type": "Bert", "clean_text": True, "handle_chinese_chars": True, "lowercase": True}),
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAAAA="}),
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAAAB=="}),
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAAAAAA===="}),
]


@pytest.mark.parametrize(("section", "node"), NODES)
def test_json(section: str, node: dict[str, Any]) -> None:
    from parity.text_chains import outcome, tokenizer_json

    text = tokenizer_json(**{"normalizer": None, "pre_tokenizer": None, section: node})
    theirs = outcome(lambda: reference.Tokenizer.from_str(text).to_str()) or "error"
    assert outcome(lambda: Tokenizer.from_str(text).to_str()) == theirs
    if theirs == "error":
        with pytest.raises(fasttok.FormatError, match=f"tokenizer.json: {section}"):
            Tokenizer.from_str(text)


def word_level() -> Tokenizer:
    return Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "▁": 2, "▁a": 3, "##a": 4, "b": 5}))


def test_editing_a_component_changes_its_tokenizers() -> None:
    tokenizer = word_level()
    tokenizer.pre_tokenizer = p.Metaspace(prepend_scheme="never")
    assert tokenizer.encode("a").tokens == ["a"]
    tokenizer.pre_tokenizer.prepend_scheme = "always"
    assert tokenizer.encode("a").tokens == ["▁a"]


def test_editing_inside_a_sequence() -> None:
    prepend = n.Prepend("b")
    chain = n.Sequence([n.Sequence([prepend]), n.Lowercase()])
    tokenizer = word_level()
    tokenizer.normalizer = chain
    assert tokenizer.encode("x").ids == [0]
    prepend.prepend = "a"
    assert tokenizer.encode("A").tokens == ["a", "##a"]
    chain[0] = n.Strip()
    assert tokenizer.encode(" A ").tokens == ["a"]
    prepend.prepend = "zzz"  # no longer part of it
    assert tokenizer.encode("a").tokens == ["a"]
    chain[0].left = False
    assert tokenizer.encode(" a").ids == [0]
    assert chain._copy().__getstate__() == chain.__getstate__()


def test_setting_an_item_takes_a_copy() -> None:
    for m in (fasttok, reference):
        chain, item = m.normalizers.Sequence([m.normalizers.NFC()]), m.normalizers.Prepend("a")
        chain[0] = item
        item.prepend = "b"
        assert chain.normalize_str("x") == "ax"


# NormalizedString and PreTokenizedString


@pytest.mark.parametrize("text", ["", "a", "héllo wörld", " \u0301é ﬁ中\t", "e\u0301\u0323 İß"])
def test_methods_of_normalized_string(text: str) -> None:
    def tell(s: Any) -> Any:
        return None if s is None else (s.normalized, s.original, str(s), repr(s))

    def steps(m: ModuleType) -> list[Any]:
        seen: list[Any] = []
        s = m.NormalizedString(text)
        calls: list[Callable[[], object]] = [
            s.nfd,
            s.uppercase,
            lambda: s.prepend("xé"),
            lambda: s.append("中y"),
            s.nfkc,
            lambda: s.filter(lambda c: c != "L"),
            lambda: s.map(lambda c: "zz" if c == "X" else c),
            s.lowercase,
            lambda: s.replace("z", " ab "),
            lambda: s.replace(m.Regex("a|b+"), ""),
            lambda: s.replace("", "never"),
            s.lstrip,
            s.rstrip,
            s.nfkd,
            s.nfc,
            s.strip,
            lambda: s.for_each(seen.append),
            s.clear,
            lambda: s.append("again"),
        ]
        ranges = [0, 2, -1, (0, 2), (1, 1), (3, 1), slice(1, 3), slice(None), slice(-2, None), slice(9), 99]
        for call in calls:
            call()
            seen.append(tell(s))
            seen += [tell(s[r]) for r in ranges if not (r == -1 and not s.normalized)]
            for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
                for pattern in (" ", m.Regex("l+")):
                    seen += [tell(part) for part in s.split(pattern, behavior)]
        return seen

    assert steps(fasttok) == steps(reference)


def test_methods_of_pre_tokenized_string() -> None:
    def steps(m: ModuleType) -> list[Any]:
        seen: list[Any] = []

        def tell() -> None:
            for where in ("original", "normalized"):
                for unit in ("byte", "char"):
                    splits = text.get_splits(where, unit)
                    seen.extend((s, o, ts and [t.as_tuple() for t in ts]) for s, o, ts in splits)

        text = m.PreTokenizedString("Héllo wörld, 中文!")
        text.split(lambda i, s: s.split(" ", "merged_with_previous"))
        tell()
        text.normalize(lambda s: s.nfd())
        text.normalize(lambda s: s.filter(lambda c: c != "\u0301"))
        tell()
        text.split(lambda i, s: [s[:2], m.NormalizedString("fóreign"), s[2:]] if i else [s])
        tell()
        text.split(lambda i, s: [part for r in ((0, 1), (1, 99)) if (part := s.slice(r)) is not None])
        text.normalize(lambda s: s.append("x"))
        tell()
        text.tokenize(
            lambda s: [m.Token(len(s), s, (0, 1)), m.Token(7, "t", (1, 99)), m.Token(8, "u", (0, 0))]
        )
        tell()
        text.split(lambda i, s: [])
        for encoding in (text.to_encoding(), text.to_encoding(3, 5)):
            seen.append(
                (encoding.ids, encoding.tokens, encoding.offsets, encoding.word_ids, encoding.type_ids)
            )
        return seen

    assert steps(fasttok) == steps(reference)


def test_what_is_lent_is_taken_back() -> None:
    kept: list[Any] = []
    PreTokenizedString("a").normalize(kept.append)
    with pytest.raises(Exception, match="Cannot use a NormalizedStringRefMut outside `normalize`"):
        kept[0].lowercase()


# Python components


class Upper:
    def normalize(self, text: NormalizedString) -> None:
        text.uppercase()


class Letters:
    def pre_tokenize(self, text: PreTokenizedString) -> None:
        text.split(lambda i, s: s.split(Regex("."), "isolated"))


class Fails:
    def normalize(self, text: object) -> None:
        raise KeyError("boom")

    pre_tokenize = normalize


def test_custom_components_in_a_tokenizer() -> None:
    vocab = {"[UNK]": 0, "A": 1, "B": 2, "É": 3}
    tokenizer = Tokenizer(models.WordPiece(vocab))
    tokenizer.normalizer = n.Sequence([n.NFC(), n.Normalizer.custom(Upper())])
    tokenizer.pre_tokenizer = p.PreTokenizer.custom(Letters())
    assert tokenizer.engine == "generic"
    texts = ["abé", "e\u0301b a"] * 2000
    encodings = tokenizer.encode_batch(texts)
    assert [e.tokens for e in encodings[:2]] == [["A", "B", "É"], ["É", "B", "[UNK]", "A"]]
    assert encodings[1].offsets == [(0, 1), (2, 3), (3, 4), (4, 5)]
    flat = tokenizer.encode_batch_flat(texts, num_threads=2)
    assert flat.to_lists() == [e.ids for e in encodings]
    with ThreadPoolExecutor(4) as pool:
        assert all(ids == [1, 2, 3] for ids in pool.map(lambda t: tokenizer.encode(t).ids, ["abé"] * 200))
    copy = tokenizer.with_engine("generic")
    assert copy.encode("ab").ids == [1, 2]
    assert "custom" in repr(tokenizer)
    with pytest.raises(Exception, match="Custom Normalizer cannot be serialized"):
        tokenizer.to_str()
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(tokenizer.pre_tokenizer)


@pytest.mark.parametrize("stage", ["normalizer", "pre_tokenizer"])
def test_an_exception_of_a_custom_component(stage: str) -> None:
    tokenizer = word_level()
    made = n.Normalizer.custom(Fails()) if stage == "normalizer" else p.PreTokenizer.custom(Fails())
    setattr(tokenizer, stage, made)
    for call in (
        lambda: tokenizer.encode("a"),
        lambda: tokenizer.encode_batch(["a"] * 3000),
        lambda: tokenizer.encode_batch_flat(["a"] * 3000),
        lambda: tokenizer.count("a"),
        lambda: made.normalize_str("a") if stage == "normalizer" else made.pre_tokenize_str("a"),
    ):
        with pytest.raises(Exception, match=r"^KeyError: 'boom'$") as caught:
            call()
        assert type(caught.value) is Exception
        assert isinstance(caught.value.__cause__, KeyError)
    tokenizer.normalizer = tokenizer.pre_tokenizer = None
    assert tokenizer.encode("a").ids == [1]


def test_an_interrupt_stays_an_interrupt() -> None:
    class Interrupts:
        def normalize(self, text: object) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        n.Normalizer.custom(Interrupts()).normalize_str("a")


def test_jieba_as_a_pre_tokenizer() -> None:
    jieba = pytest.importorskip("jieba")
    text = "永和服装饰品有限公司 jieba 分词"

    def tokens(m: ModuleType) -> list[Any]:
        class Jieba:
            def cut(self, i: int, part: Any) -> list[Any]:
                return [part[start:stop] for _, start, stop in jieba.tokenize(str(part))]

            def pre_tokenize(self, pretok: Any) -> None:
                pretok.split(self.cut)

        vocab = {"[UNK]": 0, "公司": 1, "饰品": 2}
        tokenizer = m.Tokenizer(m.models.WordPiece(vocab, unk_token="[UNK]"))
        tokenizer.normalizer = m.normalizers.Sequence([m.normalizers.NFKC(), m.normalizers.Lowercase()])
        tokenizer.pre_tokenizer = m.pre_tokenizers.PreTokenizer.custom(Jieba())
        encodings = tokenizer.encode_batch([text, text[::-1]])
        return [(e.ids, e.tokens, e.offsets, e.word_ids) for e in encodings]

    assert tokens(fasttok) == tokens(reference)

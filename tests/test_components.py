"""Components behave as the reference's: settings, repr, state, wrong values; changes reach tokenizers."""

from __future__ import annotations

import copy
import gc
import importlib
import pickle
import warnings
import weakref
from pathlib import Path
from typing import Any

import pytest
import tokenizers as reference

from fasttok import (
    AddedToken,
    InputError,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

VOCAB = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "##b": 5, "c": 6, "é": 7}
CLS, SEP = ("[CLS]", 2), ("[SEP]", 3)

# (section, class, arguments, keyword arguments)
COMPONENTS: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("normalizers", "BertNormalizer", (), {}),
    ("normalizers", "BertNormalizer", (False, False, True, False), {}),
    ("normalizers", "BertNormalizer", (), {"strip_accents": False}),
    ("pre_tokenizers", "BertPreTokenizer", (), {}),
    ("decoders", "WordPiece", (), {}),
    ("decoders", "WordPiece", ("@@",), {"cleanup": False}),
    ("processors", "BertProcessing", (SEP, CLS), {}),
    ("processors", "TemplateProcessing", (), {}),
    ("processors", "TemplateProcessing", ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [CLS, SEP]), {}),
    (
        "processors",
        "TemplateProcessing",
        (["$1", "z:4"],),
        {"special_tokens": [(9, "z"), ("é", 1), ("b", 2)]},
    ),
    (
        "processors",
        "TemplateProcessing",
        ("x", "$B $A x:7"),
        {"special_tokens": [{"id": "x", "ids": list(range(7)), "tokens": list("abcdefg")}]},
    ),
    ("processors", "TemplateProcessing", (" ".join(["$A"] * 7),), {"special_tokens": [("é" * 60, 1)]}),
    ("models", "WordPiece", (), {}),
    ("models", "WordPiece", (VOCAB,), {"unk_token": "[UNK]", "max_input_chars_per_word": 7}),
    ("models", "WordPiece", ({"x" * 101: 1, 'q"\\/\n\x7f\u2028😀': 0},), {"continuing_subword_prefix": "@"}),
]


def both(section: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    ours = importlib.import_module(f"fasttok.{section}")
    theirs = importlib.import_module(f"tokenizers.{section}")
    return getattr(ours, name)(*args, **kwargs), getattr(theirs, name)(*args, **kwargs)


def outcome(call: Any) -> tuple[str, Any]:
    try:
        return "value", call()
    except Exception as error:
        return "error", error


def assert_same_error(ours: Any, theirs: Any) -> None:
    """Ours is caught by whoever catches theirs."""
    kind, value = outcome(theirs)
    assert kind == "error", f"the reference accepts it: {value!r}"
    got, error = outcome(ours)
    assert got == "error", f"accepted: {error!r}; the reference: {value!r}"
    assert isinstance(error, type(value)), f"{error!r} is not a {type(value).__name__} ({value})"


@pytest.mark.parametrize("spec", COMPONENTS, ids=lambda spec: spec[1])
class TestAsReference:
    def test_repr_and_str(self, spec: Any) -> None:
        ours, theirs = both(*spec)
        assert repr(ours) == repr(theirs)
        assert str(ours) == str(theirs)

    def test_state(self, spec: Any) -> None:
        ours, theirs = both(*spec)
        assert ours.__getstate__() == theirs.__getstate__()

    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
    def test_copies(self, spec: Any, duplicate: Any) -> None:
        ours, _ = both(*spec)
        other = duplicate(ours)
        assert other is not ours
        assert type(other) is type(ours)
        assert other.__getstate__() == ours.__getstate__()

    def test_cannot_be_subclassed(self, spec: Any) -> None:
        ours, _ = both(*spec)
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Sub", (type(ours),), {})


@pytest.mark.parametrize(
    ("section", "base"),
    [
        ("normalizers", "Normalizer"),
        ("pre_tokenizers", "PreTokenizer"),
        ("processors", "PostProcessor"),
        ("decoders", "Decoder"),
    ],
)
def test_bases_cannot_be_created(section: str, base: str) -> None:
    with pytest.raises(TypeError, match="cannot create"):
        getattr(importlib.import_module(f"fasttok.{section}"), base)()


SETTINGS = [
    (("normalizers", "BertNormalizer", (), {}), "clean_text", [True, False], [1, None, "x"]),
    (("normalizers", "BertNormalizer", (), {}), "handle_chinese_chars", [False], [0]),
    (("normalizers", "BertNormalizer", (), {}), "strip_accents", [None, True, False], [1, "x"]),
    (("normalizers", "BertNormalizer", (), {}), "lowercase", [False], [[]]),
    (("decoders", "WordPiece", (), {}), "prefix", ["", "é"], [5, None, b"x"]),
    (("decoders", "WordPiece", (), {}), "cleanup", [False], [0]),
    (
        ("processors", "BertProcessing", (SEP, CLS), {}),
        "sep",
        [("x", 9)],
        [["x", 1], 5, ("x", -1), ("x", 1, 2), (1, "x")],
    ),
    (("processors", "BertProcessing", (SEP, CLS), {}), "cls", [("x", 2**32 - 1)], [("x", 2**32), None]),
    (
        ("processors", "TemplateProcessing", ("$A", None, [("x", 1)]), {}),
        "single",
        ["$A x:1", ["x"]],
        [5, "$C", "x:y"],
    ),
    (("models", "WordPiece", (VOCAB,), {}), "unk_token", ["a"], [None, 5]),
    (
        ("models", "WordPiece", (VOCAB,), {}),
        "max_input_chars_per_word",
        [0, 2**40],
        [-1, "a", None, 1.5, 2**64],
    ),
    (("models", "WordPiece", (VOCAB,), {}), "continuing_subword_prefix", [""], [None]),
]


@pytest.mark.parametrize(
    ("spec", "name", "good", "bad"), SETTINGS, ids=lambda value: value if type(value) is str else ""
)
def test_properties(spec: Any, name: str, good: list[Any], bad: list[Any]) -> None:
    ours, theirs = both(*spec)
    assert getattr(ours, name) == getattr(theirs, name)
    for value in good:
        setattr(ours, name, value)
        setattr(theirs, name, value)
        assert getattr(ours, name) == getattr(theirs, name)
        assert ours.__getstate__() == theirs.__getstate__()
    before = ours.__getstate__()
    for value in bad:
        assert_same_error(lambda v=value: setattr(ours, name, v), lambda v=value: setattr(theirs, name, v))
    assert ours.__getstate__() == before
    with pytest.raises(AttributeError):
        delattr(ours, name)
    with pytest.raises(AttributeError):
        ours.no_such_property = 1


@pytest.mark.parametrize(
    ("section", "name", "args", "kwargs"),
    [
        ("normalizers", "BertNormalizer", (1,), {}),
        ("normalizers", "BertNormalizer", (), {"foo": 1}),
        ("decoders", "WordPiece", (5,), {}),
        ("processors", "BertProcessing", (), {}),
        ("processors", "BertProcessing", (["a", 1], ("b", 1)), {}),
        ("processors", "BertProcessing", (("a", -1), ("b", 1)), {}),
        ("models", "WordPiece", (5,), {}),
        ("models", "WordPiece", ({"a": -1},), {}),
        ("models", "WordPiece", ({"a": 2**32},), {}),
        ("models", "WordPiece", ({1: 1},), {}),
        ("models", "WordPiece", ({"a": "b"},), {}),
        ("models", "WordPiece", ({"a": 1.0},), {}),
        ("models", "WordPiece", ({"\ud800": 1},), {}),
        ("models", "WordPiece", (VOCAB, "[UNK]"), {}),
        ("models", "WordPiece", ("/no/such/file",), {}),
        ("models", "WordPiece", (), {"unk_token": 5}),
        *(
            ("processors", "TemplateProcessing", args, kwargs)
            for args, kwargs in [
                ((5,), {}),
                (([1],), {}),
                (("$A:x",), {}),
                (("$C",), {}),
                (("$A:-1",), {}),
                (("$A:4294967296",), {}),
                (("x",), {}),
                (("x y $A",), {}),
                (("",), {}),
                ((" $A ",), {}),
                (("$A\t$B",), {}),
                ((":1",), {}),
                (("$A",), {"pair": "$A"}),
                (("$A",), {"pair": "$0 $1"}),
                (("$A",), {"single": "$A"}),
                (("x:1:2",), {"special_tokens": [("x", 1)]}),
                (("x:",), {"special_tokens": [("x", 1)]}),
                (("x",), {"special_tokens": {"x": 1}}),
                (("x",), {"special_tokens": "x"}),
                (("x",), {"special_tokens": [("x",)]}),
                (("x",), {"special_tokens": [["x", 1]]}),
                (("x",), {"special_tokens": [("x", -1)]}),
                (("x",), {"special_tokens": [("x", "y")]}),
                (("x",), {"special_tokens": [(1, 2)]}),
                (("x",), {"special_tokens": [{"id": "x"}]}),
                (("x",), {"special_tokens": [{"id": 5, "ids": [1], "tokens": ["x"]}]}),
                (("x",), {"special_tokens": [{"id": "x", "ids": [-1], "tokens": ["x"]}]}),
                (("x",), {"special_tokens": [{"id": "x", "ids": [1, 2], "tokens": ["x"]}]}),
            ]
        ),
    ],
)
def test_wrong_arguments(section: str, name: str, args: Any, kwargs: Any) -> None:
    ours, theirs = (
        getattr(importlib.import_module(f"{package}.{section}"), name)
        for package in ("fasttok", "tokenizers")
    )
    assert_same_error(lambda: ours(*args, **kwargs), lambda: theirs(*args, **kwargs))


@pytest.mark.parametrize(
    "template", ["$A", "$0", "$B", "$1", "$", "$:3", "$5", "$a $b", "$A:+1", "$01", "$12:1", "$1:2", "x:3"]
)
def test_templates(template: str) -> None:
    ours, theirs = both("processors", "TemplateProcessing", (template, None, [("x", 1)]), {})
    assert repr(ours) == repr(theirs)
    assert ours.single == theirs.single


def test_template_messages() -> None:
    with pytest.raises(ValueError, match=r"Missing SpecialToken\(s\) with id\(s\) `x, y, z`"):
        processors.TemplateProcessing("x y", pair="$A $B z")
    with pytest.raises(ValueError, match='Cannot build Piece from string "\\$Q:x"'):
        processors.TemplateProcessing("$Q:x")
    with pytest.raises(ValueError, match="Template for `pair` must use both sequences"):
        processors.TemplateProcessing("$A", pair="$A")
    with pytest.raises(ValueError, match="Missing SpecialToken"):
        processors.TemplateProcessing("$A").single = "x"


def test_template_counts_after_single_was_set() -> None:
    template = processors.TemplateProcessing("$A x", special_tokens=[("x", 5)])
    template.single = "x $A x"
    assert template.num_special_tokens_to_add(False) == 2


@pytest.mark.parametrize(
    "spec", [spec for spec in COMPONENTS if spec[0] == "processors"], ids=lambda spec: spec[1]
)
@pytest.mark.parametrize("is_pair", [False, True])
def test_num_special_tokens_to_add(spec: Any, is_pair: bool) -> None:
    ours, theirs = both(*spec)
    assert ours.num_special_tokens_to_add(is_pair) == theirs.num_special_tokens_to_add(is_pair)
    assert_same_error(lambda: ours.num_special_tokens_to_add(1), lambda: theirs.num_special_tokens_to_add(1))


class TestProcess:
    @pytest.mark.parametrize("add_special_tokens", [True, False])
    @pytest.mark.parametrize("is_pair", [True, False])
    @pytest.mark.parametrize(
        "spec", [spec for spec in COMPONENTS if spec[0] == "processors"], ids=lambda spec: spec[1]
    )
    def test_as_reference(self, spec: Any, is_pair: bool, add_special_tokens: bool) -> None:
        results = []
        for package, processor in zip(("fasttok", "tokenizers"), both(*spec), strict=True):
            module = importlib.import_module(package)
            tokenizer = module.Tokenizer(module.models.WordPiece(VOCAB, unk_token="[UNK]"))
            tokenizer.pre_tokenizer = module.pre_tokenizers.BertPreTokenizer()
            first = tokenizer.encode("a c", add_special_tokens=False)
            second = tokenizer.encode("ab", add_special_tokens=False) if is_pair else None
            done = processor.process(first, second, add_special_tokens)
            results.append(
                (done.ids, done.tokens, done.type_ids, done.offsets, done.word_ids, done.special_tokens_mask)
            )
            assert first.tokens == ["a", "c"]
        assert results[0] == results[1]

    def test_not_an_encoding(self) -> None:
        with pytest.raises(TypeError, match="Encoding"):
            processors.BertProcessing(SEP, CLS).process(5)  # type: ignore[arg-type]


class TestTextOfComponents:
    @pytest.mark.parametrize("text", ["", "Héllo, 中文!", "a\u200db", "ÅΣ한국", "\u3000x\x00y"])
    @pytest.mark.parametrize("settings", [(), (False, True, None, False), (True, False, True, False)])
    def test_normalize_str(self, text: str, settings: tuple[Any, ...]) -> None:
        ours, theirs = both("normalizers", "BertNormalizer", settings, {})
        assert ours.normalize_str(text) == theirs.normalize_str(text)

    @pytest.mark.parametrize("text", ["", "Héllo, 中文!", " a  b ", "😀.x"])
    def test_pre_tokenize_str(self, text: str) -> None:
        ours, theirs = both("pre_tokenizers", "BertPreTokenizer", (), {})
        assert ours.pre_tokenize_str(text) == theirs.pre_tokenize_str(text)

    @pytest.mark.parametrize("tokens", [[], ["a", "##b", ".", "##d"], ("do", "n't"), ["##a"], ["中", "文"]])
    @pytest.mark.parametrize(
        "settings", [{}, {"prefix": "", "cleanup": False}, {"prefix": "##", "cleanup": False}]
    )
    def test_decode(self, tokens: Any, settings: dict[str, Any]) -> None:
        ours, theirs = both("decoders", "WordPiece", (), settings)
        assert ours.decode(tokens) == theirs.decode(list(tokens))

    @pytest.mark.parametrize("wrong", [5, None, "\ud800", b"a"])
    def test_wrong_text(self, wrong: Any) -> None:
        for section, name, method in [
            ("normalizers", "BertNormalizer", "normalize_str"),
            ("pre_tokenizers", "BertPreTokenizer", "pre_tokenize_str"),
            ("models", "WordPiece", "tokenize"),
            ("models", "WordPiece", "token_to_id"),
        ]:
            ours, theirs = both(section, name, (), {})
            assert_same_error(
                lambda o=ours, m=method: getattr(o, m)(wrong), lambda t=theirs, m=method: getattr(t, m)(wrong)
            )

    @pytest.mark.parametrize("wrong", ["abc", [1], 5, None])
    def test_wrong_tokens(self, wrong: Any) -> None:
        ours, theirs = both("decoders", "WordPiece", (), {})
        assert_same_error(lambda: ours.decode(wrong), lambda: theirs.decode(wrong))


class TestWordPiece:
    @pytest.mark.parametrize("word", ["", "ab", "abb", "zz", "中", "é", "aé", "c" * 101])
    def test_tokenize(self, word: str) -> None:
        ours, theirs = both("models", "WordPiece", (VOCAB,), {})
        assert [t.as_tuple() for t in ours.tokenize(word)] == [t.as_tuple() for t in theirs.tokenize(word)]

    def test_missing_unk(self) -> None:
        with pytest.raises(Exception, match=r"Missing \[UNK\] token from the vocabulary"):
            models.WordPiece({}).tokenize("a")

    def test_settings_reach_tokenize(self) -> None:
        model = models.WordPiece(VOCAB)
        model.max_input_chars_per_word = 1
        assert [token.value for token in model.tokenize("ab")] == ["[UNK]"]
        model.max_input_chars_per_word = 2
        model.continuing_subword_prefix = "@"
        assert [token.value for token in model.tokenize("ab")] == ["[UNK]"]
        assert model.token_to_id("##b") == 5

    def test_lookups(self) -> None:
        model = models.WordPiece({"b": 0, "a": 0, "z": 2**32 - 1})
        assert (model.token_to_id("b"), model.token_to_id("q")) == (0, None)
        assert (model.id_to_token(0), model.id_to_token(1), model.id_to_token(2**32 - 1)) == ("a", None, "z")
        for wrong, error in [(-1, OverflowError), (2**32, OverflowError), ("a", TypeError), (1.0, TypeError)]:
            with pytest.raises(error):
                model.id_to_token(wrong)  # type: ignore[arg-type]

    def test_wrong_vocab_says_where(self) -> None:
        with pytest.raises(InputError, match=r"vocab\['a'\] is float \(nan\); expected int"):
            models.WordPiece({"a": float("nan")})  # type: ignore[dict-item]

    def test_save_and_read(self, tmp_path: Path) -> None:
        ours, theirs = both("models", "WordPiece", ({"b": 5, "a": 1, " c": 9},), {})
        for args in [(), ("pre",)]:
            written = [Path(paths) for model in (ours, theirs) for paths in model.save(str(tmp_path), *args)]
            assert written[0] == written[1]
        folder = tmp_path / "ours"
        folder.mkdir()
        [path] = ours.save(str(folder))
        assert Path(path).read_bytes() == (tmp_path / "vocab.txt").read_bytes() == b"a\nb\n c\n"
        assert models.WordPiece.read_file(path) == {"a": 0, "b": 1, " c": 2}
        with pytest.warns(DeprecationWarning, match="prefix"):
            assert ours.save(str(folder), name="old") == [str(folder / "old-vocab.txt")]
        with pytest.raises(OSError, match="no-such-folder"):
            ours.save(str(tmp_path / "no-such-folder"))

    def test_save_warns_of_what_a_vocab_txt_cannot_hold(self, tmp_path: Path) -> None:
        with pytest.warns(UserWarning, match="cannot hold 'x\\\\ny'"):
            models.WordPiece({"x\ny": 0}).save(str(tmp_path))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"a\n\nb\n",
            b"a\r\nb\r\n",
            b"a\nb",
            b" a \n\tb",
            b"a\na\nb\n",
            "a\x0bb\x0cc\x85d\n\u3000e\u3000\n".encode(),
        ],
    )
    def test_files(self, data: bytes, tmp_path: Path) -> None:
        path = tmp_path / "vocab.txt"
        path.write_bytes(data)
        assert models.WordPiece.read_file(str(path)) == reference.models.WordPiece.read_file(str(path))
        options = {"unk_token": "a", "max_input_chars_per_word": 3}
        ours = models.WordPiece.from_file(str(path), **options)
        assert (
            ours.__getstate__() == reference.models.WordPiece.from_file(str(path), **options).__getstate__()
        )

    def test_bad_files(self, tmp_path: Path) -> None:
        path = tmp_path / "vocab.txt"
        path.write_bytes(b"a\nb\xff\n")
        with pytest.raises(ValueError, match=r"vocab\.txt.*2"):
            models.WordPiece.read_file(str(path))
        path.write_bytes(b"\xef\xbb\xbfa\nb\n")
        with pytest.warns(UserWarning, match="byte order mark"):
            assert models.WordPiece.read_file(str(path)) == {"a": 0, "b": 1}

    def test_unknown_keyword(self) -> None:
        with pytest.warns(UserWarning, match="Ignored unknown kwargs option foo"):
            models.WordPiece({}, foo=1)

    def test_two_tokens_with_one_id_are_kept(self) -> None:
        state = models.WordPiece({"b": 0, "a": 0, "c": 1}).__getstate__()
        assert state.endswith(b'"vocab":{"a":0,"b":0,"c":1}}')


class TestAddedToken:
    FLAGS = [{}] + [
        {flag: value}
        for flag in ("single_word", "lstrip", "rstrip", "normalized", "special")
        for value in (True, False)
    ]

    @pytest.mark.parametrize("flags", [*FLAGS, {"special": True, "normalized": True}])
    def test_as_reference(self, flags: dict[str, bool]) -> None:
        ours, theirs = AddedToken('q"\n', **flags), reference.AddedToken('q"\n', **flags)
        assert (repr(ours), str(ours), ours.__getstate__()) == (
            repr(theirs),
            str(theirs),
            theirs.__getstate__(),
        )
        ours.special = theirs.special = not theirs.special
        ours.content = theirs.content = "other"
        assert ours.__getstate__() == theirs.__getstate__()
        for duplicate in (copy.copy(ours), pickle.loads(pickle.dumps(ours))):
            assert duplicate == ours
            assert hash(duplicate) == hash(ours)

    def test_comparisons(self) -> None:
        a, b = AddedToken("a"), AddedToken("a", special=True)
        assert a == AddedToken("a")
        assert a != b
        assert a != "a"
        assert [a < b, a > b, a <= b, a >= b, a <= AddedToken("a")] == [False] * 5
        with pytest.raises(TypeError):
            a < "a"  # noqa: B015  # type: ignore[operator]

    def test_read_only(self) -> None:
        for name in ("single_word", "lstrip", "rstrip", "normalized"):
            with pytest.raises(AttributeError):
                setattr(AddedToken("a"), name, True)

    @pytest.mark.parametrize(
        ("args", "kwargs"), [((5,), {}), (("a", True), {}), (("a",), {"special": 1}), ((), {"lstrip": None})]
    )
    def test_wrong_arguments(self, args: Any, kwargs: Any) -> None:
        assert_same_error(lambda: AddedToken(*args, **kwargs), lambda: reference.AddedToken(*args, **kwargs))

    def test_odds(self) -> None:
        assert AddedToken().content == AddedToken(None).content == ""
        with pytest.warns(UserWarning, match="foo"):
            AddedToken("a", foo=1)
        with pytest.raises(TypeError, match="base type"):
            type("Sub", (AddedToken,), {})


class TestOwners:
    """A tokenizer learns of every change of what it holds, and of nothing else."""

    @staticmethod
    def tokenizer() -> Tokenizer:
        tokenizer = Tokenizer(models.WordPiece(VOCAB))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.post_processor = processors.BertProcessing(SEP, CLS)
        tokenizer.decoder = decoders.WordPiece()
        return tokenizer

    def test_changes_take_effect(self) -> None:
        tokenizer = self.tokenizer()
        assert tokenizer.encode("A").tokens == ["[CLS]", "a", "[SEP]"]
        tokenizer.normalizer.lowercase = False
        assert tokenizer.encode("A").tokens == ["[CLS]", "[UNK]", "[SEP]"]
        tokenizer.post_processor.sep = ("c", 6)
        assert tokenizer.encode("a").tokens == ["[CLS]", "a", "c"]
        tokenizer.model.unk_token = "[PAD]"
        assert tokenizer.encode("A").tokens == ["[CLS]", "[PAD]", "c"]
        assert tokenizer.decode([4, 5]) == "ab"
        tokenizer.decoder.prefix = "@"
        assert tokenizer.decode([4, 5]) == "a ##b"
        tokenizer.post_processor = template = processors.TemplateProcessing("$A", special_tokens=[("c", 6)])
        assert tokenizer.encode("a").tokens == ["a"]
        template.single = "c $A"
        assert tokenizer.encode("a").tokens == ["c", "a"]

    def test_shared_between_tokenizers(self) -> None:
        one, two = self.tokenizer(), self.tokenizer()
        two.normalizer = one.normalizer
        one.encode("A"), two.encode("A")
        one.normalizer.lowercase = False
        assert one.encode("A").tokens == two.encode("A").tokens == ["[CLS]", "[UNK]", "[SEP]"]
        two.normalizer = None
        assert two.encode("a").tokens == ["[CLS]", "a", "[SEP]"]
        one.normalizer.lowercase = True
        assert one.encode("A").tokens == ["[CLS]", "a", "[SEP]"]

    def test_no_needless_compiling(self) -> None:
        tokenizer = self.tokenizer()
        core = tokenizer._compiled()
        tokenizer.encode("a")
        tokenizer.enable_padding(length=5)
        tokenizer.enable_truncation(5)
        assert tokenizer._compiled() is core
        tokenizer.normalizer.lowercase = False
        assert tokenizer._compiled() is not core

    def test_components_do_not_keep_tokenizers(self) -> None:
        tokenizer = self.tokenizer()
        normalizer = tokenizer.normalizer
        watch = weakref.ref(tokenizer)
        del tokenizer
        gc.collect()
        assert watch() is None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            normalizer.lowercase = False

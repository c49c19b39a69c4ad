"""Rules of SentencePiece's normalizer, named and compiled, beside those of sentencepiece 0.2.3."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import sentencepiece as reference
from parity.compare import CODE_POINTS
from parity.sentencepiece_cases import random_text, trained

import fasttok.sentencepiece as spm
from fasttok import FormatError
from fasttok.sentencepiece import rules

NAMES = ("nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf")


@pytest.mark.parametrize("name", NAMES)
def test_named_rules(name: str) -> None:
    theirs, ours = (module.SentencePieceNormalizer(rule_name=name) for module in (reference, spm))
    assert ours.decompile() == [tuple(rule) for rule in theirs.Decompile()]
    # What either has compiled, the other reads.
    crossed = reference.SentencePieceNormalizer(normalizer_spec=ours.serialized_normalizer_spec())
    rng = random.Random(name)
    texts = [random_text(rng) for _ in range(2000)]
    texts += ["".join(CODE_POINTS[i : i + 500]) for i in range(0, len(CODE_POINTS), 500)]
    texts += [f"a{character}\u0301" for character in CODE_POINTS[::37]]
    for text in texts:
        expected = theirs.Normalize(text, with_offsets=True)
        assert ours.normalize(text, with_offsets=True) == expected, text
        assert crossed.Normalize(text, with_offsets=True) == expected, text


def test_identity() -> None:
    ours, theirs = (m.SentencePieceNormalizer(rule_name="identity") for m in (spm, reference))
    assert ours.serialized_normalizer_spec() == theirs.serialized_normalizer_spec()
    assert ours.normalize("Ａ  ﬁ") == theirs.Normalize("Ａ  ﬁ")


def outcome(call: Any) -> Any:
    try:
        return call()
    except Exception:
        return "error"


TSV = [
    "61\t62\n",
    "61 62\t63\t# comment\n",
    "61\n",
    "61\t62\n61\t63\n",
    "61  62\t 63 64 \n",
    "0x61\t62\n",
    "U+61\t62\n",
    "61\t62\r\n",
    "110000\t61\n",
    "61\t62",
    "61\t0\n",
    "61 0 62\t63 0 64\n",
    "61\t61\n",
    "# 61\t62\n",
    "\n",
    "61\t62\n\n",
    "",
    "zz\t61\n",
    "\t62\n",
    "d800\t61\n",
    "0\t61\n",
    "3042\t30A2\n3042 3044\t78\n1F600\t\n20\t5F\n",
    "E9\t65\nE8\t65\nEA 20\t65 65\n",
]


@pytest.mark.parametrize("content", TSV)
def test_rules_of_a_file(content: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.tsv"
    path.write_bytes(content.encode())
    ours, theirs = (
        outcome(lambda m=module: m.SentencePieceNormalizer(rule_tsv=str(path))) for module in (spm, reference)
    )
    if "error" in (ours, theirs):
        assert (ours, theirs) == ("error", "error")
        with pytest.raises(FormatError, match=r"rules\.tsv"):
            spm.SentencePieceNormalizer(rule_tsv=path)
        return
    assert ours.decompile() == [tuple(rule) for rule in theirs.Decompile()]
    for text in ("aab ab c", "あいあ 😀 ", "éèê ê  x", "\ufffda"):
        assert ours.normalize(text, with_offsets=True) == theirs.Normalize(text, with_offsets=True)


MAPS: list[Any] = [
    [("a", "a")],
    [("a", "b"), ("xy", "")],
    [("a", ""), ("ab", "ｘ"), ("abc", "z"), ("\u3042", "い")],
    [["a", "b"]],
    [("a\0", "b")],
    [("a", "\0b")],
    [("", "a")],
    [("a", "b"), ("a", "c")],
    "ab",
    {"a": "b"},
    [("a", 1)],
    [],
]


@pytest.mark.parametrize("pairs", MAPS, ids=str)
def test_rules_of_pairs(pairs: Any) -> None:
    ours, theirs = (
        outcome(lambda m=module: m.SentencePieceNormalizer(norm_map=pairs)) for module in (spm, reference)
    )
    if "error" in (ours, theirs):
        assert (ours, theirs) == ("error", "error")
        return
    assert ours.decompile() == [tuple(rule) for rule in theirs.Decompile()]
    for text in ("a b xyx", "abcab", "あ"):
        assert ours.normalize(text) == theirs.Normalize(text)


def test_random_rules() -> None:
    rng = random.Random(5)
    letters = ["a", "b", "é", "中", "\U0001f600", "\u0301", " "]
    for size in (1, 3, 20, 400):
        pairs = {
            "".join(rng.choices(letters, k=rng.randint(1, 6))): "".join(
                rng.choices(letters, k=rng.randrange(4))
            )
            for _ in range(size)
        }
        rules_of_all = [(text, becomes) for text, becomes in pairs.items() if text != becomes]
        ours, theirs = (module.SentencePieceNormalizer(norm_map=rules_of_all) for module in (spm, reference))
        assert ours.decompile() == [tuple(rule) for rule in theirs.Decompile()]
        crossed = reference.SentencePieceNormalizer(normalizer_spec=ours.serialized_normalizer_spec())
        for _ in range(200):
            text = "".join(rng.choices(letters, k=rng.randrange(20)))
            expected = theirs.Normalize(text, with_offsets=True)
            assert ours.normalize(text, with_offsets=True) == expected
            assert crossed.Normalize(text, with_offsets=True) == expected


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        spm.SentencePieceNormalizer(rule_tsv=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="known: identity, nfkc"):
        spm.SentencePieceNormalizer(rule_name="NFKC")
    with pytest.raises(FormatError, match=r"rules\[1\]"):
        rules.build_charsmap([("a", "b"), ("", "c")])
    with pytest.raises(FormatError, match="longer than 1000"):
        rules.build_charsmap([("a" * 1001, "b")])
    with pytest.raises(FormatError, match="no rules"):
        rules.build_charsmap([])


def test_other_rules_for_a_model(tmp_path: Path) -> None:
    """What 0.2.1's override has no effect on: beside a model that was made with the rules."""
    model = trained("unigram", normalization_rule_name="identity")
    processor = spm.SentencePieceProcessor(model_proto=model)
    processor.override_normalizer_spec(name="nmt_nfkc_cf", add_dummy_prefix=False)
    proto = spm.SentencePieceProcessor(model_proto=model)
    expected = spm.SentencePieceNormalizer(rule_name="nmt_nfkc_cf", add_dummy_prefix=False)
    for text in ("ＴＨＥ ﬁn", " ｶﾞ "):
        assert processor.normalize(text) == expected.normalize(text)
        assert processor.encode(text) != proto.encode(text)
    theirs = reference.SentencePieceProcessor(model_proto=processor.serialized_model_proto())
    for text in ("ＴＨＥ ﬁn", " ｶﾞ ", "the fox"):
        assert processor.encode(text, return_type="serialized_proto") == theirs.encode(
            text, return_type="serialized_proto"
        )
    processor.override_normalizer_spec(name="identity")
    assert processor.normalize("Ａ") == "Ａ"
    path = tmp_path / "rules.tsv"
    path.write_text("41\t62\n")
    processor.override_normalizer_spec(normalization_rule_tsv=path)
    assert processor.normalize("AA") == "bb"
    with pytest.raises(ValueError, match="unknown field"):
        processor.override_normalizer_spec(rule="x")

"""The bundled vocabulary holds what vocabs/README.md says it holds."""

import hashlib
import json
import re
import string
import unicodedata
from pathlib import Path

import pytest

VOCABS = Path(__file__).parent.parent / "vocabs"
FOLDER = VOCABS / "zh-en-wordpiece"


@pytest.fixture(scope="module")
def pieces() -> list[str]:
    return (FOLDER / "vocab.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")


def characters(codec: str, first: int, last: int) -> set[str]:
    found = set()
    for code in range(first, last + 1):
        try:
            found.add(code.to_bytes(2, "big").decode(codec))
        except UnicodeDecodeError:
            continue
    return {c for c in found if len(c) == 1}


def test_size_and_order(pieces: list[str]) -> None:
    assert pieces[:5] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert 24_000 <= len(pieces) <= 32_000
    assert len(set(pieces)) == len(pieces)
    assert all(p and p == p.strip() for p in pieces)


@pytest.mark.parametrize(
    ("codec", "first", "last", "count"),
    [("gb2312", 0xB0A1, 0xF7FE, 6763), ("big5", 0xA440, 0xC67E, 5401)],
)
def test_character_sets(pieces: list[str], codec: str, first: int, last: int, count: int) -> None:
    wanted = characters(codec, first, last)
    assert len(wanted) == count
    assert wanted <= set(pieces)


def test_punctuation_of_both(pieces: list[str]) -> None:
    for codec in ("gb2312", "big5"):
        symbols = characters(codec, 0xA1A1, 0xA3FE)
        wanted = {c for c in symbols if unicodedata.category(c).startswith("P")}
        assert len(wanted) > 30
        assert wanted <= set(pieces)


def test_ascii(pieces: list[str]) -> None:
    letters = set(string.ascii_letters + string.digits)
    assert set(string.punctuation) | letters <= set(pieces)
    assert {"##" + c for c in letters} <= set(pieces)


def test_readme_has_the_hash() -> None:
    readme = (VOCABS / "README.md").read_text(encoding="utf-8")
    for name in ("vocab.txt", "tokenizer_config.json", "sample.txt"):
        digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
        assert re.search(rf"`{re.escape(name)}`[^\n]*`{digest}`", readme), name


def test_config_is_cased() -> None:
    config = json.loads((FOLDER / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert config["do_lower_case"] is False
    assert config["strip_accents"] is None


def test_sample_is_bilingual() -> None:
    lines = (FOLDER / "sample.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 40
    han = sum("一" <= c <= "鿿" for line in lines for c in line)
    latin = sum(c.isascii() and c.isalpha() for line in lines for c in line)
    assert han > 300
    assert latin > 300

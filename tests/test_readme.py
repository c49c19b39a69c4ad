"""README.md and docs/ do what they print, and the README's table is the one that the results give."""

import doctest
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


# And how many examples each has at least.
PAGES = {README: 10, ROOT / "docs" / "easytokenizer.md": 4, ROOT / "docs" / "sentencepiece.md": 25}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples(page: Path) -> None:
    pytest.importorskip("fasttok")
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > PAGES[page]
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_table_is_from_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "benches"), *sys.path])
    from table import BEGIN, END, table_lines

    text = README.read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip("\n") == "\n".join(table_lines())

"""README.md does what it prints, and its table is the one that the results give."""

import doctest
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def test_tour() -> None:
    pytest.importorskip("fasttok")
    failed, tried = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 10
    assert failed == 0


def test_links() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_table_is_from_the_results() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.split("<!-- benchmark table: begin -->")[1].split("<!-- benchmark table: end -->")[0]
    printed = {line for line in table.splitlines() if line.startswith("| ")} - {
        "| case | fasttok | against | ratio |"
    }
    expected = set()
    for path in sorted((ROOT / "benches" / "results").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            expected.add(f"| {row['case']} | {row['ours']} | {row['against']} | {row['ratio']} |")
    assert printed == expected

"""docs/sentencepiece.md says what is so: its examples run with fasttok, and with both references."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "sentencepiece.md"
REFERENCES = {
    "import fasttok as tokenizers": "import tokenizers",
    "import fasttok.sentencepiece as spm": "import sentencepiece as spm",
    "from fasttok.sentencepiece.sentencepiece_model_pb2": "from sentencepiece.sentencepiece_model_pb2",
}


@pytest.mark.parametrize("with_references", [False, True])
def test_examples(with_references: bool) -> None:
    pytest.importorskip("google.protobuf")
    text = PAGE.read_text("utf-8")
    if with_references:
        pytest.importorskip("tokenizers")
        pytest.importorskip("sentencepiece")
        for ours, theirs in REFERENCES.items():
            assert ours in text
            text = text.replace(ours, theirs)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 25
    said: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=flags).run(examples, out=said.append)
    assert failed == 0, "".join(said)

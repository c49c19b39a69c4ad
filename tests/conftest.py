"""Where the tests find the shared data: in the folder that FASTTOK_DATA names, by default ../shared/data
beside the checkout. What needs it is skipped where it is absent."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

DATA = Path(os.environ.get("FASTTOK_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))

# A shell that starts the suite in the background has it ignore Ctrl-C, and so would the programs that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with corpora/ and vocabs/."""
    if not DATA.is_dir():
        pytest.skip(f"no data at {DATA}")
    return DATA


@pytest.fixture(scope="session")
def bert_zh(data_dir: Path) -> Path:
    """The folder of bert-base-chinese: vocab.txt, tokenizer.json, tokenizer_config.json."""
    return data_dir / "vocabs" / "bert-base-chinese"


@pytest.fixture(scope="session")
def bert_en(data_dir: Path) -> Path:
    """The folder of bert-base-uncased: vocab.txt, tokenizer.json, tokenizer_config.json."""
    return data_dir / "vocabs" / "bert-base-uncased"

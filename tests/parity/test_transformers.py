"""transformers with fasttok in the place of `tokenizers`: one program, run by itself, gives the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("transformers_program.py")
MODELS = {
    "bert-base-chinese": "bert",
    "bert-base-uncased": "bert",
    "gpt2": "gpt2",
    "xlnet-base-cased": "xlnet",
    "llama2": "llama",
    "t5-nai": "t5",
}
FILES = ("tokenizer.json", "spiece.model")


@pytest.fixture(scope="module")
def folders(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each vocabulary beside the config.json that tells transformers whose it is."""
    made = []
    for name, kind in MODELS.items():
        files = [file for file in FILES if (data_dir / "vocabs" / name / file).exists()]
        if files == ["spiece.model"]:
            pytest.importorskip("sentencepiece", reason="transformers reads spiece.model with it")
            pytest.importorskip("google.protobuf", reason="transformers reads spiece.model with it")
        folder = tmp_path_factory.mktemp(name)
        for file in files:
            (folder / file).symlink_to(data_dir / "vocabs" / name / file)
        (folder / "config.json").write_text(json.dumps({"model_type": kind}))
        made.append(str(folder))
    return made


def run(mode: str, folders: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, PROGRAM, mode, *folders], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    seen: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.fixture(scope="module")
def expected(folders: list[str]) -> list[dict[str, Any]]:
    return run("plain", folders)


@pytest.mark.parametrize("mode", ["alias", "before", "after", "undone"])
def test_one_program(mode: str, folders: list[str], expected: list[dict[str, Any]]) -> None:
    for name, found, wanted in zip(MODELS, run(mode, folders), expected, strict=True):
        assert found.pop("package") == ("tokenizers" if mode == "undone" else "fasttok")
        for what, value in wanted.items():
            if what != "package":
                assert found[what] == value, f"{name}: {what}"

"""The command line, as a person or a script sees it: what it prints, on which stream, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

fasttok = pytest.importorskip("fasttok")

from fasttok.cli_files import BLOCK, Lines  # noqa: E402

NAME = "zh-en-wordpiece"
TEXTS = ["我们用 Python 写界面。", "", "Hello, world!", "  [MASK]  ", "𠮷野家 👍🏽"]


def run(*arguments: str, data: bytes = b"", **options: object) -> tuple[int, bytes, str]:
    """Exit code, standard output and standard error of a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "fasttok", *arguments], input=data, capture_output=True, check=False, **options
    )
    return done.returncode, done.stdout, done.stderr.decode()


def answer(*arguments: str, data: bytes = b"", **options: object) -> bytes:
    """Standard output of a command that must go well, silently."""
    code, out, err = run(*arguments, data=data, **options)
    assert (code, err) == (0, "")
    return out


def error(*arguments: str, data: bytes = b"", code: int = 1) -> str:
    """The one line on standard error of a command that must fail, and must print nothing else."""
    got, out, err = run(*arguments, data=data)
    assert (got, out) == (code, b"")
    assert err.startswith("fasttok: error: ")
    assert err.count("\n") == 1
    return err.removeprefix("fasttok: error: ").rstrip("\n")


@pytest.fixture(scope="module")
def tokenizer() -> fasttok.Tokenizer:
    return fasttok.BertTokenizer.from_pretrained(NAME).backend_tokenizer


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "语料.txt"
    path.write_bytes("".join(text + "\n" for text in TEXTS).encode())
    return path


# encode


def test_ids_from_a_file_standard_input_and_text(tokenizer: fasttok.Tokenizer, corpus: Path) -> None:
    expected = [tokenizer.encode(text).ids for text in TEXTS]
    for out in (
        answer("encode", NAME, str(corpus)),
        answer("encode", NAME, data=corpus.read_bytes()),
        answer("encode", NAME, "-", data=corpus.read_bytes().replace(b"\n", b"\r\n")),
        answer("encode", NAME, *(part for text in TEXTS for part in ("--text", text))),
    ):
        assert [[int(id) for id in line.split()] for line in out.splitlines()] == expected


def test_files_and_options_in_any_order(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("one", "two")]
    for path, text in zip(paths, (b"one \xff", b"two"), strict=True):
        Path(path).write_bytes(text)
    options = ["--errors", "replace", "--max-length", "9"]
    expected = answer("encode", NAME, *paths, *options)
    assert expected.count(b"\n") == 2
    for arguments in (
        [NAME, *options, *paths],
        [*options, NAME, *paths],
        [NAME, paths[0], *options, paths[1]],
        [NAME, *options[:2], paths[0], *options[2:], paths[1]],
        [NAME, *options, "--", *paths],
    ):
        assert answer("encode", *arguments) == expected
    assert answer("encode", NAME, *options, "-", data=b"two") == expected.splitlines(keepends=True)[1]


def test_tokens_in_a_locale_without_unicode(tokenizer: fasttok.Tokenizer, corpus: Path) -> None:
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    out = answer("encode", NAME, str(corpus), "--format", "tokens", env=env)
    assert out.decode().splitlines() == [" ".join(tokenizer.encode(text).tokens) for text in TEXTS]


def test_json_lines(tokenizer: fasttok.Tokenizer, corpus: Path) -> None:
    out = answer("encode", NAME, str(corpus), "--format", "jsonl", "--offsets", "--max-length", "5")
    tokenizer = fasttok.Tokenizer.from_str(tokenizer.to_str())
    tokenizer.enable_truncation(5)
    for line, text in zip(out.splitlines(), TEXTS, strict=True):
        expected = tokenizer.encode(text)
        assert json.loads(line) == {
            "ids": expected.ids,
            "tokens": expected.tokens,
            "offsets": [list(pair) for pair in expected.offsets],
        }


def test_arrays_and_back(tokenizer: fasttok.Tokenizer, corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "ids.npy"
    code, out, err = run("encode", NAME, str(corpus), str(corpus), "-f", "npy", "-o", str(target))
    assert (code, out, err) == (0, b"", "")
    expected = [tokenizer.encode(text).ids for text in TEXTS * 2]
    ids, row_offsets = np.load(target), np.load(tmp_path / "ids.row_offsets.npy")
    assert (ids.dtype, row_offsets.dtype) == (np.uint32, np.int64)
    assert [part.tolist() for part in np.split(ids, row_offsets[1:-1])] == expected
    assert row_offsets[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["ids.npy", "ids.row_offsets.npy", corpus.name]
    )
    decoded = answer("decode", NAME, str(target), "--skip-special-tokens").decode().splitlines()
    assert decoded == tokenizer.decode_batch(expected, skip_special_tokens=True)


def test_special_tokens(tokenizer: fasttok.Tokenizer) -> None:
    out = answer("encode", NAME, "-t", "a [SEP]", "--no-special-tokens", "--specials", "text", "-f", "tokens")
    assert out.startswith(b"a [ ")
    data = b"fine\n" * 70_000 + "再见 [SEP]\n".encode()
    code, _, err = run("encode", NAME, "--specials", "error", data=data)
    assert code == 1
    assert 'standard input: line 70001 has the special token "[SEP]" at character 3; --specials text' in err


def test_lines_are_the_same_whatever_the_block(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeff中文\r\n\n\na\rb\n𠮷 end".encode())
    expected = ["中文", "", "", "a\rb", "𠮷 end"]
    for block in range(1, 40):
        batches = list(Lines([str(path), str(path)], block=max(block, 4)))
        assert [line for batch in batches for line in batch.lines] == 2 * expected
        assert all(batch.lines == expected[batch.first_line - 1 :][: len(batch.lines)] for batch in batches)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Peak memory for 8 and 64 blocks; a file that is held at once would show."""
    program = (
        "import re, sys; from fasttok.cli import main; code = main(sys.argv[1:]);"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]); sys.exit(code)"
    )
    peaks = []
    for blocks in (8, 64):
        path = tmp_path / f"{blocks}.txt"
        path.write_bytes((b"words and words \n" * (BLOCK // 17)) * blocks)
        target = str(tmp_path / "ids.npy")
        done = subprocess.run(
            [sys.executable, "-c", program, "encode", NAME, str(path), "-f", "npy", "-o", target],
            capture_output=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 20 * 1024  # KiB; the files differ by 56 MiB, their ids by 60 MiB


# decode


def test_forms_of_ids(tokenizer: fasttok.Tokenizer) -> None:
    ids = tokenizer.encode("你好 world").ids
    lines = [" ".join(map(str, ids)), ", ".join(map(str, ids)), json.dumps(ids), json.dumps({"ids": ids}), ""]
    data = "\n".join(lines).encode() + b"\n"
    text = tokenizer.decode(ids, skip_special_tokens=False)
    assert answer("decode", NAME, data=data).decode() == (text + "\n") * 4 + "\n"
    out = answer("decode", NAME, "--skip-special-tokens", "--no-cjk-spacing", "-f", "jsonl", data=data)
    assert json.loads(out.splitlines()[0]) == {"text": "你好 world"}


def test_a_matrix(tokenizer: fasttok.Tokenizer, tmp_path: Path) -> None:
    rows = [[2, 38, 3], [2, 73, 3]]
    np.save(tmp_path / "matrix.npy", np.array(rows))
    out = answer("decode", NAME, str(tmp_path / "matrix.npy")).decode()
    assert out.splitlines() == tokenizer.decode_batch(rows, skip_special_tokens=False)


def test_what_is_not_ids(tmp_path: Path) -> None:
    assert error("decode", NAME, data=b"2 3\n2 x\n").startswith("standard input: line 2: '2 x' holds no ids")
    assert "line 2: 99999 is not an id of" in error("decode", NAME, data=b"2\n99999\n")
    assert "line 1: -1 is not an id of" in error("decode", NAME, data=b"-1\n")
    assert "'1_0' holds no ids" in error("decode", NAME, data=b"1_0\n")
    (tmp_path / "text.npy").write_bytes(b"2 3\n")
    assert "not an .npy file" in error("decode", NAME, str(tmp_path / "text.npy"))
    np.save(tmp_path / "floats.npy", np.zeros(3))
    assert "float64; expected" in error("decode", NAME, str(tmp_path / "floats.npy"))


def test_output_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    expected = answer("encode", NAME, data=b"one")
    real, link, beside = tmp_path / "real", tmp_path / "link", tmp_path / "real.part"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real)
    beside.write_bytes(b"another's")
    assert answer("encode", NAME, "-o", str(link), data=b"one") == b""
    assert link.is_symlink()
    assert real.read_bytes() == expected
    assert real.stat().st_mode & 0o777 == 0o600
    assert beside.read_bytes() == b"another's"
    assert answer("encode", NAME, "-o", "/dev/stdout", data=b"one") == expected
    assert "Is a directory" in error("encode", NAME, "-o", str(tmp_path), data=b"one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real", "real.part"]


def test_output_to_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert answer("encode", NAME, "-o", str(pipe), data=b"one") == b""
        assert reader.communicate()[0] == answer("encode", NAME, data=b"one")
    assert pipe.is_fifo()
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert "a pipe" in error("encode", NAME, "-f", "npy", "-o", str(pipe), data=b"one")
        assert reader.communicate()[0] == b""


def test_closed_streams() -> None:
    command = f"{sys.executable} -m fasttok encode {NAME}"
    for closed, what in ((">&-", "output"), ("<&-", "input")):
        done = subprocess.run(
            ["sh", "-c", f"{command} {closed}"], input=b"one", capture_output=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.decode() == f"fasttok: error: standard {what}: Bad file descriptor\n"


# info


def test_info(tmp_path: Path, tokenizer: fasttok.Tokenizer) -> None:
    text = answer("info", NAME).decode()
    for part in ("WordPiece(", "BertNormalizer(", "30,000", "[MASK] 4", fasttok.isa(), "bert"):
        assert part in text
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    for name in (tmp_path, tmp_path / "tokenizer.json"):
        about = json.loads(answer("info", str(name), "--json"))
        assert about["engine"] == "bert"
        assert about["vocabulary"] == 30_000
        assert about["special_tokens"]["[CLS]"] == 2
        assert about["fingerprint"] == tokenizer.fingerprint()


def test_names(tmp_path: Path) -> None:
    vocab = tmp_path / "vocab.txt"
    vocab.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhi\nHi\n")
    assert answer("encode", str(vocab), "-t", "Hi", "-f", "tokens") == b"[CLS] hi [SEP]\n"
    assert answer("encode", str(vocab), "-t", "Hi", "-f", "tokens", "--cased") == b"[CLS] Hi [SEP]\n"
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert answer("encode", str(tmp_path), "-t", "Hi", "-f", "tokens") == b"[CLS] Hi [SEP]\n"


# What goes wrong


def test_bad_names(tmp_path: Path) -> None:
    assert "no such file or folder" in error("info", "./nothing")
    assert "neither a tokenizer.json nor a vocab.txt" in error("info", str(tmp_path))
    (tmp_path / "vocab.txt").write_text("no unknown token\n")
    assert "vocab.txt: neither a tokenizer.json" in error("encode", str(tmp_path / "vocab.txt"), "-t", "a")
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "WordPiece"}}')
    assert 'missing field "unk_token"' in error("encode", str(tmp_path), "-t", "a")


def test_bad_input(tmp_path: Path) -> None:
    assert error("encode", NAME, str(tmp_path / "none.txt")).endswith("none.txt: No such file or directory")
    assert error("encode", NAME, str(tmp_path)).endswith("Is a directory")
    assert "line 1: binary (a NUL byte)" in error("encode", NAME, data=b"\x7fELF\x02\x00")
    assert "gzip" in error("encode", NAME, data=b"\x1f\x8b\x08")
    assert "UTF-16" in error("encode", NAME, data="中文".encode("utf-16"))
    bad = (b"x" * 99 + b"\n") * 12_000 + b"ok \xff\n"
    assert len(bad) > BLOCK
    code, _, err = run("encode", NAME, "-o", str(tmp_path / "out"), data=bad)
    assert code == 1
    assert "standard input: line 12001, byte 4: not UTF-8 (0xff)" in err
    assert list(tmp_path.iterdir()) == []  # nothing half written
    out = answer("encode", NAME, "--errors", "replace", "-f", "tokens", data=b"ok \xff\n")
    assert out == b"[CLS] ok [SEP]\n"


def test_a_length_beyond_all_integers() -> None:
    assert "9999999999" in error("encode", NAME, "-t", "x", "--max-length", "9" * 20)


def test_empty_input(tmp_path: Path) -> None:
    assert run("encode", NAME) == (0, b"", "fasttok: no text in standard input\n")
    code, _, _ = run("encode", NAME, "-f", "npy", "-o", str(tmp_path / "x.npy"))
    assert code == 0
    assert np.load(tmp_path / "x.npy").tolist() == []
    assert np.load(tmp_path / "x.row_offsets.npy").tolist() == [0]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["encode"],
        ["encode", NAME, "--format", "xml"],
        ["encode", NAME, "--format", "npy"],
        ["encode", NAME, "--offsets"],
        ["encode", NAME, "file", "--text", "a"],
        ["encode", NAME, "--max-length", "0"],
        ["encode", NAME, "--max-length", "1"],  # two special tokens are added
        ["decode", NAME, "a.npy", "b.txt"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from fasttok.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: fasttok" in capsys.readouterr().err


def test_the_reader_goes_away() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "fasttok", "encode", NAME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"2 ")
    process.stdout.close()
    _, err = process.communicate(b"hello\n" * 100_000)
    assert (process.returncode, err) == (141, b"")


def test_interrupt(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    process = subprocess.Popen(
        [sys.executable, "-m", "fasttok", "encode", NAME, "--output", str(target)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # When more than a pipe holds has been taken, the program is at work.
    process.stdin.write(b"hello\n" * 100_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    assert process.stderr is not None
    assert (process.returncode, process.stderr.read()) == (130, b"")
    assert list(tmp_path.iterdir()) == []


def test_progress_is_for_terminals_only(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    shown = {}
    for quiet in (False, True):
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        command = [sys.executable, "-m", "fasttok", "encode", NAME, str(corpus), "-o", str(tmp_path / "x")]
        subprocess.run(command + ["--quiet"] * quiet, stderr=theirs, check=True)
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # Linux's end of a terminal
            pass
        os.close(ours)
        shown[quiet] = seen
    assert b"100%" in shown[False]
    assert shown[True] == b""

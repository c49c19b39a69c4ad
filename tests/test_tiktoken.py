"""fasttok.tiktoken: rank files, the cache, the network, plugins, and what is damaged."""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np
import pytest

from fasttok import FormatError, _core, tiktoken
from fasttok.tiktoken import load, openai_public, registry

RANKS = {bytes([b]): b for b in range(256)} | {b"ab": 256, " 中".encode(): 257}
URL = "https://example.invalid/x.tiktoken"


def line(token: bytes, rank: object) -> bytes:
    return base64.b64encode(token) + f" {rank}\n".encode()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What a made-up network has, by URL; each is fetched once only."""
    site: dict[str, bytes] = {}

    class Response:
        def __init__(self, content: bytes | None) -> None:
            self.content = content

        def raise_for_status(self) -> None:
            if self.content is None:
                raise OSError("404")

    module = ModuleType("requests")
    module.get = lambda url: Response(site.pop(url, None))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "requests", module)
    return site


# Rank files.


def test_written_and_read(tmp_path: Path) -> None:
    path = str(tmp_path / "中文.tiktoken")
    load.dump_tiktoken_bpe(RANKS, path)
    assert load.load_tiktoken_bpe(path) == RANKS
    assert Path(path).read_bytes() == b"".join(line(t, r) for t, r in RANKS.items())


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r", b"\n\n"])
def test_line_endings(ending: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.tiktoken"
    path.write_bytes(ending.join([b"YQ== 0", b"  YWI=\t 1 ", b"YWJj 7"]))
    assert load.load_tiktoken_bpe(str(path)) == {b"a": 0, b"ab": 1, b"abc": 7}
    path.write_bytes(b"")
    assert load.load_tiktoken_bpe(str(path)) == {}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"YQ==", "expected a token in base64, a space and a rank"),
        (b" ", "expected a token"),
        (b"YQ== 1 2", "expected a token"),
        (b"YQ= 1", "the token is not base64"),
        (b"Y 1", "not base64"),
        (b"Y\xff== 1", "not base64"),
        (b"Y=Q= 1", "not base64"),
        (b"==== 1", "not base64"),
        (b"=YQ= 1", "not base64"),
        (b"YQ== x", "the rank is not a number"),
        (b"YQ== -1", "the rank is not a number"),
        (b"YQ== 1.5", "the rank is not a number"),
        (b"YQ== 4294967296", "the rank is not a number"),
        (b"YQ== 99999999999999999999999", "the rank is not a number"),
        (b"YWI= 5", r"the token of line 1 again"),
        (b"YQ== 0", r"the rank of line 1 again"),
    ],
)
def test_damaged_lines_are_named(bad: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tiktoken"
    path.write_bytes(b"YWI= 0\n\n" + bad + b"\nYWJj 9\n")
    with pytest.raises(FormatError, match=rf"x\.tiktoken: line 3: .*{reason}"):
        load.load_tiktoken_bpe(str(path))


def test_a_file_cut_at_any_byte() -> None:
    data = b"".join(line(t, r) for t, r in list(RANKS.items())[90:110])
    for end in range(len(data)):
        try:
            ranks = _core.load_ranks(data[:end], "x")
        except FormatError:
            continue
        assert all(RANKS[token] >= rank for token, rank in ranks.items())  # the last number may be cut


# The cache and the network.


def test_a_local_file_is_not_cached(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (b"YQ== 0\n", b"Yg== 0\n"):
        path.write_bytes(content)
        assert load.read_file_cached(str(path)) == content
    assert not cache.exists()
    with pytest.raises(ValueError, match=r"Hash mismatch for data downloaded from .*x"):
        load.read_file_cached(str(path), "0" * 64)


def test_what_is_fetched_is_kept(cache: Path, requests: dict[str, bytes]) -> None:
    requests[URL] = b"YQ== 0\n"
    assert load.load_tiktoken_bpe(URL) == {b"a": 0}
    assert [p.name for p in cache.iterdir()] == [hashlib.sha1(URL.encode()).hexdigest()]
    assert load.load_tiktoken_bpe(URL) == {b"a": 0}


def test_a_cached_file_of_another_hash_is_fetched_again(cache: Path, requests: dict[str, bytes]) -> None:
    good = b"YQ== 0\n"
    digest = hashlib.sha256(good).hexdigest()
    requests[URL] = good + b"\n"
    with pytest.raises(ValueError, match="Hash mismatch"):
        load.read_file_cached(URL, digest)
    assert not cache.exists()
    requests[URL] = b"other"
    load.read_file_cached(URL)
    requests[URL] = good
    assert load.read_file_cached(URL, digest) == good
    assert load.read_file_cached(URL, digest) == good


def test_no_cache(cache: Path, requests: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    requests[URL] = b"x"
    assert load.read_file_cached(URL) == b"x"
    with pytest.raises(OSError, match="404"):
        load.read_file_cached(URL)


def test_the_other_variable(
    tmp_path: Path, requests: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    monkeypatch.setenv("DATA_GYM_CACHE_DIR", str(tmp_path / "gym"))
    requests[URL] = b"x"
    load.read_file_cached(URL)
    assert len(list((tmp_path / "gym").iterdir())) == 1


def test_a_cache_folder_that_cannot_be_written(
    tmp_path: Path, requests: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "file"))
    requests[URL] = b"x"
    with pytest.raises(OSError, match="file"):
        load.read_file_cached(URL)
    # The folder that nobody has named is left alone.
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    requests[URL] = b"x"
    assert load.read_file_cached(URL) == b"x"


def test_packages_that_are_missing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError, match=r"requests is not installed.*fasttok-native\[tiktoken\]"):
        load.read_file_cached(URL)
    monkeypatch.setitem(sys.modules, "blobfile", None)
    for call in (lambda: load.read_file("gs://a/b"), lambda: load.dump_tiktoken_bpe({}, "gs://a/b")):
        with pytest.raises(ImportError, match="blobfile is not installed"):
            call()


def test_the_cache_is_shared_with_tiktoken(cache: Path, requests: dict[str, bytes]) -> None:
    peer = pytest.importorskip("tiktoken.load")
    requests[URL] = b"YQ== 0\n"
    assert peer.load_tiktoken_bpe(URL) == load.load_tiktoken_bpe(URL)


def test_importing_touches_neither_network_nor_optional_packages() -> None:
    code = (
        "import sys, socket; socket.socket = None; import fasttok.tiktoken, fasttok.tiktoken.model; "
        "fasttok.tiktoken.list_encoding_names(); "
        "print([m for m in ('requests', 'blobfile', 'tiktoken', 'regex') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# GPT-2's two files.


def gpt2_files(folder: Path, ids: dict[str, int] | None = None, merges: str = "a b\nĠ ab\n") -> list[str]:
    characters = [
        chr(c) for c in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100), *range(0x100, 0x144))
    ]
    encoder = {c: i for i, c in enumerate(characters)} | {"ab": 256, "Ġab": 257, "<|endoftext|>": 258}
    (folder / "vocab.bpe").write_text("#version: 0.2\n" + merges, "utf-8")
    (folder / "encoder.json").write_text(json.dumps(encoder | (ids or {})), "utf-8")
    return [str(folder / "vocab.bpe"), str(folder / "encoder.json")]


def test_gpt2_files_as_the_reference_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = pytest.importorskip("tiktoken.load")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    files = gpt2_files(tmp_path)
    ranks = load.data_gym_to_mergeable_bpe_ranks(*files)
    assert ranks == peer.data_gym_to_mergeable_bpe_ranks(*files)
    assert list(ranks) == list(peer.data_gym_to_mergeable_bpe_ranks(*files))
    files = gpt2_files(tmp_path, {"!": 1, '"': 0})
    assert load.data_gym_to_mergeable_bpe_ranks(
        *files, clobber_one_byte_tokens=True
    ) == peer.data_gym_to_mergeable_bpe_ranks(*files, clobber_one_byte_tokens=True)


def test_gpt2_files_that_are_damaged(tmp_path: Path) -> None:
    for changes, message in (
        ({"ids": {"ab": 300}}, "encoder.json: the id of b'ab' is 300"),
        ({"merges": "a b c\n"}, "vocab.bpe: line 2: 'a b c'; expected two tokens"),
        ({"merges": "a 中\n"}, "vocab.bpe: line 2: 'a中': '中' stands for no byte"),
        ({"ids": {"中": 1}}, "encoder.json: '中'"),
    ):
        with pytest.raises(FormatError, match=message):
            load.data_gym_to_mergeable_bpe_ranks(*gpt2_files(tmp_path, **changes))
    files = gpt2_files(tmp_path)
    for content in (b"[]", b"{", b"\xff"):
        Path(files[1]).write_bytes(content)
        with pytest.raises(FormatError, match=r"encoder\.json"):
            load.data_gym_to_mergeable_bpe_ranks(*files)


# Names and plugins.


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of plugins, with nothing registered yet."""
    folder = tmp_path / "tiktoken_ext"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    known = [name for name in sys.modules if name.split(".")[0] == "tiktoken_ext"]
    for name in known:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", None)
    monkeypatch.setattr(registry, "ENCODINGS", {})
    registry._available_plugin_modules.cache_clear()
    yield folder
    registry._available_plugin_modules.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] == "tiktoken_ext"]:
        del sys.modules[name]


PLUGIN = """
def mine():
    special = {"<|endoftext|>": 1}
    return {"name": "mine", "pat_str": ".", "mergeable_ranks": {b"a": 0}, "special_tokens": special}
ENCODING_CONSTRUCTORS = {"mine": mine}
"""


def test_a_plugin(plugins: Path) -> None:
    (plugins / "mine.py").write_text(PLUGIN)
    assert tiktoken.list_encoding_names() == [*openai_public.ENCODING_CONSTRUCTORS, "mine"]
    encoding = tiktoken.get_encoding("mine")
    assert encoding is tiktoken.get_encoding("mine")
    assert encoding.encode("aa<|endoftext|>", allowed_special="all") == [0, 0, 1]
    # Registered encodings are pickled by name.
    assert len(pickle.dumps(encoding)) < 100
    assert pickle.loads(pickle.dumps(encoding)).encode("a") == [0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = 1", "tiktoken plugin tiktoken_ext.bad does not define ENCODING_CONSTRUCTORS"),
        ("ENCODING_CONSTRUCTORS = {'gpt2': None}", "Duplicate encoding name gpt2 in tiktoken plugin"),
    ],
)
def test_bad_plugins(content: str, message: str, plugins: Path) -> None:
    (plugins / "bad.py").write_text(content)
    for _ in range(2):
        with pytest.raises(ValueError, match=message):
            tiktoken.list_encoding_names()


def test_names_that_are_unknown(plugins: Path) -> None:
    with pytest.raises(ValueError, match=r"Unknown encoding nope\.\n.*cl100k_base"):
        tiktoken.get_encoding("nope")
    with pytest.raises(ValueError, match="Expected a string in get_encoding, got <class 'int'>"):
        tiktoken.get_encoding(5)  # type: ignore[arg-type]


def test_an_encoding_from_the_cache(
    cache: Path, plugins: Path, requests: dict[str, bytes], data_dir: Path
) -> None:
    cache.mkdir()
    url = f"{openai_public._SITE}/encodings/cl100k_base.tiktoken"
    name = hashlib.sha1(url.encode()).hexdigest()
    os.symlink(data_dir / "vocabs" / "tiktoken" / "cl100k_base.tiktoken", cache / name)
    encoding = tiktoken.encoding_for_model("gpt-4")
    assert encoding.encode("hello world") == [15339, 1917]
    assert (encoding.n_vocab, encoding.eot_token) == (100277, 100257)


# Bad vocabularies, long texts, threads.


def encoding(**changes: Any) -> tiktoken.Encoding:
    parts: dict[str, Any] = {
        "pat_str": r"\w+|\W",
        "mergeable_ranks": RANKS,
        "special_tokens": {"<|endoftext|>": 300},
    }
    return tiktoken.Encoding("test", **(parts | changes))


def test_two_tokens_of_one_rank() -> None:
    with pytest.raises(FormatError, match="two tokens have the rank 3: 'a' and 'b'"):
        encoding(mergeable_ranks={b"a": 3, b"b": 3})


def test_a_byte_that_no_token_has() -> None:
    enc = encoding(mergeable_ranks={b"a": 0, b"bc": 1})
    assert enc.encode("abc") == [0, 1]
    for call in (enc.encode, enc.encode_ordinary, enc._encode_single_piece, lambda t: enc.encode_batch([t])):
        with pytest.raises(KeyError, match="no token for byte 98"):
            call("ab")


def test_patterns_that_match_nothing_and_empty_texts() -> None:
    assert encoding(pat_str="").encode("abc") == []
    assert encoding(pat_str="a*").encode("baac") == [97, 97]
    assert encoding().encode("") == []
    assert encoding()._encode_single_piece(b"") == []
    assert encoding().decode([]) == ""


@pytest.mark.parametrize("piece", ["a", "ab", "中", " ", "\n", "a\u0301", "<"])
def test_long_texts_of_one_piece_are_encoded_and_come_back(piece: str) -> None:
    text = piece * (200_000 // len(piece.encode()))
    enc = encoding(pat_str=r"(?s).+")
    ids = enc.encode(text)
    assert enc.decode(ids) == text
    assert len(ids) == len(text.encode()) // (2 if piece == "ab" else 1)


def test_threads_may_share_an_encoding() -> None:
    enc = encoding()
    text = "ab 中<|endoftext|>c" * 50
    expected = enc.encode(text, allowed_special="all")
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(50):
            if enc.encode(text, allowed_special="all") != expected or enc.decode(expected) != text:
                wrong.append(threading.get_ident())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_number_of_threads() -> None:
    for name in ("encode_batch", "encode_ordinary_batch", "decode_batch", "decode_bytes_batch"):
        with pytest.raises(ValueError, match="num_threads is 0; expected 1 or more"):
            getattr(encoding(), name)([], num_threads=0)
        assert getattr(encoding(), name)([], num_threads=3) == []


class Text(str):
    """Not exactly a str."""


TEXTS = ("", "ab", "ab中 <s>", "é\U0001f600", "a\ud800b", "\ud83d\ude00", "ab" * 3000, "中" * 4097)


def test_short_texts_as_the_general_calls_encode_them() -> None:
    enc = encoding(special_tokens={"<s>": 300, "<t>": 301})
    for text in TEXTS:
        whole = enc.encode_ordinary_batch([text])[0]
        for given in (text, Text(text)):
            assert enc.encode_ordinary(given) == whole
            assert enc.encode_ordinary(text=given) == whole
            assert enc.encode(given, disallowed_special=()) == whole
            assert enc.encode(given, allowed_special=set(), disallowed_special={"<t>"}) == whole
            if "<s>" in text:
                with pytest.raises(ValueError, match="disallowed special token '<s>'"):
                    enc.encode(given)
            else:
                assert enc.encode(given) == enc.encode(given, allowed_special="all") == whole


def test_short_texts_that_are_wrong() -> None:
    enc = encoding()
    for wrong in (None, b"ab", 5):
        for call in (enc.encode_ordinary, enc.encode):
            with pytest.raises(TypeError, match="is not an instance of 'str'"):
                call(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        enc.encode_ordinary()  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        tiktoken.Encoding.__new__(tiktoken.Encoding).encode_ordinary("ab")
    assert list(inspect.signature(tiktoken.Encoding.encode_ordinary).parameters) == ["self", "text"]


def test_a_short_text_enters_no_needless_python_function() -> None:
    enc = encoding()
    entered: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        enc.encode_ordinary("ab")
        enc.encode("ab")
    finally:
        sys.setprofile(None)
    assert entered == ["encode"]


@pytest.mark.parametrize("dtype", ["uint32", "int32", "uint64", "int64", "uint16", "uint8", ">u4"])
def test_ids_in_arrays(dtype: str) -> None:
    enc = encoding()
    ids = [97, 98, 255, 0, 97] * 1000
    array = np.array(ids, dtype)
    for given in (array, np.repeat(array, 2)[::2], array[:0]):
        assert enc.decode_bytes(given) == enc.decode_bytes(given.tolist())
        assert enc.decode(given) == enc.decode(given.tolist())


def test_ids_out_of_range_and_unknown() -> None:
    enc = encoding()
    for given in ([97, 5000], np.array([97, 5000]), np.array([97, 5000], "uint32")):
        with pytest.raises(KeyError, match="5000"):
            enc.decode_bytes(given)
    for bad in (-1, 1 << 32):
        for given in ([97, bad], np.array([97, bad])):
            with pytest.raises(OverflowError):
                enc.decode(given)
    for given in (np.array([97.0]), np.array([[97]]), "ab", 97):
        with pytest.raises(TypeError):
            enc.decode(given)  # type: ignore[arg-type]


def test_threads_may_be_left_to_the_pool() -> None:
    enc = encoding()
    assert enc.encode_batch(["ab"], num_threads=None) == [enc.encode("ab")]
    assert enc.decode_batch([[97]], num_threads=None) == ["a"]


def test_ranks_are_ints() -> None:
    ranks: dict[bytes, Any] = {bytes([byte]): byte for byte in range(256)} | {b"ab": 256.0}
    with pytest.raises(TypeError, match="float; expected int"):
        tiktoken.Encoding("x", pat_str=".", mergeable_ranks=ranks, special_tokens={})

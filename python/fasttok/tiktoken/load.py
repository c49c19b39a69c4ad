"""Rank files: read, from a cache or the network, and written, as `tiktoken.load`.

Files of a URL are kept in the folder TIKTOKEN_CACHE_DIR, or DATA_GYM_CACHE_DIR, or "data-gym-cache" among
the temporary files, by the SHA-1 of their URL, the same as tiktoken's, so that both share them; an empty name
turns the cache off. What is fetched goes through `requests` (the extra `tiktoken`); nothing else here or
elsewhere in `fasttok.tiktoken` touches the network. Local files are never cached.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from importlib import import_module
from typing import Any

from fasttok import _core
from fasttok.byte_chars import byte_of_character
from fasttok.errors import FormatError
from fasttok.whole_file import write_bytes

__all__ = [
    "check_hash",
    "data_gym_to_mergeable_bpe_ranks",
    "dump_tiktoken_bpe",
    "load_tiktoken_bpe",
    "read_file",
    "read_file_cached",
]


def _optional(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"{module} is not installed. Please install it by running `{package}`.") from error


def read_file(blobpath: str) -> bytes:
    """The bytes of a local file, or of a URL.

    Args:
        blobpath: a path; http:// and https:// are fetched by `requests`, other schemes read by `blobfile`.

    Raises:
        OSError: it cannot be read (`requests`' exceptions are OSErrors, too). ImportError: `requests` or
        `blobfile` is needed and not installed.

    Mirrors `tiktoken.load.read_file`.
    """
    if "://" not in blobpath:
        with open(blobpath, "rb") as file:
            return file.read()
    if blobpath.startswith(("http://", "https://")):
        response = _optional("requests", "pip install 'fasttok-native[tiktoken]'").get(blobpath)
        response.raise_for_status()
        content: bytes = response.content
        return content
    data: bytes = _optional("blobfile", "pip install blobfile").read_bytes(blobpath)
    return data


def check_hash(data: bytes, expected_hash: str) -> bool:
    """Whether the SHA-256 of `data` is `expected_hash` (in hexadecimal).

    >>> check_hash(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    True

    Mirrors `tiktoken.load.check_hash`.
    """
    return hashlib.sha256(data).hexdigest() == expected_hash


def _cache_folder() -> tuple[str, bool]:
    """The folder ("": none), and whether the user has named it."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return os.environ[variable], True
    return os.path.join(tempfile.gettempdir(), "data-gym-cache"), False


def read_file_cached(blobpath: str, expected_hash: str | None = None) -> bytes:
    """The bytes of a local file, or of a URL from the cache, where they are put if need be.

    Args:
        blobpath: as in `read_file`.
        expected_hash: SHA-256; a cached file of another is fetched again.

    Raises:
        ValueError: what was read has another hash. OSError: a cache folder that the user has named cannot be
        written; else as `read_file`.

    Mirrors `tiktoken.load.read_file_cached`, which caches local files, too, and then gives out stale ones.
    """
    folder, named = _cache_folder()
    cached = ""
    if folder and "://" in blobpath:
        cached = os.path.join(folder, hashlib.sha1(blobpath.encode(), usedforsecurity=False).hexdigest())
        if os.path.exists(cached):
            with open(cached, "rb") as file:
                data = file.read()
            if expected_hash is None or check_hash(data, expected_hash):
                return data
    data = read_file(blobpath)
    if expected_hash and not check_hash(data, expected_hash):
        raise ValueError(
            f"Hash mismatch for data downloaded from {blobpath} (expected {expected_hash}). "
            "This may indicate a corrupted download. Please try again."
        )
    if cached:
        try:
            os.makedirs(folder, exist_ok=True)
            write_bytes(cached, data)
        except OSError:
            if named:
                raise
    return data


def load_tiktoken_bpe(tiktoken_bpe_file: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """The tokens and ranks of a rank file: on each line a token in base64, a space, its rank.

    Args:
        tiktoken_bpe_file: a path or URL, as in `read_file_cached`.
        expected_hash: SHA-256 of the file.

    Raises:
        FormatError (a ValueError): a line is malformed, or repeats a token or rank; it is named. Else as
        `read_file_cached`.

    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "x.tiktoken")
    ...     dump_tiktoken_bpe({b"a": 0, b"ab": 1}, path)
    ...     load_tiktoken_bpe(path)
    {b'a': 0, b'ab': 1}

    Mirrors `tiktoken.load.load_tiktoken_bpe`, which takes a token that is no base64 for b"".
    """
    return _core.load_ranks(read_file_cached(tiktoken_bpe_file, expected_hash), str(tiktoken_bpe_file))


def dump_tiktoken_bpe(bpe_ranks: dict[bytes, int], tiktoken_bpe_file: str) -> None:
    """Write a rank file, in the order of the ranks.

    Args:
        bpe_ranks: token -> rank.
        tiktoken_bpe_file: a path; a URL is written by `blobfile`.

    Raises:
        OSError: it cannot be written. ImportError: `blobfile` is needed and not installed.

    Mirrors `tiktoken.load.dump_tiktoken_bpe`, which needs `blobfile` for paths, too.
    """
    lines = (
        base64.b64encode(token) + b" %d\n" % rank
        for token, rank in sorted(bpe_ranks.items(), key=lambda item: item[1])
    )
    if "://" not in tiktoken_bpe_file:
        write_bytes(tiktoken_bpe_file, b"".join(lines))
        return
    with _optional("blobfile", "pip install blobfile").BlobFile(tiktoken_bpe_file, "wb") as file:
        file.write(b"".join(lines))


def data_gym_to_mergeable_bpe_ranks(
    vocab_bpe_file: str,
    encoder_json_file: str,
    vocab_bpe_hash: str | None = None,
    encoder_json_hash: str | None = None,
    clobber_one_byte_tokens: bool = False,
) -> dict[bytes, int]:
    """The tokens and ranks of GPT-2's vocab.bpe (merges) and encoder.json (tokens and ids).

    Args:
        vocab_bpe_file, encoder_json_file: paths or URLs, as in `read_file_cached`.
        vocab_bpe_hash, encoder_json_hash: their SHA-256.
        clobber_one_byte_tokens: whether the ids of single bytes are those of encoder.json.

    Raises:
        FormatError (a ValueError): a file is damaged, or they do not agree (tiktoken: an AssertionError).
        Else as `read_file_cached`.

    Mirrors `tiktoken.load.data_gym_to_mergeable_bpe_ranks`.
    """
    characters = byte_of_character()

    def bytes_of(token: str, place: str) -> bytes:
        try:
            return bytes([characters[c] for c in token])
        except KeyError as error:
            raise FormatError(f"{place}: {token[:60]!r}: {error.args[0]!r} stands for no byte") from None

    ranks = {bytes([byte]): rank for rank, byte in enumerate(characters.values())}
    try:
        lines = read_file_cached(vocab_bpe_file, vocab_bpe_hash).decode().split("\n")
        encoder = json.loads(read_file_cached(encoder_json_file, encoder_json_hash))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FormatError(f"{vocab_bpe_file}, {encoder_json_file}: {error}") from None
    rank = len(ranks)
    for number, line in enumerate(lines[1:-1], 2):
        parts = line.split()
        place = f"{vocab_bpe_file}: line {number}"
        if len(parts) != 2:
            raise FormatError(f"{place}: {line[:60]!r}; expected two tokens with a space between them")
        ranks[bytes_of("".join(parts), place)] = rank
        rank += 1
    if not isinstance(encoder, dict):
        raise FormatError(f"{encoder_json_file}: expected an object, found {type(encoder).__name__}")
    for special in ("<|endoftext|>", "<|startoftext|>"):  # these two are no tokens of merges
        encoder.pop(special, None)
    by_bytes = {bytes_of(token, encoder_json_file): token_id for token, token_id in encoder.items()}
    if clobber_one_byte_tokens:
        ranks.update((token, token_id) for token, token_id in by_bytes.items() if len(token) == 1)
    if ranks != by_bytes:
        wrong = next(t for t in (*ranks, *by_bytes) if ranks.get(t) != by_bytes.get(t))
        raise FormatError(
            f"{encoder_json_file}: the id of {wrong!r} is {by_bytes.get(wrong)}; "
            f"by the merges of {vocab_bpe_file} it is {ranks.get(wrong)}"
        )
    return ranks

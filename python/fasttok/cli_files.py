"""What the command line reads and writes: lines of text, rows of ids, in batches of about a megabyte.

Nothing is held but the batch, so a file may be larger than the memory; a line may not. Every error says in
which file and line it is.

    for batch in Lines(["a.txt", "-"]): batch.lines
    with array_file("ids.npy", np.uint32) as array: array.append(ids)
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fasttok.whole_file import WholeFile

__all__ = [
    "ArrayFile",
    "Batch",
    "Lines",
    "TextError",
    "array_file",
    "closed",
    "read_rows",
    "row_offsets_path",
]

BLOCK = 1 << 20
_LOOKS = 8192  # bytes of the beginning that tell whether a file is text
_ROWS = 1 << 12
_BOM = b"\xef\xbb\xbf"


class TextError(ValueError):
    """The input is not what it should be; the message says what, where, and what to do."""


class Batch(NamedTuple):
    """Some lines of one file, without their ends."""

    file: str
    first_line: int  # counted from 1
    lines: list[str]
    bytes: int  # that were read for it


class Lines:
    """The lines of files of UTF-8 text.

    Args:
        names: of the files; "-" is standard input.
        errors: "strict" or "replace", what is not UTF-8 becomes U+FFFD.
        block: bytes that are read at once.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"one\\r\\ntwo"), file.flush()
    ...     [batch.lines for batch in Lines([file.name])]
    [['one'], ['two']]
    """

    def __init__(self, names: Sequence[str], errors: str = "strict", block: int = BLOCK) -> None:
        self.names = names
        self.errors = errors
        self.block = block

    def size(self) -> int | None:
        """Bytes in all, where that can be known."""
        if not all(map(os.path.isfile, self.names)):
            return None
        return sum(map(os.path.getsize, self.names))

    def __iter__(self) -> Iterator[Batch]:
        for name in self.names:
            if name == "-":
                if sys.stdin is None:
                    raise closed("standard input")
                with open(0, "rb", buffering=0, closefd=False) as file:
                    yield from self._batches("standard input", file)
            else:
                with open(name, "rb", buffering=0) as file:
                    yield from self._batches(name, file)

    def _batches(self, name: str, file: IO[bytes]) -> Iterator[Batch]:
        line = 1
        pieces: list[bytes] = []  # of a line whose end was not read yet
        data = file.read(self.block)
        _check_is_text(name, data[:_LOOKS])
        data = data.removeprefix(_BOM)
        while data:
            whole, end, rest = data.rpartition(b"\n")
            if end:
                batch = self._batch(name, line, b"".join([*pieces, whole]))
                yield batch
                line += len(batch.lines)
                pieces = []
            if rest:
                pieces.append(rest)
            data = file.read(self.block)
        if pieces:
            yield self._batch(name, line, b"".join(pieces))

    def _batch(self, name: str, first_line: int, data: bytes) -> Batch:
        try:
            text = data.decode("utf-8", self.errors)
        except UnicodeDecodeError as error:
            line = first_line + data.count(b"\n", 0, error.start)
            place = error.start - data.rfind(b"\n", 0, error.start)
            raise TextError(
                f"{name}: line {line}, byte {place}: not UTF-8 (0x{data[error.start]:02x}); "
                "convert the text, or pass --errors replace"
            ) from None
        lines = text.split("\n")
        if "\r" in text:
            lines = [line.removesuffix("\r") for line in lines]
        return Batch(name, first_line, lines, len(data) + 1)


def _check_is_text(name: str, head: bytes) -> None:
    if head.startswith(b"\x1f\x8b"):
        raise TextError(f"{name}: compressed by gzip; unpack it first, for example with zcat")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TextError(f"{name}: UTF-16; convert it first, for example with iconv -f UTF-16 -t UTF-8")
    if b"\0" in head:
        line = 1 + head.count(b"\n", 0, head.index(b"\0"))
        raise TextError(f"{name}: line {line}: binary (a NUL byte); expected text in UTF-8")


class ArrayFile:
    """A .npy file of one dimension that grows.

    Args:
        file: where it is written; it can be gone back in.
        dtype: of the numbers.
    """

    def __init__(self, file: IO[bytes], dtype: npt.DTypeLike) -> None:
        self.file = file
        self.dtype = np.dtype(dtype)
        self.length = 0
        self._write_header()

    def append(self, numbers: npt.NDArray[Any]) -> None:
        """Writes `numbers` behind what is there."""
        self.file.write(np.ascontiguousarray(numbers, self.dtype).data)
        self.length += len(numbers)

    def finish(self) -> None:
        """Says at the beginning how many numbers there are."""
        self.file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        # NumPy leaves room for 21 digits of the length: the header's size does not depend on it.
        header = {"descr": self.dtype.str, "fortran_order": False, "shape": (self.length,)}
        np.lib.format.write_array_header_1_0(self.file, header)


@contextmanager
def array_file(path: str, dtype: npt.DTypeLike) -> Iterator[ArrayFile]:
    """An `ArrayFile` that appears under its name when all went well.

    Raises:
        TextError: `path` is a pipe.
    """
    with WholeFile(path) as file:
        if not file.seekable():
            raise TextError(f"{path}: arrays cannot be written to a pipe")
        array = ArrayFile(file, dtype)
        yield array
        array.finish()


def closed(stream: str) -> OSError:
    """The error for a standard stream that was closed before Python began: then `sys` has None for it."""
    return OSError(errno.EBADF, os.strerror(errno.EBADF), stream)


def row_offsets_path(path: str) -> str:
    """The file beside an .npy file of ids that says where its rows begin.

    >>> row_offsets_path("corpus.npy")
    'corpus.row_offsets.npy'
    """
    return path.removesuffix(".npy") + ".row_offsets.npy"


def read_rows(path: str) -> Iterator[tuple[int, list[list[int]]]]:
    """Rows of ids of an .npy file, with the number of the first, counted from 1: the rows of a matrix, or
    ids with the file of row offsets beside, as `fasttok encode --format npy` writes them; else one row."""
    ids = _load(path)
    if ids.ndim == 2:
        for i in range(0, len(ids), _ROWS):
            yield i + 1, ids[i : i + _ROWS].tolist()
        return
    beside = row_offsets_path(path)
    ends = _load(beside) if os.path.exists(beside) else np.array([0, len(ids)])
    if ends.ndim != 1 or len(ends) == 0 or ends[0] != 0 or ends[-1] != len(ids) or np.any(np.diff(ends) < 0):
        raise TextError(f"{beside}: these are not the row offsets of {path}")
    for i in range(0, len(ends) - 1, _ROWS):
        part = ends[i : i + _ROWS + 1].tolist()
        yield i + 1, [ids[a:b].tolist() for a, b in pairwise(part)]


def _load(path: str) -> npt.NDArray[Any]:
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise TextError(f"{path}: not an .npy file: {error}") from None
    if array.dtype.kind not in "iu" or array.ndim not in (1, 2):
        raise TextError(f"{path}: {array.ndim} dimensions of {array.dtype}; expected 1 or 2 of integers")
    return array

"""Writing a file whole or not at all: a full disk leaves the old one as it was."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import IO

__all__ = ["WholeFile", "write_bytes", "write_text"]

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8, without changing line breaks, as `write_bytes` does."""
    write_bytes(path, text.encode())


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` as a `WholeFile`.

    Raises:
        OSError: the file cannot be written; the old one, if any, is whole then.
    """
    with WholeFile(path) as file:
        file.write(data)


class WholeFile:
    """A file that is written beside the old one, and takes its place when all went well.

    A symbolic link stays one; a file keeps its permissions; what is no plain file (a device, a pipe) is
    written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with WholeFile(folder + "/a") as file:
    ...         _ = file.write(b"whole")
    ...     open(folder + "/a").read()
    'whole'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def __enter__(self) -> IO[bytes]:
        self._beside: str | None = None
        self._target = os.path.realpath(self.path)
        if os.path.exists(self.path) and not os.path.isfile(self.path):
            self._file: IO[bytes] = open(self.path, "wb")
            return self._file
        folder, name = os.path.split(self._target)
        self._beside = os.path.join(folder, f".{name[:50]}.{os.urandom(6).hex()}.part")
        try:
            self._file = open(self._beside, "xb")
        except OSError as error:
            error.filename = self.path
            raise
        return self._file

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._file.close()
            if self._beside is not None and error is None:
                with suppress(FileNotFoundError):
                    os.chmod(self._beside, os.stat(self._target).st_mode & 0o7777)
                os.replace(self._beside, self._target)
        except BaseException as failure:
            self._drop(failure)
            raise
        if error is not None:
            self._drop(error)

    def _drop(self, error: BaseException) -> None:
        if isinstance(error, OSError) and (
            error.errno in _FULL if error.filename is None else error.filename == self._beside
        ):
            error.filename = self.path
        if self._beside is not None:
            with suppress(OSError):
                os.remove(self._beside)

"""Writing a file whole or not at all: a full disk leaves the old one as it was."""

from __future__ import annotations

import os
from contextlib import suppress

__all__ = ["write_bytes", "write_text"]


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8, without changing line breaks, as `write_bytes` does."""
    write_bytes(path, text.encode())


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` into a new file beside the old one, which takes its place.

    A symbolic link stays one; a file keeps its permissions; what is no plain file (a device, a pipe) is
    written to.

    Raises:
        OSError: the file cannot be written; the old one, if any, is whole then.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as file:
            file.write(data)
        return
    folder, name = os.path.split(target)
    beside = os.path.join(folder, f".{name[:50]}.{os.urandom(6).hex()}.part")
    try:
        with open(beside, "xb") as file:
            file.write(data)
        with suppress(FileNotFoundError):
            os.chmod(beside, os.stat(target).st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.remove(beside)
        raise

"""Reading model files, and the classes of what goes wrong with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fasttok._core import SentencePiece
from fasttok.errors import FormatError

__all__ = ["ModelFileError", "ModelFormatError", "existing", "load_model", "read_file", "serialized"]


class ModelFormatError(FormatError, RuntimeError):
    """A model is damaged: a FormatError, and the RuntimeError that sentencepiece raises."""


class ModelFileError(OSError, RuntimeError):
    """A model file cannot be read: an OSError, and the RuntimeError that sentencepiece raises."""


def read_file(filename: Any) -> bytes:
    """The bytes of a file. Raises ModelFileError."""
    name = os.fsdecode(os.fspath(filename))
    if not name:
        raise ModelFileError("model file path should not be empty.")
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ModelFileError(error.errno, error.strerror, name) from None


def existing(filename: Any) -> str:
    """The path of a file that can be read. Raises ModelFileError."""
    read_file(filename)
    return os.fsdecode(os.fspath(filename))


def serialized(model: Any) -> bytes:
    """The bytes of a protobuf message, or bytes as they are. Raises TypeError."""
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    if not isinstance(model, bytes):
        raise TypeError(f"the model is {type(model).__name__}; expected bytes or a protobuf message")
    return model


def load_model(model: bytes, name: str) -> SentencePiece:
    """The model in these bytes; `name` is for messages. Raises ModelFormatError."""
    try:
        return SentencePiece(model, name)
    except FormatError as error:
        raise ModelFormatError(str(error)) from None

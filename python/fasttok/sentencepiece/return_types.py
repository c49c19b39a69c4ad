"""What `encode` and `decode` can return: what the core is asked for, and what is made of that."""

from __future__ import annotations

from typing import Any

from fasttok.sentencepiece.immutable import ImmutableNBestSentencePieceText, ImmutableSentencePieceText
from fasttok.sentencepiece.messages import text_classes

__all__ = ["DECODED", "FINISHED", "OUTPUTS", "finish", "finish_ways", "resolve"]

# By what the caller asks for: what the core is asked for, to encode and to decode.
OUTPUTS: dict[Any, str] = {
    int: "ids",
    str: "pieces",
    bytes: "bytes_pieces",
    "serialized_proto": "proto",
    "proto": "proto",
    "numpy": "array",
    "offset_mapping": "tokens",
    "immutable_proto": "char_tokens",
}
FINISHED = ("proto", "immutable_proto", "offset_mapping")  # what is made in Python of what the core gives
DECODED: dict[Any, str] = {
    str: "text",
    bytes: "bytes",
    "serialized_proto": "proto",
    "proto": "proto",
    "offset_mapping": "tokens",
    "immutable_proto": "char_tokens",
}


def resolve(return_type: Any, out_type: Any, default: Any) -> Any:
    """The one of both arguments that is given, or the default. Raises ValueError."""
    if out_type is not None:
        if return_type is not None:
            raise ValueError("Cannot specify both out_type and return_type. Use return_type instead.")
        return_type = out_type
    elif return_type == "immutable_proto":
        raise ValueError("return_type has no 'immutable_proto': use return_type='proto', or out_type")
    if return_type is None:
        return default
    if return_type not in OUTPUTS:
        known = tuple(getattr(kind, "__name__", kind) for kind in OUTPUTS)
        raise ValueError(f"Invalid return_type: {return_type!r}. Must be one of {known}")
    return return_type


def finish(kind: Any, raw: Any, in_bytes: bool = False, with_text: bool = False) -> Any:
    """What the caller asked for, made of what the core gives."""
    if kind == "proto":
        message = text_classes()[0]()
        message.ParseFromString(raw)
        return message
    if kind == "immutable_proto":
        return ImmutableSentencePieceText(raw)
    if kind == "offset_mapping":
        text, tokens, *_ = raw
        made: dict[str, Any] = {"text": text if in_bytes else text.decode()} if with_text else {}
        made["ids"] = [token[1] for token in tokens]
        made["pieces"] = [token[0] if in_bytes else token[0].decode() for token in tokens]
        made["offsets"] = [token[3:] for token in tokens]
        return made
    return raw


def finish_ways(kind: Any, raw: Any) -> Any:
    """The same of several ways to cut a text."""
    if kind == "proto":
        message = text_classes()[1]()
        message.ParseFromString(raw)
        return message
    if kind == "immutable_proto":
        return ImmutableNBestSentencePieceText(raw)
    return raw

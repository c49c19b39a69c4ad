"""protobuf's classes for SentencePiece's messages, made from one line a message.

A field reads `name=number type`; a type is a scalar, or a message with a dot before its name; `*` means
repeated, and `type(default)` another default. The classes live in a pool of their own, so that they stand
beside those of sentencepiece.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

__all__ = ["message_classes", "text_classes"]

_FIELD = re.compile(r"\s*(\w+)=(\d+) (\*?)(\.?)([\w.]+)(?:\((.*?)\))?")


def message_classes(
    file: str, messages: dict[str, str], enums: dict[str, dict[str, int]] | None = None
) -> dict[str, Any]:
    """The classes of messages by name. Raises ImportError without protobuf.

    Args:
        file: the name of the .proto file.
        messages: by name, an inner message as "Outer.Inner" behind its outer one: the fields.
        enums: by name, within a message: the values.
    """
    try:
        from google.protobuf import (  # type: ignore[import-untyped, unused-ignore]
            descriptor_pb2,
            descriptor_pool,
            message_factory,
        )
    except ImportError as error:
        raise ImportError(
            'protobuf is required for messages: pip install "fasttok-native[protobuf]"'
        ) from error
    proto: Any = descriptor_pb2.FileDescriptorProto(name=file, package="sentencepiece", syntax="proto2")
    made: dict[str, Any] = {}
    kinds: Any = descriptor_pb2.FieldDescriptorProto
    for name, fields in messages.items():
        outer, _, inner = name.rpartition(".")
        made[name] = message = made[outer].nested_type.add() if outer else proto.message_type.add()
        message.name = inner
        message.extension_range.add(start=200, end=536870912)
        for enum_name, values in (enums or {}).items():
            if enum_name.rpartition(".")[0] == name:
                enum = message.enum_type.add(name=enum_name.rpartition(".")[2])
                for value, of in values.items():
                    enum.value.add(name=value, number=of)
        for match in map(_FIELD.match, fields.split(";")):
            assert match
            field_name, number, repeated, dot, kind, default = match.groups()
            field = message.field.add(name=field_name, number=int(number))
            field.label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if dot:
                field.type = kinds.TYPE_ENUM if kind in (enums or {}) else kinds.TYPE_MESSAGE
                field.type_name = f".sentencepiece.{kind}"
            else:
                field.type = getattr(kinds, f"TYPE_{kind.upper()}")
            if default is not None:
                field.default_value = default
    pool: Any = descriptor_pool.DescriptorPool()
    pool.Add(proto)
    classes = {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"sentencepiece.{name}"))
        for name in messages
    }
    return classes


@cache
def text_classes() -> tuple[Any, Any]:
    """SentencePieceText and NBestSentencePieceText."""
    from fasttok.sentencepiece import sentencepiece_pb2

    return sentencepiece_pb2.SentencePieceText, sentencepiece_pb2.NBestSentencePieceText

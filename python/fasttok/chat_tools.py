"""A Python function as the JSON schema that chat templates show to a model as a tool.

>>> def weather(city: str, days: int = 1):
...     '''The weather to come.
...
...     Args:
...         city: where
...         days: how many
...     '''
>>> json_schema(weather)["function"]["parameters"]["required"]
['city']

Mirrors `get_json_schema` of transformers 5.23: type hints become types, the docstring in Google's style the
descriptions.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["DocstringParsingException", "TypeHintParsingException", "json_schema"]


class TypeHintParsingException(Exception):
    """A type hint has no JSON schema."""


class DocstringParsingException(Exception):
    """A docstring does not describe the function or one of its arguments."""


_SCALARS: dict[Any, str] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
}
_PLAIN: dict[Any, str] = {**_SCALARS, list: "array", tuple: "array", dict: "object"}

_END = r"(?:Args:|Returns:|Raises:|\Z)"
_DESCRIPTION = re.compile(rf"^(.*?)[\n\s]*{_END}", re.DOTALL)
_ARGS = re.compile(r"\n\s*Args:\n(.*?)[\n\s]*(?:Returns:|Raises:|\Z)", re.DOTALL)
_RETURNS = re.compile(r"\n\s*Returns:\n\s*(.*?)[\n\s]*(?:Raises:|\Z)", re.DOTALL)
# An argument goes on until a line with another name that is not indented deeper.
_ARG = re.compile(r"(?:^|\n)([ \t]*)(\w+):\s*(.*?)\s*(?=\n(?!\1[ \t])[ \t]*\w+:|\Z)", re.DOTALL)
_CHOICES = re.compile(r"\(choices:\s*(.*?)\)\s*$", re.IGNORECASE)


def json_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema of a function with type hints and a docstring that describes each argument.

    Raises:
        TypeHintParsingException, DocstringParsingException: a hint or a description is missing, or a hint
            has no JSON schema.
    """
    name = getattr(function, "__name__", "operation")
    doc = inspect.getdoc(function)
    if not doc:
        raise DocstringParsingException(
            f"Cannot generate JSON schema for {name} because it has no docstring!"
        )
    description, arguments, returns = _sections(doc.strip())
    parameters = _parameters(function, name)
    result = parameters["properties"].pop("return", None)
    if result is not None and returns is not None:
        result["description"] = returns
    for argument, schema in parameters["properties"].items():
        if argument not in arguments:
            raise DocstringParsingException(
                f"Cannot generate JSON schema for {name} because the docstring has no description for the "
                f"argument '{argument}'"
            )
        text = arguments[argument]
        if choices := _CHOICES.search(text):
            values = json.loads(choices.group(1))
            schema["enum"] = [value.strip() if isinstance(value, str) else value for value in values]
            text = text[: choices.start()].strip()
        schema["description"] = text
    shown = {"name": name, "description": description, "parameters": parameters}
    if result is not None:
        shown["return"] = result
    return {"type": "function", "function": shown}


def _sections(doc: str) -> tuple[str | None, dict[str, str], str | None]:
    """What the docstring says of the function, of each argument, and of what comes back."""
    description, arguments, returns = _DESCRIPTION.search(doc), _ARGS.search(doc), _RETURNS.search(doc)
    described: dict[str, str] = {}
    if arguments is not None:
        block = "\n".join(line for line in arguments.group(1).split("\n") if line.strip())
        for _, name, text in _ARG.findall(block):
            described[name] = re.sub(r"\s*\n+\s*", " ", text.strip())
    return (
        description.group(1).strip() if description else None,
        described,
        returns.group(1).strip() if returns else None,
    )


def _parameters(function: Callable[..., Any], name: str) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    receiver = next(iter(parameters), None)
    if receiver not in ("self", "cls") or parameters[receiver].annotation is not inspect.Parameter.empty:
        receiver = None
    required = []
    for parameter in parameters.values():
        if parameter.name == receiver:
            continue
        if parameter.annotation is inspect.Parameter.empty:
            raise TypeHintParsingException(
                f"Argument {parameter.name} is missing a type hint in function {name}"
            )
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    properties = {}
    for argument, hint in get_type_hints(function).items():
        if argument == receiver:
            continue
        try:
            properties[argument] = _schema_of(hint)
        except TypeHintParsingException:
            if argument != "return":  # a model never writes it
                raise
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _enum(values: list[Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(_SCALARS[type(value)] for value in values))
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": values}


def _schema_of(hint: Any) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is None:
        return _schema_of_class(hint)
    if origin is Union or origin is types.UnionType:
        return _schema_of_union(args)
    if origin is Literal:
        if any(type(value) not in _SCALARS for value in args):
            raise TypeHintParsingException("Only the valid python literals can be listed in typing.Literal.")
        return _enum(list(args))
    if origin is list:
        return {"type": "array", "items": _schema_of(args[0])} if args else {"type": "array"}
    if origin is tuple:
        if not args:
            return {"type": "array"}
        if len(args) == 1 or ... in args:
            raise TypeHintParsingException(
                f"{hint} is a tuple of one item, or of any number; use a list for either"
            )
        return {"type": "array", "prefixItems": [_schema_of(item) for item in args]}
    if origin is dict:
        plain: dict[str, Any] = {"type": "object"}
        if len(args) == 2:
            plain["additionalProperties"] = _schema_of(args[1])
        return plain
    raise TypeHintParsingException(
        "Couldn't parse this type hint, likely due to a custom class or object: ", hint
    )


def _schema_of_class(hint: Any) -> dict[str, Any]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        values = [member.value for member in hint]
        if not values or any(type(value) not in _SCALARS for value in values):
            raise TypeHintParsingException(
                f"The Enum {hint.__name__} has no members, or values that are no JSON scalars: {values}"
            )
        return _enum(values)
    if hint is Any:
        return {}
    try:
        if hint in _PLAIN:
            return {"type": _PLAIN[hint]}
    except TypeError:  # cannot be hashed
        pass
    raise TypeHintParsingException(
        f"Couldn't convert the type hint {hint!r} to a JSON schema, likely because it is a custom class or "
        "object; pass the JSON schema of the tool instead of the function"
    )


def _schema_of_union(args: tuple[Any, ...]) -> dict[str, Any]:
    kinds = [_schema_of(item) for item in args if item is not type(None)]
    schema: dict[str, Any]
    if len(kinds) == 1:
        schema = kinds[0]
    elif all(kind.keys() == {"type"} and isinstance(kind["type"], str) for kind in kinds):
        names = sorted({kind["type"] for kind in kinds})
        schema = {"type": names[0] if len(names) == 1 else names}
    else:
        schema = {"anyOf": kinds}
    if type(None) in args:
        schema["nullable"] = True
    return schema

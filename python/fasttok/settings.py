"""Truncation, padding and the treatment of special tokens: checked, and in the four forms that they take.

In Python they are dicts as HF's properties `truncation` and `padding` give them; the core takes tuples;
tokenizer.json and `repr` have forms of their own.

    {"max_length": 8, "stride": 0, "strategy": "longest_first", "direction": "right"}       the property
    (8, 0, "longest_first", "right")                                                        the core
    {"direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0}        the file
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from fasttok.tokenizer_json import (
    USIZE_MAX,
    Bare,
    Node,
    Struct,
    check_id,
    check_size,
    check_str,
)

if TYPE_CHECKING:
    from fasttok import _core
    from fasttok._core import Padding, Surrogates, Truncation

__all__ = [
    "CoreSettings",
    "Specials",
    "core_padding",
    "core_specials",
    "core_truncation",
    "padding_settings",
    "padding_struct",
    "read_padding",
    "read_truncation",
    "truncation_settings",
    "truncation_struct",
    "write_padding",
    "write_truncation",
]

Specials = str | Collection[str]
_POLICIES: dict[str, Literal["parse", "text", "error"]] = {"parse": "parse", "text": "text", "error": "error"}


class CoreSettings(TypedDict):
    """The keyword arguments that every batch call of the core takes."""

    is_pretokenized: bool
    add_special_tokens: bool
    truncation: Truncation | None
    specials: _core.Specials
    surrogates: Surrogates
    num_threads: int | None


def core_specials(specials: Specials) -> _core.Specials:
    """`specials` as the core takes it; ValueError for another word, TypeError for no collection of str."""
    expected = 'expected "parse", "text", "error" or a collection of tokens (str)'
    if isinstance(specials, str):
        if specials not in _POLICIES:
            raise ValueError(f"specials is {specials!r}; {expected}")
        return _POLICIES[specials]
    if not isinstance(specials, Iterable) or isinstance(specials, Mapping | bytes | bytearray | memoryview):
        raise TypeError(f"specials is {type(specials).__name__}; {expected}")
    tokens = list(specials)
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(f"specials[{i}] is {type(token).__name__}; {expected}")
    return tokens


def truncation_settings(max_length: int, stride: int, strategy: str, direction: str) -> dict[str, Any]:
    """HF's dict, checked; TypeError, OverflowError or ValueError as the reference."""
    result = {
        "max_length": check_size("max_length", max_length),
        "stride": check_size("stride", stride),
        "strategy": check_str("strategy", strategy),
        "direction": check_str("direction", direction),
    }
    if strategy not in ("longest_first", "only_first", "only_second"):
        raise ValueError(
            f"Unknown `strategy`: `{strategy}`. Use one of `longest_first`, `only_first`, or `only_second`"
        )
    if direction not in ("left", "right"):
        raise ValueError(f"Unknown `direction`: `{direction}`. Use one of `left` or `right`.")
    return result


def core_truncation(truncation: int | Mapping[str, Any] | None) -> Truncation | None:
    """The core's tuple of a dict (checked) or of a number of tokens."""
    if truncation is None:
        return None
    if not isinstance(truncation, Mapping):
        if isinstance(truncation, bool):
            raise TypeError(
                "truncation is bool; expected int, a dict as `Tokenizer.truncation` gives it, or None"
            )
        return (check_size("truncation", truncation), 0, "longest_first", "right")
    defaults = {"stride": 0, "strategy": "longest_first", "direction": "right"}
    if "max_length" not in truncation or (
        unknown := [key for key in truncation if key not in (*defaults, "max_length")]
    ):
        what = (
            "has no max_length" if "max_length" not in truncation else f"has the unknown key {unknown[0]!r}"
        )
        raise ValueError(f"truncation {what}; known: max_length, stride, strategy, direction")
    settings = truncation_settings(**{**defaults, **truncation})
    return (settings["max_length"], settings["stride"], settings["strategy"], settings["direction"])


def padding_settings(
    direction: str,
    pad_id: int,
    pad_type_id: int,
    pad_token: str,
    length: int | None,
    pad_to_multiple_of: int | None,
) -> dict[str, Any]:
    """HF's dict, checked; TypeError, OverflowError or ValueError as the reference."""
    if check_str("direction", direction) not in ("left", "right"):
        raise ValueError(f"Unknown `direction`: `{direction}`. Use one of `left` or `right`")
    return {
        "length": None if length is None else check_size("length", length),
        "pad_to_multiple_of": None
        if pad_to_multiple_of is None
        else check_size("pad_to_multiple_of", pad_to_multiple_of),
        "pad_id": check_id("pad_id", pad_id),
        "pad_token": check_str("pad_token", pad_token),
        "pad_type_id": check_id("pad_type_id", pad_type_id),
        "direction": direction,
    }


def core_padding(padding: Mapping[str, Any] | None) -> Padding | None:
    """The core's tuple of what `padding_settings` has made."""
    if padding is None:
        return None
    multiple = padding["pad_to_multiple_of"] or None  # 0 is no multiple
    pad = (padding["pad_id"], padding["pad_type_id"], padding["pad_token"])
    return (padding["length"], padding["direction"], multiple, *pad)


# tokenizer.json and repr

_DIRECTIONS = {"Left": "left", "Right": "right"}
_STRATEGIES = {"LongestFirst": "longest_first", "OnlyFirst": "only_first", "OnlySecond": "only_second"}
_DIRECTION_NAMES = {value: key for key, value in _DIRECTIONS.items()}
_STRATEGY_NAMES = {value: key for key, value in _STRATEGIES.items()}


def read_truncation(node: Node) -> dict[str, Any]:
    direction = node.fields().get("direction", "Right")  # absent in old files
    return {
        "max_length": node["max_length"].uint(USIZE_MAX),
        "stride": node["stride"].uint(USIZE_MAX),
        "strategy": node["strategy"].choice(_STRATEGIES),
        "direction": node.child("direction", direction).choice(_DIRECTIONS),
    }


def write_truncation(truncation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "direction": _DIRECTION_NAMES[truncation["direction"]],
        "max_length": truncation["max_length"],
        "strategy": _STRATEGY_NAMES[truncation["strategy"]],
        "stride": truncation["stride"],
    }


def read_padding(node: Node) -> dict[str, Any]:
    strategy = node["strategy"]
    length: int | None = None
    if isinstance(strategy.value, dict):
        if list(strategy.value) != ["Fixed"]:
            strategy.fail('expected "BatchLongest" or {"Fixed": length}')
        length = strategy["Fixed"].uint(USIZE_MAX)
    elif strategy.value != "BatchLongest":
        strategy.fail('expected "BatchLongest" or {"Fixed": length}')
    multiple = node.get("pad_to_multiple_of")
    return {
        "length": length,
        "pad_to_multiple_of": None if multiple is None else multiple.uint(USIZE_MAX),
        "pad_id": node["pad_id"].uint(),
        "pad_token": node["pad_token"].text(),
        "pad_type_id": node["pad_type_id"].uint(),
        "direction": node["direction"].choice(_DIRECTIONS),
    }


def write_padding(padding: Mapping[str, Any]) -> dict[str, Any]:
    length = padding["length"]
    return {
        "strategy": "BatchLongest" if length is None else {"Fixed": length},
        "direction": _DIRECTION_NAMES[padding["direction"]],
        "pad_to_multiple_of": padding["pad_to_multiple_of"],
        "pad_id": padding["pad_id"],
        "pad_type_id": padding["pad_type_id"],
        "pad_token": padding["pad_token"],
    }


def truncation_struct(truncation: Mapping[str, Any]) -> Struct:
    written = write_truncation(truncation)
    return Struct("TruncationParams", {k: Bare(v) if isinstance(v, str) else v for k, v in written.items()})


def padding_struct(padding: Mapping[str, Any]) -> Struct:
    written = write_padding(padding)
    length = padding["length"]
    written["strategy"] = Bare("BatchLongest" if length is None else f"Fixed({length})")
    written["direction"] = Bare(written["direction"])
    return Struct("PaddingParams", written)

"""tokenizer.json: Python's `json` on one side, components and their plain settings on the other.

Reading goes through `Node`, a JSON value that knows its path, so that every error says where it is:

    tokenizer.json: pre_tokenizer.type: unknown "Foo"; known: BertPreTokenizer

Writing is byte for byte what `tokenizers` 0.23.3 writes (serde_json's compact and pretty forms). `Struct` and
`render` give the `repr` that the reference's Python binding prints. `Component` is the base of all
normalizers, models and so on: it owns the state (JSON bytes, as the reference's `__getstate__`), the `repr`,
and the news to its tokenizers that a property was set.

Upstream behaviour mirrored: unknown keys are ignored, except at the top; the ids of `added_tokens` are
ignored and given anew in order; components without "type" are recognised by their fields, as old files have
them.
"""

from __future__ import annotations

import json
import os
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from json.encoder import encode_basestring
from math import isfinite
from operator import index
from typing import Any, ClassVar, Generic, NoReturn, Protocol, Self, TypeVar, overload

from fasttok._core import json_float
from fasttok.errors import FormatError
from fasttok.json_floats import U64_MAX, float_to_json

U32_MAX = 2**32 - 1
USIZE_MAX = U64_MAX

T = TypeVar("T")


def type_name(value: object) -> str:
    """What JSON calls the type of `value`, for error messages."""
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


class Node:
    """A JSON value and the path that led to it."""

    __slots__ = ("path", "source", "value")

    def __init__(self, value: object, path: str, source: str) -> None:
        self.value = value
        self.path = path
        self.source = source

    def fail(self, what: str) -> NoReturn:
        where = f"{self.source}: {self.path}" if self.path else self.source
        raise FormatError(f"{where}: {what}")

    def expected(self, what: str) -> NoReturn:
        found = type_name(self.value)
        if isinstance(self.value, bool | int | float | str):
            found += f" ({json.dumps(self.value, ensure_ascii=True)[:60]})"
        self.fail(f"expected {what}, found {found}")

    def child(self, key: str | int, value: object) -> Node:
        if isinstance(key, int):
            path = f"{self.path}[{key}]"
        elif re.fullmatch(r"[A-Za-z_]\w*", key):
            path = f"{self.path}.{key}" if self.path else key
        else:
            path = f"{self.path}[{json.dumps(key)}]"
        return Node(value, path, self.source)

    def fields(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            self.expected("an object")
        return self.value

    def get(self, key: str) -> Node | None:
        """The child under `key`; None where it is absent or null."""
        value = self.fields().get(key)
        return None if value is None else self.child(key, value)

    def __getitem__(self, key: str) -> Node:
        fields = self.fields()
        if key not in fields:
            self.fail(f'missing field "{key}"')
        return self.child(key, fields[key])

    def __iter__(self) -> Iterator[Node]:
        if not isinstance(self.value, list):
            self.expected("a list")
        return (self.child(i, value) for i, value in enumerate(self.value))

    def items(self) -> Iterator[tuple[str, Node]]:
        return ((key, self.child(key, value)) for key, value in self.fields().items())

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.expected("a string")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.expected("true or false")
        return self.value

    def uint(self, maximum: int = U32_MAX) -> int:
        if type(self.value) is not int or not 0 <= self.value <= maximum:
            self.expected(f"an integer from 0 to {maximum}")
        return self.value

    def char(self) -> str:
        if len(self.text()) != 1:
            self.expected("a string of one character")
        return self.text()

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.expected("a number")
        if isinstance(self.value, int) and abs(self.value) > U64_MAX:
            return json_float(str(self.value))
        return float(self.value)

    def choice(self, names: Mapping[str, str]) -> str:
        name = self.text()
        if name not in names:
            self.fail(f"unknown {quoted(name)}; known: {', '.join(names)}")
        return names[name]


def quoted(text: str) -> str:
    """`text` in double quotes, shortened, for error messages."""
    return json.dumps(text if len(text) <= 60 else text[:60] + "…", ensure_ascii=False)


def parse(data: str | bytes, source: str) -> Node:
    """The root of a JSON text; `source` is the file's name for messages; FormatError where it is not JSON."""

    def no_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(text, parse_constant=no_constant, parse_float=json_float)
        root = Node(value, "", source)
        refuse_surrogates(root, data)
        return root
    except UnicodeDecodeError as error:
        raise FormatError(f"{source}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        cut = " (the text ends too early)" if error.pos >= len(error.doc.rstrip()) else ""
        raise FormatError(f"{source}: not JSON: {error}{cut}") from None
    except RecursionError:
        raise FormatError(f"{source}: nested too deeply") from None
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError(f"{source}: not JSON: {error}") from None


def refuse_surrogates(root: Node, data: str | bytes) -> None:
    """FormatError where a string of the JSON text `data` has a lone surrogate, which no UTF-8 can hold."""
    if isinstance(data, bytes):  # UTF-8, as the caller knows
        if not (b"\\ud" in data or b"\\uD" in data):  # nearly always
            return
    elif not ("\\ud" in data or "\\uD" in data) and _is_utf8(data):
        return
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if isinstance(node.value, str) and not _is_utf8(node.value):
            node.fail(f"the string {json.dumps(node.value)[:60]} has a lone surrogate")
        if isinstance(node.value, dict):
            if any(not _is_utf8(key) for key in node.value):
                node.fail("a key has a lone surrogate")
            nodes += [child for _, child in node.items()]
        elif isinstance(node.value, list):
            nodes += node


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def dump(value: object, pretty: bool = False) -> str:
    """JSON text as serde_json writes it: compact, or with two spaces a level."""
    return _write(value, "\n" if pretty else "")


_FEW = 32  # a larger dict is a vocabulary, which holds no float


def _write(value: object, newline: str) -> str:
    """`newline` is the line break with the indentation of the value; "" is compact. Only floats need more
    than Python's `json`, and these are in components' fields and in `Scores`."""
    deeper = newline and newline + "  "
    if isinstance(value, Scores):
        inner = deeper and deeper + "  "
        rows = [
            f"[{inner}{encode_basestring(piece)},{inner}{float_to_json(score)}{deeper}]"
            for piece, score in value
        ]
        return f"[{deeper}{f',{deeper}'.join(rows)}{newline}]" if rows else "[]"
    if isinstance(value, float):
        return float_to_json(value)
    if isinstance(value, dict) and 0 < len(value) <= _FEW:
        colon = ": " if newline else ":"
        items = [f"{encode_basestring(key)}{colon}{_write(item, deeper)}" for key, item in value.items()]
        return f"{{{deeper}{f',{deeper}'.join(items)}{newline}}}"
    if not newline:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", newline)


class Scores(list[tuple[str, float]]):
    """The pieces of a Unigram model, which `dump` writes with the reference's floats."""


def _displayed(value: float) -> str:
    """A float in `repr`: Rust's display form, never with an exponent."""
    if not isfinite(value):
        return "NaN" if value != value else "inf" if value > 0 else "-inf"
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


# repr, as the reference's Python binding prints it


class Bare(str):
    """A name that `render` prints without quotes."""


class Struct:
    """A named record for `render`: `Name(field=value, ...)`."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Mapping[str, object]) -> None:
        self.name = name
        self.fields = fields


class Variant:
    """A named value for `render`: `Name(value)`."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self.value = value


_SHOWN_ITEMS = {True: 5, False: 99}  # what str() and repr() show of a longer list or dict
_SHOWN_BYTES = 100  # what str() shows of a string


def _clip(text: str) -> str:
    data = text.encode()
    if len(data) <= _SHOWN_BYTES:
        return text
    return data[:_SHOWN_BYTES].decode(errors="ignore") + "..."


def _join(items: Iterable[str], count: int, short: bool) -> str:
    shown = list(islice(items, _SHOWN_ITEMS[short]))
    return ", ".join([*shown, "..."] if count > len(shown) else shown)


def render(value: object, short: bool) -> str:
    """`value` as the reference's repr (`short=False`: 99 items) or str (`short=True`: 5 items, 100 bytes)."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, float):
        return _displayed(value)
    if isinstance(value, str):
        return f'"{_clip(value) if short else value}"'
    if isinstance(value, Component):
        value = value._struct()
    if isinstance(value, Variant):
        return f"{value.name}({render(value.value, short)})"
    if isinstance(value, Struct):
        return f"{value.name}({', '.join(f'{k}={render(v, short)}' for k, v in value.fields.items())})"
    if isinstance(value, dict):
        pairs = (f"{render(k, short)}:{render(v, short)}" for k, v in value.items())
        return "{" + _join(pairs, len(value), short) + "}"
    if isinstance(value, list):
        return "[" + _join((render(v, short) for v in value), len(value), short) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(render(v, short) for v in value) + ")"
    return str(value)


# Components


class Field(Generic[T]):
    """A read-write property that checks what is set and tells the component that it changed."""

    def __init__(self, check: Callable[[str, object], T], doc: str) -> None:
        self.check = check
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.slot = "_" + name

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Component, kind: type) -> T: ...
    def __get__(self, owner: Component | None, kind: type) -> Self | T:
        if owner is None:
            return self
        value: T = getattr(owner, self.slot)
        return value

    def __set__(self, owner: Component, value: T) -> None:
        setattr(owner, self.slot, self.check(self.name, value))
        owner._changed()


def check_bool(name: str, value: object) -> bool:
    """True or False, NumPy's too, as the reference; nothing else that is true or false."""
    if isinstance(value, bool):
        return value
    kind = type(value)
    if kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_"):
        return bool(value)
    raise TypeError(f"{name} is {kind.__name__}; expected bool")


def check_optional_bool(name: str, value: object) -> bool | None:
    return None if value is None else check_bool(name, value)


def check_str(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is {type(value).__name__}; expected str")
    value.encode()  # UnicodeEncodeError for a lone surrogate, as the reference
    return value if type(value) is str else str.__str__(value)  # of a subclass, such as NumPy's, the text


def check_optional_str(name: str, value: object) -> str | None:
    return None if value is None else check_str(name, value)


def check_char(name: str, value: object) -> str:
    """One character; ValueError in the reference's words for more or less."""
    if len(text := check_str(name, value)) != 1:
        raise ValueError(f"expected a string of length 1; {name} has {len(text)}")
    return text


def check_sequence(value: object) -> Sequence[Any]:
    """What the reference takes for a sequence: no str, but arrays, which have no such base class."""
    if isinstance(value, str):
        raise TypeError("Can't extract `str` to `Vec`")
    if isinstance(value, Sequence):
        return value
    if hasattr(value, "__array__") and hasattr(value, "__len__"):
        return [*value]  # type: ignore[misc]
    raise TypeError(f"'{type(value).__name__}' object is not an instance of 'Sequence'")


def check_float(name: str, value: Any) -> float:
    if isinstance(value, str | bytes) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
        raise TypeError(f"{name} is {type(value).__name__}; expected float")
    return float(value)


def check_path(name: str, value: object) -> str:
    """The path as str; no number, which open() would take for a file descriptor, and no bytes."""
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise TypeError(f"{name} is {type(value).__name__}; expected str or os.PathLike")
    return path


def check_size(name: str, value: Any, maximum: int = USIZE_MAX) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {type(value).__name__}; expected int") from None
    if not 0 <= number <= maximum:
        raise OverflowError(f"{name} is {number}; expected an integer from 0 to {maximum}")
    return number


def check_id(name: str, value: Any) -> int:
    return check_size(name, value, U32_MAX)


def parse_state(state: object, name: str) -> Node:
    """The JSON of a pickle; TypeError where it is no bytes, as the reference."""
    if not isinstance(state, bytes):
        raise TypeError(f"{name} is {type(state).__name__}; expected bytes")
    return parse(state, name)


class Owner(Protocol):
    """What holds a component: a tokenizer, or a component that is a sequence of others."""

    def _invalidate(self) -> None: ...


class Component:
    """A stage of the pipeline: a few settings, saved as JSON; setting one makes its tokenizers compile
    anew."""

    __slots__ = ("__weakref__", "_owners")

    KIND: ClassVar[str] = ""  # "type" in tokenizer.json
    _owners: weakref.WeakSet[Owner]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__bases__:
            if getattr(base, "KIND", ""):
                raise TypeError(f"type '{base.__module__}.{base.__name__}' is not an acceptable base type")

    def __init__(self) -> None:
        if not self.KIND:
            raise TypeError(f"cannot create '{type(self).__module__}.{type(self).__name__}' instances")

    def _attach(self, owner: Owner) -> None:
        try:
            self._owners.add(owner)
        except AttributeError:
            self._owners = weakref.WeakSet((owner,))

    def _detach(self, owner: Owner) -> None:
        if (owners := getattr(self, "_owners", None)) is not None:
            owners.discard(owner)

    def _changed(self) -> None:
        for owner in getattr(self, "_owners", ()):
            owner._invalidate()

    def _invalidate(self) -> None:
        """A component inside this one has changed."""
        self._changed()

    def _copy(self) -> Self:
        """An equal component without owners."""
        copy = type(self).__new__(type(self))
        copy.__setstate__(self.__getstate__())
        return copy

    def _fields(self) -> dict[str, object]:
        """The settings in the order of tokenizer.json, without "type"."""
        return {}

    def _load(self, node: Node) -> None:
        """Takes the settings of a JSON object; on FormatError, nothing has changed."""

    def _json(self) -> dict[str, object]:
        return {"type": self.KIND, **self._fields()}

    def _struct(self) -> Struct:
        return Struct(self.KIND, self._fields())

    def __getstate__(self) -> bytes:
        return dump(self._json()).encode()

    def __setstate__(self, state: bytes) -> None:
        node = parse_state(state, f"{type(self).__name__} state")
        name = node["type"]
        if name.text() != self.KIND:
            name.fail(f"expected {quoted(self.KIND)}, found {quoted(name.text())}")
        self._load(node)
        self._changed()

    def __repr__(self) -> str:
        return render(self, short=False)

    def __str__(self) -> str:
        return render(self, short=True)


C = TypeVar("C", bound=Component)


class Section(Generic[C]):
    """What one component key of tokenizer.json may hold."""

    __slots__ = ("aliases", "infer", "known", "unsupported")

    def __init__(
        self, known: Iterable[type[C]], unsupported: str, infer: Callable[[set[str]], type[C] | None]
    ) -> None:
        self.known = {kind.KIND: kind for kind in known}
        self.aliases: dict[str, type[C]] = {}  # other names that upstream reads
        self.unsupported = frozenset(
            unsupported.split()
        )  # names of the reference that fasttok does not have yet
        self.infer = infer  # set of keys -> class, for objects without "type"

    def read(self, node: Node) -> C:
        fields = node.fields()
        known = ", ".join(self.known)
        if "type" not in fields:
            if (kind := self.infer(set(fields))) is None:
                node.fail(f'missing field "type"; known: {known}')
        else:
            name = node["type"].text()
            if name in self.unsupported:
                node["type"].fail(f"{quoted(name)} is not supported yet; supported: {known}")
            if (kind := self.known.get(name) or self.aliases.get(name)) is None:
                node["type"].fail(f"unknown {quoted(name)}; known: {known}")
        component = kind.__new__(kind)
        component._load(node)
        return component

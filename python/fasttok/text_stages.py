"""What normalizers, pre-tokenizers and decoders share: patterns, sequences, components written in Python."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar

from fasttok import _core
from fasttok.tokenizer_json import Component, Node, Struct, Variant, check_str

BEHAVIORS = {
    "Removed": "removed",
    "Isolated": "isolated",
    "MergedWithPrevious": "merged_with_previous",
    "MergedWithNext": "merged_with_next",
    "Contiguous": "contiguous",
}
BEHAVIOR_NAMES = {value: key for key, value in BEHAVIORS.items()}

Step = tuple[Any, ...]  # the name of a class, and its settings: what the core takes
Pattern = str | _core.Regex


def check_behavior(name: str, value: object) -> str:
    if (behavior := check_str(name, value)) not in BEHAVIOR_NAMES:
        raise ValueError(
            "Wrong value for SplitDelimiterBehavior, expected one of: `removed, isolated, "
            f"merged_with_previous, merged_with_next, contiguous`; {name} is {behavior!r}"
        )
    return behavior


class Behavior:
    """The property `behavior`, which reads as upstream's: "mergedwithnext" for "merged_with_next"."""

    __doc__ = (
        'What becomes of the delimiters: "removed", "isolated", "merged_with_previous", "merged_with_next" '
        'or "contiguous"; it reads without "_", as upstream.'
    )

    def __get__(self, owner: Any, kind: type) -> Any:
        return self if owner is None else owner._behavior.replace("_", "")

    def __set__(self, owner: Any, value: str) -> None:
        owner._behavior = check_behavior("behavior", value)
        owner._changed()


def check_pattern(value: object) -> Pattern:
    if isinstance(value, _core.Regex):
        return value
    if not isinstance(value, str):
        raise TypeError(f"pattern is {type(value).__name__}; expected str or Regex")
    return check_str("pattern", value)


def pattern_json(pattern: Pattern) -> dict[str, str]:
    if isinstance(pattern, str):
        return {"String": pattern}
    return {"RustRegex" if pattern.syntax == "rust" else "Regex": pattern.pattern}


def pattern_repr(pattern: Pattern) -> Variant:
    ((name, text),) = pattern_json(pattern).items()
    return Variant(name, text)


def read_pattern(node: Node) -> Pattern:
    fields = node.fields()
    if len(fields) != 1 or next(iter(fields)) not in ("String", "Regex", "RustRegex"):
        node.fail('expected {"String": text} or {"Regex": pattern}')
    if "String" in fields:
        return node["String"].text()
    is_rust = "RustRegex" in fields  # fasttok's own, for the patterns of rank files
    pattern = node["RustRegex" if is_rust else "Regex"]
    try:
        return _core.Regex.from_rust(pattern.text()) if is_rust else _core.Regex(pattern.text())
    except Exception as error:
        pattern.fail(str(error))


T = TypeVar("T", bound=Component)


class Chain(Component, Generic[T]):
    """A `Sequence`: components that work one after the other."""

    __slots__ = ()

    if TYPE_CHECKING:
        _items: list[T]  # a slot of the subclass

    def _take(self, items: object, name: str, base: type[T]) -> None:
        if not isinstance(items, list):
            raise TypeError(f"{name} is {type(items).__name__}; expected list")
        taken: list[T] = []
        for i, item in enumerate(items):
            if not isinstance(item, base):
                raise TypeError(f"{name}[{i}] is {type(item).__name__}; expected {base.__name__}")
            taken += item._items if isinstance(item, Chain) else [item]
        self._hold(taken)

    def _hold(self, items: list[T]) -> None:
        self._items = items  # type: ignore[misc]
        for item in items:
            item._attach(self)

    # What holds components is told when they change, and tells its own holders.
    def _invalidate(self) -> None:
        self._changed()

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        copy._hold([item._copy() for item in self._items])
        return copy

    def _steps(self) -> list[Step]:
        return [step for item in self._items for step in item._steps()]  # type: ignore[attr-defined]

    def _at(self, i: int) -> int:
        if (number := index(i)) < 0:
            raise OverflowError("can't convert negative int to unsigned")
        if number >= len(self._items):
            raise IndexError("Index not found")
        return number

    def __getitem__(self, i: int) -> T:
        """Item number `i`; IndexError where there is none. Changing its properties changes the sequence."""
        return self._items[self._at(i)]

    def _set(self, i: int, item: object, base: type[T], called: str) -> None:
        if not isinstance(item, base):
            raise TypeError(f"item is {type(item).__name__}; expected {base.__name__}")
        if isinstance(item, Chain):
            raise Exception(f"{called} should not be a sequence")
        at = self._at(i)
        old, self._items[at] = self._items[at], item._copy()
        if not any(other is old for other in self._items):
            old._detach(self)
        self._items[at]._attach(self)
        self._changed()


class Custom(Component):
    """A component that runs Python code; it can be neither saved nor pickled."""

    __slots__ = ()

    BASE = ""  # the name of the base, for messages
    if TYPE_CHECKING:
        _code: object  # a slot of the subclass

    def _steps(self) -> list[Step]:
        return [("custom", self._code)]

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        copy._code = self._code  # type: ignore[misc]
        return copy

    def _json(self) -> NoReturn:
        raise Exception(f"Custom {self.BASE} cannot be serialized")

    def _struct(self) -> Struct:
        return Struct(f"{self.BASE}.custom", {"code": object.__repr__(self._code)})

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle a custom {self.BASE}: it is Python code")

"""Every name of `tokenizers` is in fasttok, and takes the same arguments: a walk through both packages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import tokenizers as reference

import fasttok

SUBMODULES = (
    "models",
    "normalizers",
    "pre_tokenizers",
    "processors",
    "decoders",
    "trainers",
    "implementations",
    "implementations.base_tokenizer",
    "implementations.bert_wordpiece",
    "implementations.byte_level_bpe",
    "implementations.char_level_bpe",
    "implementations.sentencepiece_bpe",
    "implementations.sentencepiece_unigram",
)

# What the two may differ in, each with its reason: names (as patterns of a path), then what is allowed.
NOT_NAMES = {
    r"tokenizers": "the compiled module",
    r"tools": "the visualizer",
    r"(\w+)\.\1": "the compiled submodule that upstream's package imports from",
    r"\w*\.?(Dict|Enum|Iterator|List|Optional|Tuple|Union|json|os)": "imports of upstream's files",
    r"implementations\.\w+\.[A-Za-z_]+": "imports of upstream's files, but for the classes themselves",
}
OTHER_ARGUMENTS = {
    r".*\.train|.*\.train_from_iterator": "training comes with the trainers",
    r".*\.token_to_id": "upstream's text says `tokens`, but it takes `token`",
    r".*\.save": "upstream's text leaves out that `prefix` may be missing, and its old name",
    r"pre_tokenizers\.\w+\.pre_tokenize_str": "upstream's text says `sequence`, but it takes `s`",
    r"pre_tokenizers\.Sequence": "upstream's text says `pretokenizers`, but it takes `pre_tokenizers`",
    r"decoders\.Sequence": "upstream's text says `decoders`, but it takes `decoders_py`",
    r"processors\.Sequence": "upstream's text says `processors`, but it takes `processors_py`",
    r"Regex": "upstream's text says `pattern`, but it takes `s`",
    r"PreTokenizedString": "upstream's text says `sequence`, but it takes `s`",
    r"normalizers\.\w+\.custom": "upstream's text says `normalizer`, but it takes `obj`",
    r".*\.__(getitem|setitem|deepcopy|setstate)__": "names of arguments that are given by position",
    r"pre_tokenizers\.Metaspace": "upstream's text says '_', but it takes '▁'",
    r"normalizers\.Prepend": "upstream's text leaves the default out",
    r"AddedToken": "None is `normalized` left unset, as upstream has it inside",
    r"trainers\.\w+Trainer": "None is an empty list",
    r"decoders\.Metaspace|processors\.BertProcessing": "upstream tells no arguments",
}
SPECIAL = (
    "__len__",
    "__getitem__",
    "__setitem__",
    "__copy__",
    "__deepcopy__",
    "__getstate__",
    "__setstate__",
)


def is_listed(table: dict[str, str], path: str) -> bool:
    return any(re.fullmatch(pattern, path) for pattern in table)


def kind_of(value: Any) -> str:
    if inspect.isclass(value):
        return "class"
    if inspect.ismodule(value):
        return "module"
    if callable(value):
        return "callable"
    return "property" if inspect.isdatadescriptor(value) else type(value).__name__


def names_of(value: Any) -> Iterator[str]:
    return (name for name in dir(value) if not name.startswith("_") or name in SPECIAL)


def pairs() -> Iterator[tuple[str, Any, Any]]:
    """Path, value in the reference, value here (None where it is missing)."""
    roots = [("", reference, fasttok)]
    for name in SUBMODULES:
        roots.append((f"{name}.", import_module(f"tokenizers.{name}"), import_module(f"fasttok.{name}")))
    for prefix, theirs, ours in roots:
        for name in names_of(theirs):
            if name in SUBMODULES or f"{prefix}{name}" in SUBMODULES:
                continue
            value, mine = getattr(theirs, name), getattr(ours, name, None)
            yield f"{prefix}{name}", value, mine
            if inspect.isclass(value) and mine is not None and value.__module__.startswith("tokenizers"):
                for member in names_of(value):
                    yield f"{prefix}{name}.{member}", getattr(value, member), getattr(mine, member, None)


def arguments_of(value: Any) -> dict[str, str] | None:
    """The names of the arguments with their defaults, in order; None where nothing is told of them.

    Without `self`, and without what only fasttok takes: by keyword, behind what both take, or ignored."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:
        return _of_docstring(value)
    return {
        p.name: "" if p.default is p.empty else repr(p.default)
        for p in parameters
        if p.name != "self" and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }


def _of_docstring(value: Any) -> dict[str, str] | None:
    """Those of a function in C++, which pybind11 writes in the first line of its docstring."""
    text = value.__init__.__doc__ if inspect.isclass(value) else value.__doc__
    found = re.match(r"\w+\((.*)\) -> ", text or "")
    if found is None:
        return None
    arguments: dict[str, str] = {}
    for part in re.split(r", (?=\w+: |\*)", found[1]):
        if match := re.match(r"(\w+): .*?(?: = (.*))?$", part):
            arguments[match[1]] = match[2] or ""
    arguments.pop("self", None)
    return arguments


def test_every_name_is_here() -> None:
    missing = []
    for path, theirs, ours in pairs():
        if ours is None:
            if theirs is not None and not is_listed(NOT_NAMES, path):
                missing.append(path)
        elif kind_of(theirs) != kind_of(ours) and not is_listed(NOT_NAMES, path):
            missing.append(f"{path} is a {kind_of(ours)}, not a {kind_of(theirs)}")
    assert missing == []


def test_the_arguments_are_the_same() -> None:
    different, compared = [], 0
    for path, theirs, ours in pairs():
        if ours is None or not callable(theirs) or is_listed(OTHER_ARGUMENTS, path):
            continue
        if is_listed(NOT_NAMES, path) or not getattr(theirs, "__module__", "x"):
            continue
        expected, found = arguments_of(theirs), arguments_of(ours)
        if expected is None or found is None:
            continue
        compared += 1
        if list(found.items())[: len(expected)] != list(expected.items()):
            different.append(f"{path}: {found}, not {expected}")
    assert different == []
    assert compared > 300


def instances(package: Any) -> list[Any]:
    """One object of each class, for the properties."""
    tokenizer = package.Tokenizer(package.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]))
    n, p, d, t, m = (
        getattr(package, name) for name in ("normalizers", "pre_tokenizers", "decoders", "trainers", "models")
    )
    pr = package.processors
    plain: list[Any] = [
        *(getattr(n, name)() for name in dir(n) if name in ("BertNormalizer", "NFC", "Prepend", "Strip")),
        n.Replace("a", "b"),
        n.Sequence([n.NFC()]),
        *(getattr(p, name)() for name in ("ByteLevel", "Digits", "FixedLength", "Metaspace", "Punctuation")),
        p.CharDelimiterSplit("a"),
        p.Split("a", "removed"),
        *(getattr(d, name)() for name in ("BPEDecoder", "CTC", "Metaspace", "Strip", "WordPiece", "Fuse")),
        d.DecodeStream(),
        pr.BertProcessing(("a", 0), ("b", 1)),
        pr.RobertaProcessing(("a", 0), ("b", 1)),
        pr.ByteLevel(),
        pr.TemplateProcessing("$A", "$A $B", []),
        *(getattr(t, name)() for name in ("BpeTrainer", "WordPieceTrainer", "WordLevelTrainer")),
        *(getattr(t, name)() for name in ("UnigramTrainer", "ParityBpeTrainer")),
        m.Unigram([("a", 0.0)], 0),
        m.WordLevel({"a": 0}, "a"),
        m.WordPiece({"a": 0}, unk_token="a"),
        tokenizer.model,
        package.AddedToken("a"),
        package.Token(0, "a", (0, 1)),
        package.NormalizedString("a"),
        package.PreTokenizedString("a"),
        tokenizer.encode("ab"),
        tokenizer,
    ]
    return plain


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_properties_read_and_write_the_same() -> None:
    def read(value: Any, name: str) -> Any:
        try:
            found = getattr(value, name)
        except Exception as error:
            return type(error).__name__
        return found if isinstance(found, bool | int | float | str | None) else type(found).__name__

    def write(value: Any, name: str) -> str:
        try:
            setattr(value, name, getattr(value, name))
        except Exception as error:
            return type(error).__name__
        return "written"

    compared = 0
    for theirs, ours in zip(instances(reference), instances(fasttok), strict=True):
        for name in names_of(type(theirs)):
            if inspect.isdatadescriptor(getattr(type(theirs), name)):
                path = f"{type(theirs).__name__}.{name}"
                assert read(ours, name) == read(theirs, name), path
                assert write(ours, name) == write(theirs, name), path
                compared += 1
    assert compared > 120

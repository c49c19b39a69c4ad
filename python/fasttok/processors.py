"""Post-processors: where the special tokens go.

All are one thing for the core: a list of pieces for one sequence and one for a pair, with what else they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, final

from fasttok import _core
from fasttok.tokenizer_json import (
    U32_MAX,
    Bare,
    Component,
    Field,
    Node,
    Section,
    Struct,
    check_bool,
    check_id,
    check_sequence,
    check_size,
    check_str,
    quoted,
)

if TYPE_CHECKING:
    from fasttok._core import Encoding, PostProcessorSpec, TemplatePieceSpec

__all__ = [
    "BertProcessing",
    "ByteLevel",
    "PostProcessor",
    "RobertaProcessing",
    "Sequence",
    "TemplateProcessing",
]


class PostProcessor(Component):
    """The base of all post-processors; it cannot be created itself.

    >>> isinstance(BertProcessing(("[SEP]", 102), ("[CLS]", 101)), PostProcessor)
    True
    """

    __slots__ = ()

    def _spec(self) -> PostProcessorSpec:
        raise NotImplementedError

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many ids the special tokens add to one sequence, or to a pair.

        Args:
            is_pair: whether a pair is meant.

        Raises:
            TypeError: not a bool.

        >>> BertProcessing(("[SEP]", 102), ("[CLS]", 101)).num_special_tokens_to_add(True)
        3
        """
        raise NotImplementedError

    def process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """Joins one encoding, or two, with the special tokens.

        Args:
            encoding: an `Encoding` without special tokens.
            pair: that of the second sequence.
            add_special_tokens: False joins only.

        Raises:
            TypeError: an argument is not an `Encoding`.

        >>> from fasttok.models import WordPiece
        >>> from fasttok import Tokenizer
        >>> plain = Tokenizer(WordPiece({"[UNK]": 0, "hi": 1, "[CLS]": 2, "[SEP]": 3})).encode("hi")
        >>> BertProcessing(("[SEP]", 3), ("[CLS]", 2)).process(plain).tokens
        ['[CLS]', 'hi', '[SEP]']
        """
        for value in (encoding,) if pair is None else (encoding, pair):
            if not isinstance(value, _core.Encoding):
                raise TypeError(f"'{type(value).__name__}' object is not an instance of 'Encoding'")
        model = _core.WordLevel({}, "")
        core = _core.Tokenizer(model, None, None, self._spec(), None, [], "generic")
        return core.post_process(
            encoding, pair, add_special_tokens=add_special_tokens, truncation=None, padding=None
        )


def _check_token(name: str, value: object) -> tuple[str, int]:
    if not isinstance(value, tuple):
        raise TypeError(f"{name}: '{type(value).__name__}' object is not an instance of 'tuple'")
    if len(value) != 2:
        raise ValueError(f"{name}: expected tuple of length 2, but got tuple of length {len(value)}")
    return (check_str(f"{name}[0]", value[0]), check_id(f"{name}[1]", value[1]))


def _load_token(node: Node) -> tuple[str, int]:
    items = list(node)
    if len(items) != 2:
        node.fail(f"expected [token, id], found a list of {len(items)}")
    return (items[0].text(), items[1].uint())


@final
class BertProcessing(PostProcessor):
    """`[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]` with type id 1 from B on.

    Args:
        sep: (token, id) of the separator.
        cls_token: (token, id) of the token at the beginning.

    Raises:
        TypeError, ValueError, OverflowError: not a tuple, not two long, an id beyond 32 bits.

    >>> BertProcessing(("[SEP]", 102), ("[CLS]", 101))
    BertProcessing(sep=("[SEP]", 102), cls=("[CLS]", 101))

    Mirrors `tokenizers.processors.BertProcessing`.
    """

    __slots__ = ("_cls", "_sep")

    KIND: ClassVar[str] = "BertProcessing"

    sep = Field(_check_token, "(token, id) of the separator.")
    cls = Field(_check_token, "(token, id) of the token at the beginning.")

    def __init__(self, sep: tuple[str, int], cls_token: tuple[str, int]) -> None:
        super().__init__()
        self.sep = sep
        self.cls = cls_token

    def _fields(self) -> dict[str, object]:
        return {"sep": self._sep, "cls": self._cls}

    def _load(self, node: Node) -> None:
        self._sep, self._cls = _load_token(node["sep"]), _load_token(node["cls"])

    def _spec(self) -> PostProcessorSpec:
        return ("bert", self._sep, self._cls)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 3 if check_bool("is_pair", is_pair) else 2


@final
class RobertaProcessing(PostProcessor):
    """`<s> A </s>`, and `<s> A </s></s> B </s>`, all of type 0.

    Args:
        sep: (token, id) of the separator.
        cls_token: (token, id) of the token at the beginning.
        trim_offsets: whether offsets leave out the spaces around tokens.
        add_prefix_space: whether the first space was put before the text, so that offsets keep it.

    Raises:
        TypeError, ValueError, OverflowError: wrong types, not two long, an id beyond 32 bits.

    >>> RobertaProcessing(("</s>", 2), ("<s>", 0)).num_special_tokens_to_add(True)
    4

    Mirrors `tokenizers.processors.RobertaProcessing`.
    """

    __slots__ = ("_add_prefix_space", "_cls", "_sep", "_trim_offsets")

    KIND: ClassVar[str] = "RobertaProcessing"

    sep = Field(_check_token, "(token, id) of the separator.")
    cls = Field(_check_token, "(token, id) of the token at the beginning.")
    trim_offsets = Field(check_bool, "Whether offsets leave out the spaces around tokens.")
    add_prefix_space = Field(check_bool, "Whether the first space was put before the text.")

    def __init__(
        self,
        sep: tuple[str, int],
        cls_token: tuple[str, int],
        trim_offsets: bool = True,
        add_prefix_space: bool = True,
    ) -> None:
        super().__init__()
        self.sep = sep
        self.cls = cls_token
        self.trim_offsets = trim_offsets
        self.add_prefix_space = add_prefix_space

    def _fields(self) -> dict[str, object]:
        return {
            "sep": self._sep,
            "cls": self._cls,
            "trim_offsets": self._trim_offsets,
            "add_prefix_space": self._add_prefix_space,
        }

    def _load(self, node: Node) -> None:
        sep, cls = _load_token(node["sep"]), _load_token(node["cls"])
        fields = (sep, cls, node["trim_offsets"].flag(), node["add_prefix_space"].flag())
        self._sep, self._cls, self._trim_offsets, self._add_prefix_space = fields

    def _spec(self) -> PostProcessorSpec:
        return ("roberta", self._sep, self._cls, self._trim_offsets, self._add_prefix_space)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 4 if check_bool("is_pair", is_pair) else 2


@final
class ByteLevel(PostProcessor):
    """Leaves the spaces around byte-level tokens out of their offsets.

    Args:
        add_prefix_space: whether the first space was put before the text, so that offsets keep it; None is
            True.
        trim_offsets: whether offsets change at all; None is True.
        use_regex: kept for tokenizer.json; None is True.
        unknown: other keywords are accepted and change nothing, as upstream.

    Raises:
        TypeError: not a bool.

    >>> ByteLevel(trim_offsets=False)
    ByteLevel(add_prefix_space=True, trim_offsets=False, use_regex=True)

    Mirrors `tokenizers.processors.ByteLevel`.
    """

    __slots__ = ("_add_prefix_space", "_trim_offsets", "_use_regex")

    KIND: ClassVar[str] = "ByteLevel"

    add_prefix_space = Field(check_bool, "Whether the first space was put before the text.")
    trim_offsets = Field(check_bool, "Whether offsets leave out the spaces around tokens.")
    use_regex = Field(check_bool, "Kept for tokenizer.json.")

    def __init__(
        self,
        add_prefix_space: bool | None = None,
        trim_offsets: bool | None = None,
        use_regex: bool | None = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        self.add_prefix_space = True if add_prefix_space is None else add_prefix_space
        self.trim_offsets = True if trim_offsets is None else trim_offsets
        self.use_regex = True if use_regex is None else use_regex

    def _fields(self) -> dict[str, object]:
        return {
            "add_prefix_space": self._add_prefix_space,
            "trim_offsets": self._trim_offsets,
            "use_regex": self._use_regex,
        }

    def _load(self, node: Node) -> None:
        use_regex = "use_regex" not in node.fields() or node["use_regex"].flag()  # absent in old files
        fields = (node["add_prefix_space"].flag(), node["trim_offsets"].flag(), use_regex)
        self._add_prefix_space, self._trim_offsets, self._use_regex = fields

    def _spec(self) -> PostProcessorSpec:
        return ("byte_level", self._trim_offsets, self._add_prefix_space)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        check_bool("is_pair", is_pair)
        return 0


@final
class Sequence(PostProcessor):
    """Several post-processors, each on what the one before made.

    Args:
        processors_py: a list of post-processors; `sequence[i]` reads and sets one of them.

    Raises:
        TypeError: not a list of post-processors. IndexError: no such place.

    >>> Sequence([ByteLevel(), BertProcessing(("[SEP]", 102), ("[CLS]", 101))])[0].trim_offsets
    True

    Mirrors `tokenizers.processors.Sequence`: a processor behind a template takes each piece of it for a
    sequence. A
    template behind a processor that makes more than two pieces is a ValueError when it is used (upstream
    panics).
    """

    __slots__ = ("_processors",)

    KIND: ClassVar[str] = "Sequence"

    _processors: list[PostProcessor]

    def __init__(self, processors_py: list[PostProcessor]) -> None:
        super().__init__()
        if not isinstance(processors_py, list):
            raise TypeError(f"'{type(processors_py).__name__}' object is not an instance of 'list'")
        for processor in processors_py:
            _check_processor(processor)
        self._hold(processors_py)

    def _hold(self, processors: list[PostProcessor]) -> None:
        self._processors = list(processors)
        for processor in processors:
            processor._attach(self)

    def _index(self, index: int) -> int:
        if (at := check_size("index", index)) >= len(self._processors):
            raise IndexError(f"Index not found: {at} of {len(self._processors)}")
        return at

    def __getitem__(self, index: int) -> PostProcessor:
        return self._processors[self._index(index)]

    def __setitem__(self, index: int, processor: PostProcessor) -> None:
        at = self._index(index)
        _check_processor(processor)
        if isinstance(processor, Sequence) and processor._holds(self):
            raise ValueError("a Sequence cannot hold itself")
        old, self._processors[at] = self._processors[at], processor
        if old not in self._processors:
            old._detach(self)
        processor._attach(self)
        self._changed()

    def _holds(self, other: PostProcessor) -> bool:
        return self is other or any(
            processor._holds(other) for processor in self._processors if isinstance(processor, Sequence)
        )

    def _fields(self) -> dict[str, object]:
        return {"processors": [processor._json() for processor in self._processors]}

    def _struct(self) -> Struct:
        return Struct(self.KIND, {"processors": list(self._processors)})

    def _load(self, node: Node) -> None:
        self._hold([SECTION.read(item) for item in node["processors"]])

    def _flat(self) -> list[PostProcessor]:
        return [
            inner
            for processor in self._processors
            for inner in (processor._flat() if isinstance(processor, Sequence) else [processor])
        ]

    def _spec(self) -> PostProcessorSpec:
        return ("sequence", [processor._spec() for processor in self._flat()])

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        check_bool("is_pair", is_pair)
        return sum(processor.num_special_tokens_to_add(is_pair) for processor in self._processors)


def _check_processor(value: object) -> None:
    if not isinstance(value, PostProcessor):
        raise TypeError(f"'{type(value).__name__}' object is not an instance of 'PostProcessor'")


class _Piece(NamedTuple):
    sequence: str | None  # "A", "B", or None for a special token
    token: str  # its name, "" for a sequence
    type_id: int

    def json(self) -> dict[str, object]:
        if self.sequence:
            return {"Sequence": {"id": self.sequence, "type_id": self.type_id}}
        return {"SpecialToken": {"id": self.token, "type_id": self.type_id}}

    def struct(self) -> Struct:
        if self.sequence:
            return Struct("Sequence", {"id": Bare(self.sequence), "type_id": self.type_id})
        return Struct("SpecialToken", {"id": self.token, "type_id": self.type_id})


class _Special(NamedTuple):
    ids: list[int]
    tokens: list[str]


def _u32(text: str) -> int | None:
    digits = text.removeprefix("+")
    if digits.isascii() and digits.isdecimal() and int(digits) <= U32_MAX:
        return int(digits)
    return None


def _parse_piece(text: str) -> _Piece:
    """`TOKEN`, `$A`, `$B`, `$` (= `$A`), `$1` (= `$A:1`), each with `:type_id` or without."""
    name, *rest = text.split(":")
    type_id = _u32(rest[0]) if rest else 0
    piece: _Piece | None = None
    if len(rest) > 1 or type_id is None:
        pass
    elif not name.startswith("$"):
        piece = _Piece(None, name, type_id)
    elif name in ("$", "$A", "$a", "$B", "$b"):
        piece = _Piece("B" if name in ("$B", "$b") else "A", "", type_id)
    elif (number := _u32(name[1:])) is not None:
        piece = _Piece("A", "", type_id if rest else number)
    if piece is None:
        raise ValueError(f'Cannot build Piece from string "{text}"')
    return piece


def _parse_template(template: object) -> list[_Piece]:
    if isinstance(template, str):
        template = template.split(" ")
    try:
        pieces = [check_str("piece", piece) for piece in check_sequence(template)]
    except (TypeError, UnicodeEncodeError):
        raise TypeError("Expected Union[str, List[str]]") from None
    return [_parse_piece(piece) for piece in pieces]


def _parse_special(item: Any) -> tuple[str, _Special]:
    if isinstance(item, dict):
        for key in ("id", "ids", "tokens"):
            if key not in item:
                raise ValueError(f"`{key}` must be specified")
        name = check_str("id", item["id"])
        ids = [check_id(f"ids[{i}]", id) for i, id in enumerate(item["ids"])]
        tokens = [check_str(f"tokens[{i}]", token) for i, token in enumerate(item["tokens"])]
        if len(ids) != len(tokens):
            raise ValueError("SpecialToken: ids and tokens must be of the same length")
        return name, _Special(ids, tokens)
    if isinstance(item, tuple) and len(item) == 2:
        name, id = item if isinstance(item[0], str) else (item[1], item[0])
        if isinstance(name, str) and not isinstance(id, str):
            try:
                return name, _Special([check_id("id", id)], [name])
            except (TypeError, OverflowError):
                pass
    raise TypeError(f"Expected Union[Tuple[str, int], Tuple[int, str], dict], found {item!r}")


def _missing(pieces: SequenceOf[_Piece], special: Mapping[str, _Special]) -> list[str]:
    return list(dict.fromkeys(p.token for p in pieces if not p.sequence and p.token not in special))


@final
class TemplateProcessing(PostProcessor):
    """Special tokens and sequences in the order of a template.

    Args:
        single: the template for one sequence, a str split at spaces or a list of pieces; a piece is `$A`,
            `$B` or a special token, with `:type_id` after it (0 if left out). None is "$A".
        pair: the template for a pair; None is "$A $B:1".
        special_tokens: a list of (token, id), (id, token) or {"id": name, "ids": [...], "tokens": [...]}.

    Raises:
        TypeError: an argument of another type.
        ValueError: "Cannot build Piece …", "Template for `pair` must use both sequences", "Missing
            SpecialToken(s) …".

    >>> TemplateProcessing("[CLS] $A", "[CLS] $A $B:1", [("[CLS]", 101)]).num_special_tokens_to_add(False)
    1

    Mirrors `tokenizers.processors.TemplateProcessing`, with two repairs: setting `single` checks for missing
    special tokens (upstream panics when it meets one) and counts its special tokens anew.
    """

    __slots__ = ("_pair", "_single", "_special")

    KIND: ClassVar[str] = "TemplateProcessing"

    _single: list[_Piece]
    _pair: list[_Piece]
    _special: dict[str, _Special]

    def __init__(
        self,
        single: str | SequenceOf[str] | None = None,
        pair: str | SequenceOf[str] | None = None,
        special_tokens: SequenceOf[tuple[str, int] | tuple[int, str] | dict[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        self._single = _parse_template("$A" if single is None else single)
        self._pair = _parse_template("$A $B:1" if pair is None else pair)
        special_tokens = () if special_tokens is None else check_sequence(special_tokens)
        self._special = dict(_parse_special(item) for item in special_tokens)
        if not {"A", "B"} <= {piece.sequence for piece in self._pair}:
            raise ValueError("Template for `pair` must use both sequences")
        self._check_missing([*self._single, *self._pair])

    def _check_missing(self, pieces: SequenceOf[_Piece]) -> None:
        if missing := _missing(pieces, self._special):
            raise ValueError(f"Missing SpecialToken(s) with id(s) `{', '.join(missing)}`")

    @property
    def single(self) -> str:
        """The template for one sequence; reads as upstream's debug text, set as the constructor's
        argument."""
        parts = (
            f"Sequence {{ id: {piece.sequence}, type_id: {piece.type_id} }}"
            if piece.sequence
            else f"SpecialToken {{ id: {_debug(piece.token)}, type_id: {piece.type_id} }}"
            for piece in self._single
        )
        return f"Template([{', '.join(parts)}])"

    @single.setter
    def single(self, template: str | SequenceOf[str]) -> None:
        pieces = _parse_template(template)
        self._check_missing(pieces)
        self._single = pieces
        self._changed()

    def _sorted_special(self) -> list[tuple[str, _Special]]:
        return sorted(self._special.items(), key=lambda item: item[0].encode())

    def _fields(self) -> dict[str, object]:
        return {
            "single": [piece.json() for piece in self._single],
            "pair": [piece.json() for piece in self._pair],
            "special_tokens": {
                name: {"id": name, "ids": special.ids, "tokens": special.tokens}
                for name, special in self._sorted_special()
            },
        }

    def _struct(self) -> Struct:
        return Struct(
            self.KIND,
            {
                "single": [piece.struct() for piece in self._single],
                "pair": [piece.struct() for piece in self._pair],
                "special_tokens": {
                    name: Struct("SpecialToken", {"id": name, "ids": special.ids, "tokens": special.tokens})
                    for name, special in self._sorted_special()
                },
            },
        )

    def _load(self, node: Node) -> None:
        specials: dict[str, _Special] = {}
        for name, item in node["special_tokens"].items():
            if item["id"].text() != name:
                item["id"].fail(f"expected {quoted(name)}, found {quoted(item['id'].text())}")
            ids = [id.uint() for id in item["ids"]]
            tokens = [token.text() for token in item["tokens"]]
            if len(ids) != len(tokens):
                item.fail(f"{len(ids)} ids for {len(tokens)} tokens")
            specials[name] = _Special(ids, tokens)
        templates = []
        for key in ("single", "pair"):
            pieces = []
            for item in node[key]:
                fields = item.fields()
                if list(fields) == ["Sequence"]:
                    body = item["Sequence"]
                    pieces.append(_Piece(body["id"].choice({"A": "A", "B": "B"}), "", body["type_id"].uint()))
                elif list(fields) == ["SpecialToken"]:
                    body = item["SpecialToken"]
                    if (name := body["id"].text()) not in specials:
                        body["id"].fail(f"{quoted(name)} is not in special_tokens")
                    pieces.append(_Piece(None, name, body["type_id"].uint()))
                else:
                    item.fail('expected {"Sequence": …} or {"SpecialToken": …}')
            templates.append(pieces)
        self._single, self._pair = templates
        self._special = specials

    def _pieces(self, template: SequenceOf[_Piece]) -> list[TemplatePieceSpec]:
        pieces: list[TemplatePieceSpec] = []
        for piece in template:
            if piece.sequence:
                pieces.append((piece.sequence, piece.type_id))
            else:
                special = self._special[piece.token]
                pieces.append(("special", piece.type_id, special.ids, special.tokens))
        return pieces

    def _spec(self) -> PostProcessorSpec:
        return ("template", self._pieces(self._single), self._pieces(self._pair))

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        template = self._pair if check_bool("is_pair", is_pair) else self._single
        return sum(len(self._special[piece.token].ids) for piece in template if not piece.sequence)


def _debug(text: str) -> str:
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    )


def _infer(keys: set[str]) -> type[PostProcessor] | None:
    """The post-processor of old files, which may lack "type"."""
    if {"single", "pair", "special_tokens"} <= keys:
        return TemplateProcessing
    if {"sep", "cls"} <= keys:
        return RobertaProcessing if {"trim_offsets", "add_prefix_space"} <= keys else BertProcessing
    return None


class _Section(Section[PostProcessor]):
    __slots__ = ()

    def read(self, node: Node) -> PostProcessor:
        fields = node.fields()
        flags = {"trim_offsets", "add_prefix_space"}
        if fields.get("type") == "RobertaProcessing" and not flags <= fields.keys():
            # As the oldest files have it. The reference takes it for the other one, and so do we.
            node = Node({**fields, "type": "BertProcessing"}, node.path, node.source)
        return super().read(node)


SECTION = _Section([BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing], "", _infer)

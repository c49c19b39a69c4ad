"""Post-processors: where the special tokens go. So far templates and BERT's.

Both are one thing for the core: a list of pieces for one sequence, and one for a pair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    check_str,
    quoted,
)

if TYPE_CHECKING:
    from fasttok._core import Encoding, PostProcessorSpec, TemplatePieceSpec

__all__ = ["BertProcessing", "PostProcessor", "TemplateProcessing"]


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
        model = _core.WordPiece({}, "[UNK]", 100, "##")
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
        tokens = []
        for name in ("sep", "cls"):
            items = list(node[name])
            if len(items) != 2:
                node[name].fail(f"expected [token, id], found a list of {len(items)}")
            tokens.append((items[0].text(), items[1].uint()))
        self._sep, self._cls = tokens

    def _spec(self) -> PostProcessorSpec:
        return ("bert", self._sep, self._cls)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 3 if check_bool("is_pair", is_pair) else 2


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
    if re.fullmatch(r"\+?[0-9]+", text) and int(text) <= U32_MAX:
        return int(text)
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
    if not isinstance(template, list | tuple) or not all(isinstance(piece, str) for piece in template):
        raise TypeError("Expected Union[str, List[str]]")
    return [_parse_piece(piece) for piece in template]


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


def _missing(pieces: Sequence[_Piece], special: Mapping[str, _Special]) -> list[str]:
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
        single: str | Sequence[str] | None = None,
        pair: str | Sequence[str] | None = None,
        special_tokens: Sequence[tuple[str, int] | tuple[int, str] | dict[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        self._single = _parse_template("$A" if single is None else single)
        self._pair = _parse_template("$A $B:1" if pair is None else pair)
        if isinstance(special_tokens, str | Mapping):
            raise TypeError(f"'{type(special_tokens).__name__}' object is not an instance of 'Sequence'")
        self._special = dict(_parse_special(item) for item in special_tokens or ())
        if not {"A", "B"} <= {piece.sequence for piece in self._pair}:
            raise ValueError("Template for `pair` must use both sequences")
        self._check_missing([*self._single, *self._pair])

    def _check_missing(self, pieces: Sequence[_Piece]) -> None:
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
    def single(self, template: str | Sequence[str]) -> None:
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

    def _pieces(self, template: Sequence[_Piece]) -> list[TemplatePieceSpec]:
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
    if {"single", "pair", "special_tokens"} <= keys:
        return TemplateProcessing
    return BertProcessing if {"sep", "cls"} <= keys and "trim_offsets" not in keys else None


SECTION: Section[PostProcessor] = Section(
    [BertProcessing, TemplateProcessing], "ByteLevel RobertaProcessing Sequence", _infer
)

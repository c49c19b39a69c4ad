"""Decoders: how tokens become text again.

For the core a decoder is a list of steps, each of which turns a list of tokens into another; the text is
the last list, joined.
"""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, final

from fasttok import _core
from fasttok.text_stages import Custom, Pattern, check_pattern, pattern_json, pattern_repr, read_pattern
from fasttok.tokenizer_json import (
    USIZE_MAX,
    Bare,
    Component,
    Field,
    Node,
    Section,
    Struct,
    check_bool,
    check_char,
    check_optional_bool,
    check_sequence,
    check_size,
    check_str,
)

if TYPE_CHECKING:
    from fasttok._core import DecoderStep

__all__ = [
    "CTC",
    "BPEDecoder",
    "ByteFallback",
    "ByteLevel",
    "DecodeStream",
    "Decoder",
    "Fuse",
    "Metaspace",
    "Replace",
    "Sequence",
    "Strip",
    "WordPiece",
]


class Decoder(Component):
    """The base of all decoders; it cannot be created itself.

    >>> isinstance(WordPiece(), Decoder)
    True
    """

    __slots__ = ()

    def _steps(self) -> list[DecoderStep]:
        raise NotImplementedError

    def _spec(self) -> _core.Decoder:
        return _core.Decoder(self._steps())

    def decode(self, tokens: SequenceOf[str]) -> str:
        """The text of a list of tokens.

        Args:
            tokens: a list or tuple of str.

        Raises:
            TypeError: not a sequence of str. UnicodeEncodeError: a lone surrogate.

        >>> WordPiece().decode(["token", "##izer", "."])
        'tokenizer.'
        """
        tokens = check_sequence(tokens)
        for i, token in enumerate(tokens):
            if not isinstance(token, str):
                raise TypeError(f"tokens[{i}] is {type(token).__name__}; expected str")
            token.encode()
        return self._spec().decode(list(tokens))

    @staticmethod
    def custom(decoder: object) -> Decoder:
        """A decoder written in Python.

        Args:
            decoder: an object with the method `decode_chain(list[str]) -> list[str]`, whose result is joined.

        What it raises surfaces as `Exception("KeyError: 'x'")`, with the exception itself as its cause. It
        can be neither saved nor pickled.

        >>> class Loud:
        ...     def decode_chain(self, tokens):
        ...         return [token.upper() for token in tokens]
        >>> Decoder.custom(Loud()).decode(["a", "b"])
        'AB'

        Mirrors `tokenizers.decoders.Decoder.custom`, which calls this method alone; inside a Sequence,
        where it panics, this one works.
        """
        custom = _CustomDecoder.__new__(_CustomDecoder)
        custom._code = decoder
        return custom


@final
class _CustomDecoder(Custom, Decoder):
    __slots__ = ("_code",)

    BASE = "Decoder"

    def _json(self) -> NoReturn:
        raise Exception("Custom PyDecoder cannot be serialized")

    def _steps(self) -> list[DecoderStep]:
        return [("custom", self._call)]

    def _call(self, tokens: list[str]) -> list[str]:
        try:
            result = self._code.decode_chain(tokens)  # type: ignore[attr-defined]
            if isinstance(result, str) or not isinstance(result, SequenceOf):
                raise TypeError(f"'{type(result).__name__}' object is not an instance of 'Sequence'")
            for token in result:
                if not isinstance(token, str):
                    raise TypeError(f"'{type(token).__name__}' object is not an instance of 'str'")
            return list(result)
        except Exception as error:
            raise Exception(f"{type(error).__name__}: {error}") from error


@final
class BPEDecoder(Decoder):
    """Turns the end-of-word suffix into a space, at the last token into nothing.

    Args:
        suffix: what the last token of a word ends with.

    Raises:
        TypeError: not a str.

    >>> BPEDecoder().decode(["Hel", "lo</w>", "you</w>"])
    'Hello you'

    Mirrors `tokenizers.decoders.BPEDecoder`; as there, an empty suffix puts spaces between all characters.
    """

    __slots__ = ("_suffix",)

    KIND: ClassVar[str] = "BPEDecoder"

    suffix = Field(check_str, "What the last token of a word ends with.")

    def __init__(self, suffix: str = "</w>") -> None:
        super().__init__()
        self.suffix = suffix

    def _fields(self) -> dict[str, object]:
        return {"suffix": self._suffix}

    def _load(self, node: Node) -> None:
        self._suffix = node["suffix"].text()

    def _steps(self) -> list[DecoderStep]:
        return [("bpe", self._suffix)]


@final
class ByteFallback(Decoder):
    """Turns runs of byte tokens ("<0x0A>") into text; a run that is no UTF-8 gives U+FFFD for each token.

    >>> ByteFallback().decode(["caf", "<0xC3>", "<0xA9>"])
    'café'

    Mirrors `tokenizers.decoders.ByteFallback`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "ByteFallback"

    def _steps(self) -> list[DecoderStep]:
        return [("byte_fallback",)]


@final
class ByteLevel(Decoder):
    """Turns the characters that stand for bytes (`pre_tokenizers.ByteLevel.alphabet`) into text.

    Args:
        unknown: keywords are accepted and change nothing, as upstream.

    >>> ByteLevel().decode(["Hel", "lo", "Ġyou"])
    'Hello you'

    Mirrors `tokenizers.decoders.ByteLevel`: damaged UTF-8 becomes U+FFFD, and a token with a character
    that stands for no byte counts as it is. The three settings are only kept for tokenizer.json.
    """

    __slots__ = ("_settings",)

    KIND: ClassVar[str] = "ByteLevel"

    _settings: dict[str, object]

    def __init__(self, **unknown: object) -> None:
        super().__init__()
        self._settings = {"add_prefix_space": True, "trim_offsets": True, "use_regex": True}

    def _fields(self) -> dict[str, object]:
        return dict(self._settings)

    def _load(self, node: Node) -> None:
        use_regex = "use_regex" not in node.fields() or node["use_regex"].flag()  # absent in old files
        self._settings = {
            "add_prefix_space": node["add_prefix_space"].flag(),
            "trim_offsets": node["trim_offsets"].flag(),
            "use_regex": use_regex,
        }

    def _steps(self) -> list[DecoderStep]:
        return [("byte_level",)]


@final
class CTC(Decoder):
    """Joins the tokens of a CTC model: equal neighbours are one, the pad token is nothing.

    Args:
        pad_token: what is dropped; it parts equal neighbours.
        word_delimiter_token: what becomes a space.
        cleanup: replace the delimiter, and drop the space before English punctuation.

    Raises:
        TypeError: wrong types.

    >>> CTC().decode(["h", "h", "i", "<pad>", "i", "|", "a"])
    'hii a'

    Mirrors `tokenizers.decoders.CTC`.
    """

    __slots__ = ("_cleanup", "_pad_token", "_word_delimiter_token")

    KIND: ClassVar[str] = "CTC"

    pad_token = Field(check_str, "What is dropped; it parts equal neighbours.")
    word_delimiter_token = Field(check_str, "What becomes a space.")
    cleanup = Field(
        check_bool, "Whether the delimiter is replaced and spaces before punctuation are dropped."
    )

    def __init__(
        self, pad_token: str = "<pad>", word_delimiter_token: str = "|", cleanup: bool = True
    ) -> None:
        super().__init__()
        self.pad_token = pad_token
        self.word_delimiter_token = word_delimiter_token
        self.cleanup = cleanup

    def _fields(self) -> dict[str, object]:
        return {
            "pad_token": self._pad_token,
            "word_delimiter_token": self._word_delimiter_token,
            "cleanup": self._cleanup,
        }

    def _load(self, node: Node) -> None:
        fields = (node["pad_token"].text(), node["word_delimiter_token"].text(), node["cleanup"].flag())
        self._pad_token, self._word_delimiter_token, self._cleanup = fields

    def _steps(self) -> list[DecoderStep]:
        return [("ctc", self._pad_token, self._word_delimiter_token, self._cleanup)]


@final
class Fuse(Decoder):
    """Joins all tokens into one, for the steps behind it in a Sequence.

    >>> Sequence([Fuse(), Strip("_", left=1)]).decode(["_a", "_b"])
    'a_b'

    Mirrors `tokenizers.decoders.Fuse`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "Fuse"

    def _steps(self) -> list[DecoderStep]:
        return [("fuse",)]


_SCHEMES = ("first", "never", "always")


def _check_scheme(name: str, value: object) -> str:
    if check_str(name, value) not in _SCHEMES:
        raise ValueError(f"{value} is an unknown variant, should be one of {list(_SCHEMES)}")
    return str(value)


@final
class Metaspace(Decoder):
    """Turns the replacement character into a space, and drops it in the first token.

    Args:
        replacement: one character.
        prepend_scheme: "never" keeps the spaces of the first token; "always" and "first" drop them.
        split: kept for tokenizer.json.

    Raises:
        TypeError: wrong types. ValueError: not one character, an unknown scheme.

    >>> Metaspace().decode(["▁Hey", "▁you"])
    'Hey you'

    Mirrors `tokenizers.decoders.Metaspace`.
    """

    __slots__ = ("_prepend_scheme", "_replacement", "_split")

    KIND: ClassVar[str] = "Metaspace"

    replacement = Field(check_char, "The character that becomes a space.")
    prepend_scheme = Field(_check_scheme, '"always", "never" or "first".')
    split = Field(check_bool, "Kept for tokenizer.json.")

    def __init__(self, replacement: str = "▁", prepend_scheme: str = "always", split: bool = True) -> None:
        super().__init__()
        self.replacement = replacement
        self.prepend_scheme = prepend_scheme
        self.split = split

    def _fields(self) -> dict[str, object]:
        return {
            "replacement": self._replacement,
            "prepend_scheme": self._prepend_scheme,
            "split": self._split,
        }

    def _struct(self) -> Struct:
        return Struct(self.KIND, {**self._fields(), "prepend_scheme": Bare(self._prepend_scheme)})

    def _load(self, node: Node) -> None:
        replacement = node["replacement"]
        if len(replacement.text()) != 1:
            replacement.expected("one character")
        scheme, split = node.fields().get("prepend_scheme", "always"), node.get("split")
        add = node.get("add_prefix_space")  # in old files; upstream refuses False here
        if add is not None and not add.flag():
            add.fail('add_prefix_space does not match declared prepend_scheme; use prepend_scheme "never"')
        fields = (
            replacement.text(),
            node.child("prepend_scheme", scheme).choice({name: name for name in _SCHEMES}),
            split is None or split.flag(),
        )
        self._replacement, self._prepend_scheme, self._split = fields

    def _steps(self) -> list[DecoderStep]:
        return [("metaspace", self._replacement, self._prepend_scheme == "never")]


@final
class Replace(Decoder):
    """Puts a text in the place of every match of a pattern in each token.

    Args:
        pattern: a str, which stands for itself, or a `fasttok.Regex`.
        content: what is put there.

    Raises:
        TypeError: wrong types.

    >>> Replace("▁", " ").decode(["▁Hey", "▁you"])
    ' Hey you'

    Mirrors `tokenizers.decoders.Replace`; as there, neither argument can be read back.
    """

    __slots__ = ("_content", "_pattern")

    KIND: ClassVar[str] = "Replace"

    _pattern: Pattern
    _content: str

    def __init__(self, pattern: Pattern, content: str) -> None:
        super().__init__()
        self._pattern = check_pattern(pattern)
        self._content = check_str("content", content)

    def _fields(self) -> dict[str, object]:
        return {"pattern": pattern_json(self._pattern), "content": self._content}

    def _struct(self) -> Struct:
        return Struct(self.KIND, {"pattern": pattern_repr(self._pattern), "content": self._content})

    def _load(self, node: Node) -> None:
        self._pattern, self._content = read_pattern(node["pattern"]), node["content"].text()

    def _steps(self) -> list[DecoderStep]:
        return [("replace", self._pattern, self._content)]


@final
class Strip(Decoder):
    """Drops a character at the ends of each token, a number of times at most.

    Args:
        content: one character.
        left: how often at the beginning.
        right: how often at the end.

    Raises:
        TypeError: wrong types. ValueError: not one character. OverflowError: a negative number.

    >>> Strip("_", left=1).decode(["__a", "_b"])
    '_ab'

    Mirrors `tokenizers.decoders.Strip`, which panics where a token is used up.
    """

    __slots__ = ("_content", "_start", "_stop")

    KIND: ClassVar[str] = "Strip"

    content = Field(check_char, "The character that is dropped.")
    start = Field(check_size, "How often at the beginning.")
    stop = Field(check_size, "How often at the end.")

    def __init__(self, content: str = " ", left: int = 0, right: int = 0) -> None:
        super().__init__()
        self.content = content
        self.start = left
        self.stop = right

    def _fields(self) -> dict[str, object]:
        return {"content": self._content, "start": self._start, "stop": self._stop}

    def _load(self, node: Node) -> None:
        content = node["content"]
        if len(content.text()) != 1:
            content.expected("one character")
        fields = (content.text(), node["start"].uint(USIZE_MAX), node["stop"].uint(USIZE_MAX))
        self._content, self._start, self._stop = fields

    def _steps(self) -> list[DecoderStep]:
        return [("strip", self._content, self._start, self._stop)]


@final
class WordPiece(Decoder):
    """Joins WordPiece tokens: a prefix is dropped, every other token gets a space before it.

    Args:
        prefix: what marks the continuation of a word.
        cleanup: drop the space before English punctuation and contractions.

    Raises:
        TypeError: `prefix` is not a str or `cleanup` not a bool.

    >>> WordPiece()
    WordPiece(prefix="##", cleanup=True)

    Mirrors `tokenizers.decoders.WordPiece`.
    """

    __slots__ = ("_cleanup", "_prefix")

    KIND: ClassVar[str] = "WordPiece"

    prefix = Field(check_str, "What marks the continuation of a word.")
    cleanup = Field(check_bool, "Whether the space before English punctuation is dropped.")

    def __init__(self, prefix: str = "##", cleanup: bool = True) -> None:
        super().__init__()
        self.prefix = prefix
        self.cleanup = cleanup

    def _fields(self) -> dict[str, object]:
        return {"prefix": self._prefix, "cleanup": self._cleanup}

    def _load(self, node: Node) -> None:
        self._prefix, self._cleanup = node["prefix"].text(), node["cleanup"].flag()

    def _steps(self) -> list[DecoderStep]:
        return [("wordpiece", self._prefix, self._cleanup)]


@final
class Sequence(Decoder):
    """Several decoders, one after the other on the list of tokens.

    Args:
        decoders_py: a list of decoders.

    Raises:
        TypeError: not a list of decoders.

    >>> Sequence([ByteFallback(), Fuse()]).decode(["<0x48>", "i"])
    'Hi'

    Mirrors `tokenizers.decoders.Sequence`.
    """

    __slots__ = ("_decoders",)

    KIND: ClassVar[str] = "Sequence"

    _decoders: list[Decoder]

    def __init__(self, decoders_py: list[Decoder]) -> None:
        super().__init__()
        if not isinstance(decoders_py, list):
            raise TypeError(f"'{type(decoders_py).__name__}' object is not an instance of 'list'")
        for decoder in decoders_py:
            if not isinstance(decoder, Decoder):
                raise TypeError(f"'{type(decoder).__name__}' object is not an instance of 'Decoder'")
        self._hold(decoders_py)

    def _hold(self, decoders: list[Decoder]) -> None:
        self._decoders = list(decoders)
        for decoder in decoders:
            decoder._attach(self)

    def _fields(self) -> dict[str, object]:
        return {"decoders": [decoder._json() for decoder in self._decoders]}

    def _struct(self) -> Struct:
        return Struct(self.KIND, {"decoders": list(self._decoders)})

    def _load(self, node: Node) -> None:
        self._hold([SECTION.read(item) for item in node["decoders"]])

    def _copy(self) -> Self:
        return type(self)([decoder._copy() for decoder in self._decoders])

    def _steps(self) -> list[DecoderStep]:
        return [step for decoder in self._decoders for step in decoder._steps()]


@final
class DecodeStream:
    """Text from ids that come one by one, or a few at a time.

    Args:
        ids: what came before: it counts as context and is not given out.
        skip_special_tokens: whether special tokens are left out.

    Raises:
        TypeError, OverflowError: not a list of ids.

    >>> from fasttok import Tokenizer, models
    >>> tokenizer = Tokenizer(models.WordLevel({"<0xC3>": 0, "<0xA9>": 1, "a": 2}, "a"))
    >>> tokenizer.decoder = ByteFallback()
    >>> stream = DecodeStream()
    >>> stream.step(tokenizer, 2), stream.step(tokenizer, 0), stream.step(tokenizer, [1])
    ('a', None, 'é')

    Mirrors `tokenizers.decoders.DecodeStream`: a step decodes the ids since the last text that was given
    out but one.
    """

    __slots__ = ("_ids", "_prefix", "_prefix_index", "_skip_special_tokens")

    def __init__(self, ids: SequenceOf[int] | None = None, skip_special_tokens: bool | None = False) -> None:
        self._ids = [] if ids is None else _ids_of(ids)
        skip = check_optional_bool("skip_special_tokens", skip_special_tokens)
        self._skip_special_tokens = bool(skip)  # None is False
        self._prefix = ""  # the text that was given out of _ids
        self._prefix_index = 0  # how many of _ids it stands for

    def step(self, tokenizer: Any, id: int | SequenceOf[int]) -> str | None:
        """The text that `id` adds; None while the last character is not complete.

        Args:
            tokenizer: a `Tokenizer`.
            id: one id, or a list of them.

        Raises:
            TypeError: not a tokenizer, or not an id. Exception: the decoder gives another beginning to the
                text when more tokens follow.
        """
        if not hasattr(tokenizer, "decode"):
            raise TypeError(f"tokenizer is {type(tokenizer).__name__}; expected Tokenizer")
        skip = self._skip_special_tokens
        if not self._prefix and self._ids:
            prefix = tokenizer.decode(self._ids, skip_special_tokens=skip)
            if not prefix.endswith("\ufffd"):
                self._prefix, self._prefix_index = prefix, len(self._ids)
        try:
            self._ids += _ids_of([id] if hasattr(id, "__index__") and not hasattr(id, "__len__") else id)
        except OverflowError as error:
            raise TypeError(str(error)) from None
        text = tokenizer.decode(self._ids, skip_special_tokens=skip)
        if len(text.encode()) <= len(self._prefix.encode()) or text.endswith("\ufffd"):
            return None
        if not text.startswith(self._prefix):
            raise Exception(
                f"Invalid prefix encountered while decoding stream. Token ID: {self._ids[-1]}, "
                f"Expected prefix: '{self._prefix}', Actual string: '{text}'"
            )
        new = text[len(self._prefix) :]
        rest = len(self._ids) - self._prefix_index
        self._ids = self._ids[self._prefix_index :]
        self._prefix, self._prefix_index = tokenizer.decode(self._ids, skip_special_tokens=skip), rest
        return str(new)

    def __copy__(self) -> DecodeStream:
        copy = DecodeStream(self._ids, self._skip_special_tokens)
        copy._prefix, copy._prefix_index = self._prefix, self._prefix_index
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> DecodeStream:
        return self.__copy__()


def _ids_of(ids: Any) -> list[int]:
    return [check_size("id", id, 2**32 - 1) for id in check_sequence(ids)]


def _infer(keys: set[str]) -> type[Decoder] | None:
    """The decoder of old files, which may lack "type"."""
    for kind, fields in (
        (BPEDecoder, {"suffix"}),
        (WordPiece, {"prefix", "cleanup"}),
        (CTC, {"pad_token", "word_delimiter_token", "cleanup"}),
        (Replace, {"pattern", "content"}),
        (Strip, {"content", "start", "stop"}),
    ):
        if fields <= keys:
            return kind
    return None


SECTION: Section[Decoder] = Section(
    [BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece],
    "",
    _infer,
)

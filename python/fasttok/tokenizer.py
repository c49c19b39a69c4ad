"""`Tokenizer`: Hugging Face's class, on an immutable core.

The Python object holds the settings and may change at any time; the compiled core cannot. Every change, also
of a property of a component that the tokenizer holds, puts a fresh, empty box in place of the one that held
the core; the next call compiles into the box that it found. A call keeps the core that it started with, so
nothing is locked: any number of threads may encode while another changes settings, and a core that was
compiled from settings of the past ends up in a box that nobody looks at.

    tokenizer._box = [None]  --encode-->  [core]  --tokenizer.normalizer.lowercase = False-->  [None]

Upstream behaviour mirrored: `tokenizers.Tokenizer` 0.23.3, its errors included; the docstrings name the
differences.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Literal, NoReturn, final

from fasttok import _core, decoders, models, normalizers, pre_tokenizers, processors
from fasttok._core import Encoding
from fasttok.added_token import AddedToken, AddedVocabulary
from fasttok.decoders import Decoder
from fasttok.errors import FormatError
from fasttok.models import Model
from fasttok.normalizers import Normalizer
from fasttok.pre_tokenizers import PreTokenizer
from fasttok.processors import PostProcessor
from fasttok.tokenizer_json import (
    U32_MAX,
    Component,
    Node,
    Struct,
    check_bool,
    check_id,
    check_size,
    check_str,
    dump,
    padding_struct,
    parse,
    quoted,
    read_padding,
    read_truncation,
    render,
    truncation_struct,
    write_padding,
    write_truncation,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fasttok._core import Padding, Surrogates, Truncation
    from fasttok.batch import TokenBatch

__all__ = ["AddedToken", "Encoding", "Tokenizer"]

Specials = str | Collection[str]

_VERSION = "1.0"
_KEYS = (
    "version",
    "truncation",
    "padding",
    "added_tokens",
    "normalizer",
    "pre_tokenizer",
    "post_processor",
    "decoder",
    "model",
)


def _check_component(value: object, base: type[Component]) -> None:
    if not isinstance(value, base):
        found = "'None'" if value is None else f"'{type(value).__name__}' object"
        raise TypeError(f"{found} is not an instance of '{base.__name__}'")


def _core_specials(specials: Specials) -> Any:
    if isinstance(specials, str):
        if specials not in ("parse", "text", "error"):
            raise ValueError(
                f'specials is {specials!r}; expected "parse", "text", "error" or a collection of tokens'
            )
        return specials
    tokens = list(specials)
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(f"specials[{i}] is {type(token).__name__}; expected str")
    return tokens


def _truncation_dict(max_length: int, stride: int, strategy: str, direction: str) -> dict[str, Any]:
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


def _core_truncation(truncation: int | Mapping[str, Any] | None) -> Truncation | None:
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
    settings = _truncation_dict(**{**defaults, **truncation})
    return (settings["max_length"], settings["stride"], settings["strategy"], settings["direction"])


def _padding_dict(
    direction: str,
    pad_id: int,
    pad_type_id: int,
    pad_token: str,
    length: int | None,
    pad_to_multiple_of: int | None,
) -> dict[str, Any]:
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


_PADDING_DEFAULTS: dict[str, Any] = {
    "direction": "right",
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "[PAD]",
    "length": None,
    "pad_to_multiple_of": None,
}


def _core_padding(padding: Mapping[str, Any] | None) -> Padding | None:
    if padding is None:
        return None
    p = _padding_dict(**{**_PADDING_DEFAULTS, **padding})
    multiple = p["pad_to_multiple_of"] or None  # 0 is no multiple
    return (p["length"], p["direction"], multiple, p["pad_id"], p["pad_type_id"], p["pad_token"])


def _id_list(ids: Any, name: str) -> list[int]:
    if type(ids) is list:
        return ids
    if isinstance(ids, str):
        raise TypeError("Can't extract `str` to `Vec`")
    if hasattr(ids, "tolist"):  # NumPy, torch
        ids = ids.tolist()
    if not isinstance(ids, Sequence):
        found = "'None'" if ids is None else f"'{type(ids).__name__}' object"
        raise TypeError(f"{name}: {found} is not an instance of 'Sequence'")
    return list(ids)


def _explain_ids(ids: Sequence[Any], name: str) -> None:
    """Raises what the reference raises for the first bad id."""
    for i, id in enumerate(ids):
        try:
            number = index(id)
        except TypeError:
            raise TypeError(
                f"'{type(id).__name__}' object cannot be interpreted as an integer "
                f"({name}[{i}]; expected an id)"
            ) from None
        if number < 0:
            raise OverflowError(
                f"number too small to fit in target type ({name}[{i}] is {number}; expected an id)"
            )
        if number > U32_MAX:
            raise OverflowError(
                f"number too large to fit in target type ({name}[{i}] is {number}; expected an id)"
            )


def _decode_utf8(row: Any, surrogates: str) -> Any:
    """A row of encode_batch_flat with str in place of bytes."""
    if isinstance(row, bytes | bytearray | memoryview):
        return bytes(row).decode(errors="replace" if surrogates == "replace" else "strict")
    if isinstance(row, tuple | list):
        return type(row)(_decode_utf8(part, surrogates) for part in row)
    return row


_JSON_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*(?:["}]|\Z)')
_UNK_LINE = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?\[UNK\]\s*$")
_BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@final
class Tokenizer:
    """A pipeline of normalizer, pre-tokenizer, model, post-processor and decoder, with added tokens.

    Args:
        model: a `fasttok.models.Model`; the other stages are properties, None at first.

    Raises:
        TypeError: `model` is not a model.

    >>> from fasttok.models import WordPiece
    >>> from fasttok.normalizers import BertNormalizer
    >>> from fasttok.pre_tokenizers import BertPreTokenizer
    >>> tokenizer = Tokenizer(WordPiece({"[UNK]": 0, "hello": 1, "中": 2, "##s": 3}))
    >>> tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    >>> tokenizer.encode("Hellos 中国").tokens
    ['hello', '##s', '中', '[UNK]']

    Mirrors `tokenizers.Tokenizer` 0.23.3. Differences: getters return the very object that was set; setting a
    property of a normalizer normalizes the added tokens anew; a missing file raises FileNotFoundError, a
    damaged one `FormatError`.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_added",
        "_box",
        "_decoder",
        "_engine",
        "_model",
        "_normalizer",
        "_padding",
        "_padding_dict",
        "_post_processor",
        "_pre_tokenizer",
        "_specials",
        "_truncation",
        "_truncation_dict",
    )

    _box: list[_core.Tokenizer | None]

    def __init__(self, model: Model) -> None:
        _check_component(model, Model)
        self._start(model)

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'fasttok.Tokenizer' is not an acceptable base type")

    def _start(self, model: Model) -> None:
        self._box = [None]
        self._model = model
        self._normalizer: Normalizer | None = None
        self._pre_tokenizer: PreTokenizer | None = None
        self._post_processor: PostProcessor | None = None
        self._decoder: Decoder | None = None
        self._added = AddedVocabulary()
        self._set_truncation(None)
        self._set_padding(None)
        self._specials: Literal["parse", "text"] = "parse"
        self._engine = "auto"
        model._attach(self)

    # The core

    def _invalidate(self) -> None:
        self._box = [None]

    def _compile(self) -> _core.Tokenizer:
        box = self._box  # before any setting is read
        normalizer, pre_tokenizer = self._normalizer, self._pre_tokenizer
        post_processor, decoder = self._post_processor, self._decoder
        core = _core.Tokenizer(
            self._model._spec(),
            None if normalizer is None else normalizer._spec(),
            None if pre_tokenizer is None else pre_tokenizer._spec(),
            None if post_processor is None else post_processor._spec(),
            None if decoder is None else decoder._spec(),
            self._added.entries(),
            self._engine,
        )
        box[0] = core
        return core

    def _compiled(self) -> _core.Tokenizer:
        return self._box[0] or self._compile()

    @property
    def engine(self) -> str:
        """The engine in use: "bert" where the pipeline has BERT's shape, else "generic".

        >>> Tokenizer(models.WordPiece({"[UNK]": 0})).with_engine("generic").engine
        'generic'
        """
        return self._compiled().engine

    def with_engine(self, engine: str) -> Tokenizer:
        """A copy of this tokenizer that uses another engine; the results are the same.

        Args:
            engine: "generic", the literal one, or "auto", the fastest that fits. Pickling forgets it.

        Raises:
            ValueError: another name.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).with_engine("generic").encode("a").ids
        [1]
        """
        if engine not in ("auto", "generic"):
            raise ValueError(f'engine is {engine!r}; expected "auto" or "generic"')
        copy = self._clone()
        copy._engine = engine
        return copy

    def _clone(self) -> Tokenizer:
        copy = Tokenizer.__new__(Tokenizer)
        copy._start(self._model._copy())
        copy.normalizer = self._normalizer and self._normalizer._copy()
        copy.pre_tokenizer = self._pre_tokenizer and self._pre_tokenizer._copy()
        copy.post_processor = self._post_processor and self._post_processor._copy()
        copy.decoder = self._decoder and self._decoder._copy()
        copy._added = self._added  # never changes
        copy._set_truncation(self._truncation_dict)
        copy._set_padding(self._padding_dict)
        copy._specials = self._specials
        copy._engine = self._engine
        return copy

    def __copy__(self) -> Tokenizer:
        return self._clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tokenizer:
        return self._clone()

    # Components

    def _replace(self, slot: str, component: Component | None) -> None:
        old = getattr(self, slot)
        if component is not None:
            component._attach(self)
        setattr(self, slot, component)
        if old is not None and old is not component:
            old._detach(self)
        self._invalidate()

    @property
    def model(self) -> Any:
        """The model; never None. Setting it keeps the added tokens and their ids."""
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        _check_component(model, Model)
        self._replace("_model", model)

    @property
    def normalizer(self) -> Any:
        """The normalizer, or None. Setting it normalizes the added tokens anew."""
        return self._normalizer

    @normalizer.setter
    def normalizer(self, normalizer: Normalizer | None) -> None:
        if normalizer is not None:
            _check_component(normalizer, Normalizer)
        self._replace("_normalizer", normalizer)

    @property
    def pre_tokenizer(self) -> Any:
        """The pre-tokenizer, or None."""
        return self._pre_tokenizer

    @pre_tokenizer.setter
    def pre_tokenizer(self, pre_tokenizer: PreTokenizer | None) -> None:
        if pre_tokenizer is not None:
            _check_component(pre_tokenizer, PreTokenizer)
        self._replace("_pre_tokenizer", pre_tokenizer)

    @property
    def post_processor(self) -> Any:
        """The post-processor, or None."""
        return self._post_processor

    @post_processor.setter
    def post_processor(self, post_processor: PostProcessor | None) -> None:
        if post_processor is not None:
            _check_component(post_processor, PostProcessor)
        self._replace("_post_processor", post_processor)

    @property
    def decoder(self) -> Any:
        """The decoder, or None: tokens are then joined by spaces."""
        return self._decoder

    @decoder.setter
    def decoder(self, decoder: Decoder | None) -> None:
        if decoder is not None:
            _check_component(decoder, Decoder)
        self._replace("_decoder", decoder)

    @property
    def encode_special_tokens(self) -> bool:
        """Whether special tokens in the text are split as plain text; False at first, and not saved."""
        return self._specials == "text"

    @encode_special_tokens.setter
    def encode_special_tokens(self, value: bool) -> None:
        self._specials = "text" if check_bool("encode_special_tokens", value) else "parse"

    # Loading and saving

    @staticmethod
    def from_str(json: str) -> Tokenizer:
        """The tokenizer of a tokenizer.json.

        Args:
            json: the text of the file.

        Raises:
            TypeError: not a str. FormatError: not a tokenizer.json; the message has the path inside it.

        >>> Tokenizer.from_str(Tokenizer(models.WordPiece({"[UNK]": 0})).to_str()).get_vocab()
        {'[UNK]': 0}
        """
        if not isinstance(json, str):
            raise TypeError(f"'{type(json).__name__}' object is not an instance of 'str'")
        return Tokenizer._from_node(parse(json, "tokenizer.json"))

    @staticmethod
    def from_file(path: str | os.PathLike[str]) -> Tokenizer:
        """The tokenizer of a tokenizer.json, or of a BERT vocab.txt, whichever the content is.

        Args:
            path: of the file. A vocab.txt gives the lower-casing BERT pipeline.

        Raises:
            OSError: the file cannot be read. FormatError: neither of the two, or damaged.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "vocab.txt")
        ...     _ = open(path, "w").write("[PAD]\\n[UNK]\\n[CLS]\\n[SEP]\\nhi\\n")
        ...     Tokenizer.from_file(path).encode("Hi").tokens
        ['[CLS]', 'hi', '[SEP]']
        """
        with open(path, "rb") as file:
            return Tokenizer._from_bytes(file.read(), os.fsdecode(path))

    @staticmethod
    def from_buffer(buffer: bytes) -> Tokenizer:
        """The tokenizer of the bytes of a tokenizer.json or vocab.txt.

        Args:
            buffer: the content of the file.

        Raises:
            TypeError: not bytes. FormatError: as `from_file`.

        >>> Tokenizer.from_buffer(b"[UNK]\\nhi\\n").encode("hi").ids
        [1]
        """
        if not isinstance(buffer, bytes | bytearray | memoryview):
            raise TypeError(f"'{type(buffer).__name__}' object is not an instance of 'bytes'")
        return Tokenizer._from_bytes(bytes(buffer), "buffer")

    @staticmethod
    def from_pretrained(identifier: str, revision: str = "main", token: str | None = None) -> Tokenizer:
        """The tokenizer.json of a repository on the Hugging Face hub, through huggingface_hub.

        Args:
            identifier: "name" or "owner/name".
            revision: a branch, tag or commit.
            token: for private repositories.

        Raises:
            OSError: huggingface_hub is not installed, or the file cannot be had. FormatError: as `from_file`.
        """
        from fasttok.hub import fetch_files

        paths = fetch_files(identifier, ["tokenizer.json"], revision=revision, token=token)
        if "tokenizer.json" not in paths:
            raise FileNotFoundError(f"{identifier!r} at revision {revision!r} has no tokenizer.json")
        return Tokenizer.from_file(paths["tokenizer.json"])

    @classmethod
    def _from_bytes(cls, data: bytes, name: str) -> Tokenizer:
        if _JSON_OBJECT.match(data):
            return cls._from_node(parse(data, name))
        if _UNK_LINE.search(data):
            return cls._from_vocab_txt(data, name)
        what = f"it begins with {data[:24]!r}" if data.strip() else "it is empty"
        raise FormatError(
            f"{name}: neither a tokenizer.json (a JSON object) nor a vocab.txt (with a line [UNK]): {what}"
        )

    @classmethod
    def _from_vocab_txt(cls, data: bytes, name: str) -> Tokenizer:
        model = models.wordpiece_from_vocab_txt(data, name)
        self = cls(model)
        self.normalizer = normalizers.BertNormalizer()
        self.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        self.decoder = decoders.WordPiece()
        ids = {token: id for token in _BERT_SPECIALS if (id := model.token_to_id(token)) is not None}
        if "[CLS]" in ids and "[SEP]" in ids:
            self.post_processor = processors.TemplateProcessing(
                "[CLS] $A [SEP]",
                "[CLS] $A [SEP] $B:1 [SEP]:1",
                [("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
            )
        self.add_special_tokens(list(ids))
        return self

    @classmethod
    def _from_node(cls, root: Node) -> Tokenizer:
        self = cls.__new__(cls)
        self._read(root)
        return self

    def _read(self, root: Node) -> None:
        for key in root.fields():
            if key not in _KEYS:
                root.child(key, None).fail(f"unknown key; known: {', '.join(_KEYS)}")
        if "version" in root.fields() and (version := root["version"].text()) != _VERSION:
            root["version"].fail(f"unknown {quoted(version)}; known: {_VERSION}")
        model = root.get("model")
        if model is None:
            root.child("model", None).fail("Model missing")
        self._start(models.SECTION.read(model))
        if (node := root.get("normalizer")) is not None:
            self.normalizer = normalizers.SECTION.read(node)
        if (node := root.get("pre_tokenizer")) is not None:
            self.pre_tokenizer = pre_tokenizers.SECTION.read(node)
        if (node := root.get("post_processor")) is not None:
            self.post_processor = processors.SECTION.read(node)
        if (node := root.get("decoder")) is not None:
            self.decoder = decoders.SECTION.read(node)
        if (node := root.get("truncation")) is not None:
            self._set_truncation(read_truncation(node))
        if (node := root.get("padding")) is not None:
            self._set_padding(read_padding(node))
        if "added_tokens" in root.fields():
            self._read_added_tokens(root["added_tokens"])

    def _read_added_tokens(self, node: Node) -> None:
        items = [(item["id"].uint(), AddedToken._read(item)) for item in node]
        self._added, _ = self._added.with_tokens([token for _, token in items], self._model)
        for i, (id, token) in enumerate(items):
            if token.content and (given := self._added.ids[token.content]) != id:
                warnings.warn(
                    f"{node.source}: added_tokens[{i}].id is {id}, but {token.content!r} gets {given}, "
                    "as `tokenizers` gives it",
                    UserWarning,
                    stacklevel=5,
                )

    def _fields(self) -> dict[str, Any]:
        def component(value: Component | None) -> dict[str, object] | None:
            return None if value is None else value._json()

        return {
            "version": _VERSION,
            "truncation": None if self._truncation_dict is None else write_truncation(self._truncation_dict),
            "padding": None if self._padding_dict is None else write_padding(self._padding_dict),
            "added_tokens": self._added.to_json(),
            "normalizer": component(self._normalizer),
            "pre_tokenizer": component(self._pre_tokenizer),
            "post_processor": component(self._post_processor),
            "decoder": component(self._decoder),
            "model": component(self._model),
        }

    def to_str(self, pretty: bool = False) -> str:
        """The tokenizer as the text of a tokenizer.json, byte for byte as upstream writes it.

        Args:
            pretty: with line breaks and indentation.

        Raises:
            TypeError: `pretty` is not a bool.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0})).to_str()[:40]
        '{"version":"1.0","truncation":null,"padd'
        """
        return dump(self._fields(), check_bool("pretty", pretty))

    def save(self, path: str | os.PathLike[str], pretty: bool = True) -> None:
        """Writes the tokenizer.json.

        Args:
            path: of the file.
            pretty: with line breaks and indentation.

        Raises:
            OSError: the file cannot be written. TypeError: `pretty` is not a bool.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "tokenizer.json")
        ...     Tokenizer(models.WordPiece({"[UNK]": 0})).save(path)
        ...     Tokenizer.from_file(path).get_vocab_size()
        1
        """
        text = self.to_str(pretty)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)

    def fingerprint(self) -> str:
        """The SHA-256 of `to_str()`, in hexadecimal: the same for equal settings, in any process, after any
        call.

        >>> len(Tokenizer(models.WordPiece({"[UNK]": 0})).fingerprint())
        64
        """
        from hashlib import sha256

        return sha256(self.to_str().encode()).hexdigest()

    def __getstate__(self) -> bytes:
        return self.to_str().encode()

    def __setstate__(self, state: bytes) -> None:
        self._read(parse(state, "Tokenizer state"))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_new, (), self.__getstate__())

    def _struct(self) -> Struct:
        return Struct(
            "Tokenizer",
            {
                "version": _VERSION,
                "truncation": None
                if self._truncation_dict is None
                else truncation_struct(self._truncation_dict),
                "padding": None if self._padding_dict is None else padding_struct(self._padding_dict),
                "added_tokens": self._added.to_json(),
                "normalizer": self._normalizer,
                "pre_tokenizer": self._pre_tokenizer,
                "post_processor": self._post_processor,
                "decoder": self._decoder,
                "model": self._model,
            },
        )

    def __repr__(self) -> str:
        return render(self._struct(), short=False)

    def __str__(self) -> str:
        return render(self._struct(), short=True)

    # Encoding

    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> Encoding:
        """Encodes one text, or a pair.

        Args:
            sequence: a str; with `is_pretokenized` a list or tuple of str.
            pair: the second sequence, of the same form.
            is_pretokenized: whether the sequences are lists of words.
            add_special_tokens: whether the post-processor adds its special tokens.
            specials: special tokens in the text: "parse" them (or not, with `encode_special_tokens`), take
                them as "text", "error", or the collection of those to parse.
            surrogates: lone surrogates: "error", or "replace" by U+FFFD.

        Raises:
            TypeError: "TextInputSequence must be str", "PreTokenizedInputSequence must be Union[List[str],
                Tuple[str]]".
            ValueError: a special token with specials="error"; a stride that is not below the effective
                length.
            Exception: an unknown word, and the vocabulary lacks the unknown token.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).encode(["a", "b"], is_pretokenized=True).ids
        [1, 0]
        """
        return (self._box[0] or self._compile()).encode(
            sequence,
            pair,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=self._truncation,
            padding=self._padding,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
        )

    def encode_batch(
        self,
        input: Sequence[Any] | npt.NDArray[Any],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> list[Encoding]:
        """Encodes a batch; padding to the longest row works here.

        Args:
            input: a list, tuple or NumPy array (str, object) of rows; a row is a str or a pair (str, str),
                with `is_pretokenized` a list or tuple of str, or a pair of two such.
            is_pretokenized, add_special_tokens, specials, surrogates: as in `encode`.
            num_threads: None = `fasttok.get_num_threads()`.

        Raises:
            TypeError: "TextEncodeInput must be Union[…", with the row and its type; else as `encode`.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> [row.ids for row in tokenizer.encode_batch(["a", ("a", "b")])]
        [[1], [1, 0]]
        """
        return (self._box[0] or self._compile()).encode_batch(
            input,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=self._truncation,
            padding=self._padding,
            fast=False,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    def encode_batch_fast(
        self,
        input: Sequence[Any] | npt.NDArray[Any],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> list[Encoding]:
        """Encodes a batch to ids: offsets are (0, 0), word ids None, the texts of tokens "" (those of special
        tokens apart).

        Args:
            As in `encode_batch`.

        Raises:
            As `encode_batch`.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> [row.ids for row in tokenizer.encode_batch_fast(["a", "b"])]
        [[1], [0]]
        """
        return (self._box[0] or self._compile()).encode_batch(
            input,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=self._truncation,
            padding=self._padding,
            fast=True,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    async def async_encode(
        self, sequence: Any, pair: Any = None, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> Encoding:
        """`encode` in a thread, awaitable.

        >>> import asyncio
        >>> asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode("a")).ids
        [1]
        """
        from asyncio import to_thread

        return await to_thread(self.encode, sequence, pair, is_pretokenized, add_special_tokens)

    async def async_encode_batch(
        self, input: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """`encode_batch` in a thread, awaitable.

        >>> import asyncio
        >>> len(asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode_batch(["a"])))
        1
        """
        from asyncio import to_thread

        return await to_thread(self.encode_batch, input, is_pretokenized, add_special_tokens)

    async def async_encode_batch_fast(
        self, input: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """`encode_batch_fast` in a thread, awaitable.

        >>> import asyncio
        >>> len(asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode_batch_fast(["a"])))
        1
        """
        from asyncio import to_thread

        return await to_thread(self.encode_batch_fast, input, is_pretokenized, add_special_tokens)

    def encode_batch_flat(
        self,
        inputs: Sequence[Any] | npt.NDArray[Any],
        *,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        truncation: int | Mapping[str, Any] | None = None,
        offsets: Literal[False, "char", "byte"] | None = False,
        type_ids: bool = False,
        word_ids: bool = False,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> TokenBatch:
        """Encodes a batch into flat NumPy columns; padding is never applied.

        Args:
            inputs: as `input` in `encode_batch`; a text may also be UTF-8 bytes.
            is_pretokenized, add_special_tokens, specials, surrogates, num_threads: as in `encode_batch`.
            truncation: the largest number of tokens, or a dict as `truncation`; None = the tokenizer's own
                setting.
            offsets: "char" or "byte" for (start, end) of every token.
            type_ids, word_ids: whether these columns are wanted.

        Raises:
            ValueError: another value of `offsets` or in `truncation`; else as `encode_batch`.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).encode_batch_flat(["a", "b"]).ids.tolist()
        [1, 0]
        """
        from fasttok.batch import TokenBatch

        if offsets not in (None, False, "char", "byte"):
            raise ValueError(f'offsets is {offsets!r}; expected False, "char" or "byte"')
        core = self._box[0] or self._compile()
        core_truncation = self._truncation if truncation is None else _core_truncation(truncation)
        core_specials = self._specials if specials == "parse" else _core_specials(specials)
        columns = core.encode_batch_flat(
            inputs,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=core_truncation,
            offsets=offsets or None,
            type_ids=type_ids,
            word_ids=word_ids,
            specials=core_specials,
            surrogates=surrogates,
            num_threads=num_threads,
        )

        def encode_row(row: int) -> Encoding:
            return core.encode_batch(
                [_decode_utf8(inputs[row], surrogates)],
                is_pretokenized=is_pretokenized,
                add_special_tokens=add_special_tokens,
                truncation=core_truncation,
                padding=None,
                fast=False,
                specials=core_specials,
                surrogates=surrogates,
                num_threads=1,
            )[0]

        padding = self._padding_dict
        return TokenBatch(
            *columns,
            pad_id=core.token_to_id("[PAD]") if padding is None else padding["pad_id"],
            pad_type_id=0 if padding is None else padding["pad_type_id"],
            encode_row=encode_row,
        )

    def count(
        self,
        text: str,
        *,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> int:
        """The number of tokens of a text, truncation and padding apart.

        Args:
            text: a str.
            add_special_tokens, specials, surrogates: as in `encode`.

        Raises:
            As `encode`.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).count("a")
        1
        """
        return (self._box[0] or self._compile()).count(
            text,
            add_special_tokens=add_special_tokens,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
        )

    def count_batch(
        self,
        texts: Sequence[Any] | npt.NDArray[Any],
        *,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> npt.NDArray[np.int64]:
        """The numbers of tokens of a batch, int64[rows], truncation and padding apart.

        Args:
            texts: as `inputs` in `encode_batch_flat`.
            is_pretokenized, add_special_tokens, specials, surrogates, num_threads: as in `encode_batch`.

        Raises:
            As `encode_batch`.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).count_batch(["a", "b"]).tolist()
        [1, 1]
        """
        return (self._box[0] or self._compile()).count_batch(
            texts,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    def fits(
        self,
        text: str,
        max_tokens: int,
        *,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> bool:
        """Whether a text has at most `max_tokens` tokens; stops reading as soon as it has more.

        Args:
            text: a str.
            max_tokens: 0 or more.
            add_special_tokens, specials, surrogates: as in `encode`.

        Raises:
            OverflowError: `max_tokens` is negative; else as `encode`.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).fits("a", 1)
        True
        """
        return (self._box[0] or self._compile()).fits(
            text,
            check_size("max_tokens", max_tokens),
            add_special_tokens=add_special_tokens,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates=surrogates,
        )

    def post_process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """Truncates, adds the special tokens, pads: what `encode` does last.

        Args:
            encoding, pair: one encoding, or two, without special tokens.
            add_special_tokens: whether the post-processor adds its special tokens.

        Raises:
            TypeError: not an `Encoding`.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.post_process(tokenizer.encode("a"), tokenizer.encode("b")).ids
        [1, 0]
        """
        for value in (encoding,) if pair is None else (encoding, pair):
            if not isinstance(value, Encoding):
                raise TypeError(f"'{type(value).__name__}' object is not an instance of 'Encoding'")
        return self._compiled().post_process(
            encoding,
            pair,
            add_special_tokens=add_special_tokens,
            truncation=self._truncation,
            padding=self._padding,
        )

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many ids the special tokens add to one sequence, or to a pair.

        Args:
            is_pair: whether a pair is meant.

        Raises:
            TypeError: not a bool.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0})).num_special_tokens_to_add(False)
        0
        """
        check_bool("is_pair", is_pair)
        return 0 if self._post_processor is None else self._post_processor.num_special_tokens_to_add(is_pair)

    # What the transformers-shaped classes call; None means none, the tokenizer's own settings do not count.

    def _encode_one(
        self,
        sequence: Any,
        pair: Any,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Mapping[str, Any] | None,
        padding: Mapping[str, Any] | None,
        specials: Specials,
    ) -> Encoding:
        return (self._box[0] or self._compile()).encode(
            sequence,
            pair,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=_core_truncation(truncation),
            padding=_core_padding(padding),
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates="error",
        )

    def _encode_batch(
        self,
        inputs: Any,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Mapping[str, Any] | None,
        padding: Mapping[str, Any] | None,
        specials: Specials,
    ) -> list[Encoding]:
        return (self._box[0] or self._compile()).encode_batch(
            inputs,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=_core_truncation(truncation),
            padding=_core_padding(padding),
            fast=False,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates="error",
            num_threads=None,
        )

    def _encode_lists(
        self,
        inputs: Any,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Mapping[str, Any] | None,
        specials: Specials,
    ) -> list[list[int]]:
        return (self._box[0] or self._compile()).encode_lists(
            inputs,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=_core_truncation(truncation),
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates="error",
            num_threads=None,
        )

    def _encode_padded(
        self,
        inputs: Any,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Mapping[str, Any] | None,
        length: int | None,
        pad_to_multiple_of: int | None,
        pad_id: int,
        pad_type_id: int,
        side: str,
        want_type_ids: bool,
        want_mask: bool,
        specials: Specials,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64] | None, npt.NDArray[np.int64] | None]:
        return (self._box[0] or self._compile()).encode_padded(
            inputs,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=_core_truncation(truncation),
            length=length,
            pad_to_multiple_of=pad_to_multiple_of or None,
            pad_id=pad_id,
            pad_type_id=pad_type_id,
            side=side,
            want_type_ids=want_type_ids,
            want_mask=want_mask,
            specials=self._specials if specials == "parse" else _core_specials(specials),
            surrogates="error",
            num_threads=None,
        )

    # Decoding

    def decode(
        self, ids: Sequence[int], skip_special_tokens: bool = True, *, cjk_spacing: bool = True
    ) -> str:
        """The text of a list of ids; unknown ids are skipped.

        Args:
            ids: a sequence of int from 0 to 2^32 - 1, or an array.
            skip_special_tokens: whether special tokens are left out.
            cjk_spacing: False puts no space between Han characters.

        Raises:
            TypeError: not a sequence of int. OverflowError: an id out of range.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).decode([1, 0, 1])
        'a [UNK] a'
        """
        listed = _id_list(ids, "ids")
        try:
            return (self._box[0] or self._compile()).decode(
                listed, skip_special_tokens=skip_special_tokens, cjk_spacing=cjk_spacing
            )
        except (TypeError, ValueError, OverflowError, RuntimeError):
            _explain_ids(listed, "ids")
            raise

    def decode_batch(
        self,
        sequences: Sequence[Sequence[int]],
        skip_special_tokens: bool = True,
        *,
        cjk_spacing: bool = True,
    ) -> list[str]:
        """The texts of several lists of ids.

        Args:
            sequences: a sequence of what `decode` takes.
            skip_special_tokens, cjk_spacing: as in `decode`.

        Raises:
            As `decode`.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).decode_batch([[1], [1, 1]])
        ['a', 'a a']
        """
        if (
            isinstance(sequences, str)
            or not hasattr(sequences, "__len__")
            or not hasattr(sequences, "__getitem__")
        ):
            _id_list(sequences, "sequences")
        listed = [_id_list(ids, f"sequences[{i}]") for i, ids in enumerate(sequences)]
        try:
            return (self._box[0] or self._compile()).decode_batch(
                listed, skip_special_tokens=skip_special_tokens, cjk_spacing=cjk_spacing
            )
        except (TypeError, ValueError, OverflowError, RuntimeError):
            for i, row in enumerate(listed):
                _explain_ids(row, f"sequences[{i}]")
            raise

    async def async_decode_batch(
        self, sequences: Sequence[Sequence[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """`decode_batch` in a thread, awaitable.

        >>> import asyncio
        >>> asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_decode_batch([[1]]))
        ['a']
        """
        from asyncio import to_thread

        return await to_thread(self.decode_batch, sequences, skip_special_tokens)

    # The vocabulary

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, added tokens first; None if there is none.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).token_to_id("a")
        1
        """
        if not isinstance(token, str):
            raise TypeError(f"'{type(token).__name__}' object is not an instance of 'str'")
        id = self._added.ids.get(token)
        return self._model.token_to_id(token) if id is None else id

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, added tokens first; None if there is none.

        As upstream, an added token that is searched in the normalized text gives its normalized content.

        Raises:
            TypeError: not an int. OverflowError: beyond 32 bits.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).id_to_token(1)
        'a'
        """
        token = self._added.tokens.get(check_id("id", id))
        if token is None:
            return self._model.id_to_token(id)
        normalizer = self._normalizer
        return (
            token.content
            if normalizer is None or not token.normalized
            else normalizer.normalize_str(token.content)
        )

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """The vocabulary: token -> id.

        Args:
            with_added_tokens: whether added tokens are in it.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).get_vocab()
        {'[UNK]': 0, 'a': 1}
        """
        vocab = self._model._get_vocab()
        if with_added_tokens:
            vocab.update(self._added.ids)
        return vocab

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """The number of tokens in `get_vocab`.

        Args:
            with_added_tokens: whether added tokens count.

        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).get_vocab_size()
        2
        """
        size = self._model._vocab_size()
        if with_added_tokens:
            size += sum(self._model.token_to_id(token) is None for token in self._added.ids)
        return size

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """The added tokens by id, in the order of ids; the objects are copies.

        >>> Tokenizer.from_buffer(b"[UNK]\\n").get_added_tokens_decoder()[0].special
        True
        """
        tokens = self._added.tokens
        return {id: tokens[id]._copy() for id in sorted(tokens)}

    def add_tokens(self, tokens: Sequence[str | AddedToken]) -> int:
        """Adds tokens that are found in the text before anything else.

        Args:
            tokens: str (searched in the normalized text) or `AddedToken`. One that the vocabulary has keeps
                its id, others get ids after the largest; empty ones are ignored.

        Returns:
            How many were new, or changed their flags.

        Raises:
            TypeError: not a list of these; nothing is added then.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.add_tokens(["new", "new"]), tokenizer.token_to_id("new")
        (1, 1)
        """
        return self._add(tokens, special=False)

    def add_special_tokens(self, tokens: Sequence[str | AddedToken]) -> int:
        """Adds special tokens: searched in the original text, left out by `decode(skip_special_tokens=True)`.

        Args:
            tokens: str or `AddedToken`; such an object becomes special itself.

        Returns:
            How many were new, or changed their flags.

        Raises:
            TypeError: not a list of these; nothing is added then.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "[SEP]": 1}))
        >>> tokenizer.add_special_tokens(["[SEP]"]), tokenizer.encode("[SEP]").tokens
        (1, ['[SEP]'])
        """
        return self._add(tokens, special=True)

    def _add(self, tokens: Any, special: bool) -> int:
        if not isinstance(tokens, list | tuple):
            found = "'None'" if tokens is None else f"'{type(tokens).__name__}' object"
            raise TypeError(f"{found} is not an instance of 'list'")
        checked: list[AddedToken] = []
        for i, token in enumerate(tokens):
            if isinstance(token, str):
                try:
                    checked.append(AddedToken(token, special=special))
                except UnicodeEncodeError:
                    self._refuse(i, token, "str with a lone surrogate")
            elif isinstance(token, AddedToken):
                if special:
                    token.special = True
                checked.append(token)
            else:
                self._refuse(i, token, type(token).__name__)
        self._added, added = self._added.with_tokens(checked, self._model)
        self._invalidate()
        return added

    @staticmethod
    def _refuse(i: int, token: object, what: str) -> NoReturn:
        raise TypeError(
            f"Input must be a List[Union[str, AddedToken]]; tokens[{i}] is {what} ({str(token)[:60]!r})"
        )

    # Truncation and padding

    @property
    def truncation(self) -> dict[str, Any] | None:
        """max_length, stride, strategy and direction, or None; `enable_truncation(**truncation)` sets them
        again."""
        return self._truncation_dict and dict(self._truncation_dict)

    @property
    def padding(self) -> dict[str, Any] | None:
        """length, pad_to_multiple_of, pad_id, pad_token, pad_type_id and direction, or None, for
        `enable_padding`."""
        return self._padding_dict and dict(self._padding_dict)

    def _set_truncation(self, settings: dict[str, Any] | None) -> None:
        self._truncation_dict = settings
        self._truncation = _core_truncation(settings)

    def _set_padding(self, settings: dict[str, Any] | None) -> None:
        self._padding_dict = settings
        self._padding = _core_padding(settings)

    def enable_truncation(
        self,
        max_length: int,
        *,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
        **unknown: object,
    ) -> None:
        """Cuts what is longer than `max_length` into windows, special tokens counted.

        Args:
            max_length: tokens of a row; below the number of special tokens it has no effect.
            stride: tokens that a window repeats of the one before.
            strategy: of a pair, "longest_first", "only_first" or "only_second" is cut.
            direction: "right" or "left", the side that is cut.

        Raises:
            TypeError, OverflowError: not an int, negative. ValueError: unknown strategy or direction; a
                stride that leaves no
            room for progress (upstream refuses larger ones only and panics at an equal one when it encodes).
            An unknown keyword gives a UserWarning only.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.enable_truncation(2)
        >>> tokenizer.truncation
        {'max_length': 2, 'stride': 0, 'strategy': 'longest_first', 'direction': 'right'}
        """
        for name in unknown:
            warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=2)
        settings = _truncation_dict(max_length, stride, strategy, direction)
        special = self.num_special_tokens_to_add(False)
        effective = settings["max_length"] - special
        if effective >= 0 and 0 < settings["stride"] >= effective:
            raise ValueError(
                f"tokenizer stride set to {settings['stride']}, which is greater than or equal to its "
                f"effective max length of {effective} (= {settings['max_length']} original max length - "
                f"{special} added special tokens), "
            )
        self._set_truncation(settings)

    def no_truncation(self) -> None:
        """Turns truncation off.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.enable_truncation(2)
        >>> tokenizer.no_truncation()
        >>> tokenizer.truncation is None
        True
        """
        self._set_truncation(None)

    def enable_padding(
        self,
        *,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
        **unknown: Any,
    ) -> None:
        """Pads rows to one length.

        Args:
            direction: "right" or "left", where the padding goes.
            pad_id, pad_type_id, pad_token: what a place of padding holds.
            length: tokens; None = the longest row of a batch.
            pad_to_multiple_of: rounds the length up; 0 and None do not.

        Raises:
            TypeError, OverflowError: wrong types, negative numbers. ValueError: unknown direction.
            An unknown keyword gives a UserWarning only, `max_length` (= `length`) a DeprecationWarning.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.enable_padding(length=3, pad_id=7)
        >>> tokenizer.encode("a").ids
        [1, 7, 7]
        """
        for name, value in unknown.items():
            if name == "max_length":
                warnings.warn(
                    "enable_padding(max_length=X) is deprecated, use enable_padding(length=X) instead",
                    DeprecationWarning,
                    stacklevel=2,
                )
                length = value
            else:
                warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=2)
        self._set_padding(
            _padding_dict(direction, pad_id, pad_type_id, pad_token, length, pad_to_multiple_of)
        )

    def no_padding(self) -> None:
        """Turns padding off.

        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.enable_padding()
        >>> tokenizer.no_padding()
        >>> tokenizer.padding is None
        True
        """
        self._set_padding(None)

    # Training

    def train(self, files: Sequence[str], trainer: Any = None) -> NoReturn:
        """Trains the model on files; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(
            "trainers are planned for a later issue (see trainers); train with another tool so far"
        )

    def train_from_iterator(self, iterator: Any, trainer: Any = None, length: int | None = None) -> NoReturn:
        """Trains the model on texts; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(
            "trainers are planned for a later issue (see trainers); train with another tool so far"
        )


def _new() -> Tokenizer:
    """What pickle starts from."""
    return Tokenizer.__new__(Tokenizer)

"""Loading and saving a tokenizer: tokenizer.json, vocab.txt, rank files, `.model`, the hub, pickle, `repr`.

What a file is, its content says: see `file_kinds`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any, Self

from fasttok import _core, decoders, models, normalizers, pre_tokenizers, processors
from fasttok.added_token import AddedToken
from fasttok.errors import FormatError
from fasttok.file_kinds import KNOWN, kind_of
from fasttok.settings import (
    padding_struct,
    read_padding,
    read_truncation,
    truncation_struct,
    write_padding,
    write_truncation,
)
from fasttok.tokenizer_json import (
    Component,
    Node,
    Struct,
    check_bool,
    check_path,
    check_str,
    dump,
    parse,
    parse_state,
    quoted,
    render,
)
from fasttok.tokenizer_vocabulary import VocabularyCalls
from fasttok.whole_file import write_text
from fasttok.wordpiece import wordpiece_from_vocab_txt

__all__ = ["FileCalls"]

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

_BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class FileCalls(VocabularyCalls):
    """The calls that load and save; a base of `Tokenizer`."""

    __slots__ = ()

    @classmethod
    def from_str(cls, json: str) -> Self:
        """The tokenizer of a tokenizer.json.

        Args:
            json: the text of the file.

        Raises:
            TypeError: not a str. FormatError: not a tokenizer.json; the message has the path inside it.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer.from_str(Tokenizer(models.WordPiece({"[UNK]": 0})).to_str()).get_vocab()
        {'[UNK]': 0}
        """
        if not isinstance(json, str):
            raise TypeError(f"'{type(json).__name__}' object is not an instance of 'str'")
        return cls._from_node(parse(json, "tokenizer.json"))

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        pattern: str | _core.Regex | None = None,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        """The tokenizer of a tokenizer.json, a BERT vocab.txt, a rank file (.tiktoken), or a SentencePiece
        `.model`, whichever the content is.

        Args:
            path: of the file. A vocab.txt gives the lower-casing BERT pipeline, a rank file the ids of
                tiktoken's `encode(text, allowed_special="all")`; a `.model` sentencepiece's own ids, pieces
                and offsets (see `models.SentencePiece`), no special tokens, and sentencepiece's `decode`.
            pattern: for a rank file, what cuts texts into words: as tiktoken has it (in the syntax of Rust's
                fancy-regex), or a Regex; what it does not match is left out.
            special_tokens: for a rank file, text -> id.

        Raises:
            TypeError: `path` is no path. OSError: the file cannot be read.
            FormatError: none of these, or damaged. ValueError: a rank file without `pattern`, another with
            it.

        >>> from fasttok import Tokenizer, models
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "vocab.txt")
        ...     _ = open(path, "w").write("[PAD]\\n[UNK]\\n[CLS]\\n[SEP]\\nhi\\n")
        ...     Tokenizer.from_file(path).encode("Hi").tokens
        ['[CLS]', 'hi', '[SEP]']
        """
        path = check_path("path", path)
        with open(path, "rb") as file:
            return cls._from_bytes(file.read(), path, pattern, special_tokens)

    @classmethod
    def from_buffer(
        cls,
        buffer: bytes,
        *,
        pattern: str | _core.Regex | None = None,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        """The tokenizer of the bytes of a tokenizer.json, a vocab.txt, a rank file or a `.model`.

        Args:
            buffer: the content of the file.
            pattern, special_tokens: as in `from_file`.

        Raises:
            TypeError: not bytes. FormatError: as `from_file`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer.from_buffer(b"[UNK]\\nhi\\n").encode("hi").ids
        [1]
        >>> Tokenizer.from_buffer(b"aA== 0\\naQ== 1\\naGk= 2\\n", pattern=r"\\w+").encode("hi").ids
        [2]
        """
        if not isinstance(buffer, bytes | bytearray | memoryview):
            raise TypeError(f"buffer is {type(buffer).__name__}; expected bytes")
        return cls._from_bytes(bytes(buffer), "buffer", pattern, special_tokens)

    @classmethod
    def from_pretrained(cls, identifier: str, revision: str = "main", token: str | None = None) -> Self:
        """The tokenizer.json of a repository on the Hugging Face hub, through huggingface_hub.

        Args:
            identifier: "name" or "owner/name".
            revision: a branch, tag or commit.
            token: for private repositories.

        Raises:
            TypeError: `identifier` is not a str. FormatError: as `from_file`.
            OSError: huggingface_hub is not installed, or the file cannot be had.
        """
        check_str("identifier", identifier)
        from fasttok.hub import fetch_files

        paths = fetch_files(identifier, ["tokenizer.json"], revision=revision, token=token)
        if "tokenizer.json" not in paths:
            raise FileNotFoundError(f"{identifier!r} at revision {revision!r} has no tokenizer.json")
        return cls.from_file(paths["tokenizer.json"])

    @classmethod
    def _from_bytes(
        cls,
        data: bytes,
        name: str,
        pattern: str | _core.Regex | None = None,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        of_ranks = pattern is not None or special_tokens is not None
        kind = kind_of(data, of_ranks=of_ranks)
        if kind == "ranks":
            return cls._from_rank_file(data, name, pattern, special_tokens or {})
        if of_ranks:
            raise ValueError(f"{name}: pattern and special_tokens are for rank files, and this is none")
        if kind == "json":
            return cls._from_node(parse(data, name))
        if kind == "vocab_txt":
            return cls._from_vocab_txt(data, name)
        if kind == "sentencepiece":
            self = cls.__new__(cls)
            self._start(models.SentencePiece._of_file(data, name))
            return self
        what = f"it begins with {data[:24]!r}" if data.strip() else "it is empty"
        raise FormatError(f"{name}: neither {KNOWN}: {what}")

    @classmethod
    def _from_rank_file(
        cls, data: bytes, name: str, pattern: str | _core.Regex | None, special_tokens: Mapping[str, int]
    ) -> Self:
        if pattern is None:
            raise ValueError(f"{name} is a rank file, which has no pattern: give it as pattern=")
        regex = pattern if isinstance(pattern, _core.Regex) else _core.Regex.from_rust(pattern)
        self = cls.__new__(cls)
        self._start(models.RankBPE(_core.load_ranks(data, name), special_tokens))
        self.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(regex, "removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        self.decoder = decoders.ByteLevel()
        self.add_special_tokens(list(special_tokens))
        return self

    @classmethod
    def _from_vocab_txt(cls, data: bytes, name: str) -> Self:
        model = wordpiece_from_vocab_txt(data, name)
        self = cls.__new__(cls)
        self._start(model)
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
    def _from_node(cls, root: Node) -> Self:
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
        if not isinstance(node.value, list):
            node.expected("a list")
        items: list[Any] = node.value
        ids, tokens = AddedToken._read_all(items, lambda i: node.child(i, items[i]))
        self._added, _ = self._added.with_tokens(tokens, self._model)
        given_ids = self._added.ids
        for i, (id, token) in enumerate(zip(ids, tokens, strict=True)):
            if token._content and (given := given_ids[token._content]) != id:
                warnings.warn(
                    f"{node.source}: added_tokens[{i}].id is {id}, but {token._content!r} gets {given}, "
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

        >>> from fasttok import Tokenizer, models
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
            OSError: the file cannot be written; the old one is whole then.
            TypeError: `path` is no path, `pretty` is not a bool.

        >>> from fasttok import Tokenizer, models
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "tokenizer.json")
        ...     Tokenizer(models.WordPiece({"[UNK]": 0})).save(path)
        ...     Tokenizer.from_file(path).get_vocab_size()
        1
        """
        write_text(check_path("path", path), self.to_str(pretty))

    def fingerprint(self) -> str:
        """The SHA-256 of `to_str()`, in hexadecimal: the same for equal settings, in any process, after any
        call.

        >>> from fasttok import Tokenizer, models
        >>> len(Tokenizer(models.WordPiece({"[UNK]": 0})).fingerprint())
        64
        """
        from hashlib import sha256

        return sha256(self.to_str().encode()).hexdigest()

    def __getstate__(self) -> bytes:
        return self.to_str().encode()

    def __setstate__(self, state: bytes) -> None:
        self._read(parse_state(state, "Tokenizer state"))

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

"""PreTrainedTokenizerBase: transformers' face over a `fasttok.Tokenizer`.

Here: how one is made, loaded, saved and described. Its calls are in `encoding_calls`, `decoding_calls`,
`chat_calls` and `legacy`, its tokens in `special_tokens`.

Mirrors `PreTrainedTokenizerBase` and `TokenizersBackend` of transformers 5.23. Known departures:

* an unknown keyword argument gives one UserWarning (5.23 is silent);
* an empty batch gives empty columns (5.23 raises IndexError), `batch_decode([])` is `[]` (5.23: `[""]`);
* wrong types raise `fasttok.InputError`, a ValueError and a TypeError, which names argument, row and type;
* `pad` leaves its argument as it was;
* `from_pretrained` raises OSError where there is no vocabulary (5.23 gives a tokenizer of the special
tokens);
* `save_vocabulary` writes the vocabulary (5.23 copies the file that it came from).
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from fasttok import processors
from fasttok.call_settings import VERY_LARGE_INTEGER
from fasttok.caller_warning import warn_unknown
from fasttok.chat_calls import ChatCalls
from fasttok.tokenizer import AddedToken, Tokenizer
from fasttok.tokenizer_json import check_path

if TYPE_CHECKING:
    from fasttok.decoders import Decoder

__all__ = ["PreTrainedTokenizerBase"]

# Keyword arguments of a constructor that mean something here or are kept for saving; others give a warning.
_KNOWN_ARGUMENTS = frozenset(
    """
    add_bos_token add_eos_token add_prefix_space added_tokens_decoder additional_special_tokens auto_map
    backend chat_control_tokens chat_template clean_up_tokenization_spaces
    clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output device_map do_lower_case errors
    extra_special_tokens files_loaded is_local json_padding json_truncation local_files_only max_len
    max_length merges_file model_input_names model_max_length model_specific_special_tokens name_or_path
    pad_to_multiple_of pad_token_type_id padding_side processor_class response_schema response_template
    special_tokens_map_file split_special_tokens stride strip_accents tokenize_chinese_chars
    tokenizer_file trim_offsets truncation_side truncation_strategy trust_remote_code verbose vocab_file
    extra_ids jieba keep_accents legacy remove_space sp_model_kwargs unk_id use_default_system_prompt
    """.split()  # noqa: SIM905 (a list of 52 strings would be 52 lines)
)


class PreTrainedTokenizerBase(ChatCalls):
    """The base of the tokenizers that are called as those of transformers are.

    Args:
        tokenizer: the pipeline; taken over, not copied.
        model_max_length: tokens that the model takes; where `max_length` is not given, truncation and padding
        use it. padding_side, truncation_side: "right" or "left".
        model_input_names: the columns that a call returns unless `return_…` says otherwise.
        bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken.
        extra_special_tokens: special tokens without a role (list), or with a role of the model's own (dict).
        split_special_tokens: special tokens in a text are plain text.
        clean_up_tokenization_spaces: default of `decode`.
        kwargs: further settings, kept for `save_pretrained`.

    Raises:
        ValueError: an unknown side. TypeError: a token that is neither str nor AddedToken.

    >>> from fasttok.presets import BertTokenizer
    >>> tokenizer = BertTokenizer({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hi": 5})
    >>> tokenizer(["hi", "hi hi"], padding=True, return_tensors="np")["input_ids"].tolist()
    [[2, 5, 3, 0], [2, 5, 5, 3]]

    Mirrors transformers 5.23; the module says what differs.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {"tokenizer_file": "tokenizer.json"}
    #: What the class takes from the model of a tokenizer.json: that of "WordPiece", "BPE" or "Unigram"; a
    #: class of "SentencePiece" takes a `.model` file and leaves tokenizer.json alone.
    model_kind: ClassVar[str] = "WordPiece"
    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012 (an instance has its own)
    padding_side: str = "right"
    truncation_side: str = "right"
    #: Special tokens without a role that the class has by default.
    further_special_tokens: ClassVar[tuple[str, ...]] = ()
    chat_template: str | dict[str, str] | None

    def __init__(self, tokenizer: Tokenizer, **kwargs: Any) -> None:
        self._tokenizer = tokenizer
        self.verbose = False
        self._special_tokens_map = dict.fromkeys(self.SPECIAL_TOKENS_ATTRIBUTES)
        self._extra_special_tokens = []
        self._warned_too_long = False
        from_files = kwargs.pop("_from_files", ())
        kwargs.pop("json_post_processor", None)
        warn_unknown(
            key
            for key in kwargs
            if key not in _KNOWN_ARGUMENTS and key not in from_files and not key.endswith("_token")
        )
        for key in kwargs:
            if callable(getattr(type(self), key, None)):
                raise AttributeError(f"{key} conflicts with the method {key} in {type(self).__name__}")
        if "additional_special_tokens" in kwargs and "extra_special_tokens" not in kwargs:
            kwargs["extra_special_tokens"] = kwargs.pop("additional_special_tokens")
        self._take_backend_settings(kwargs)
        kwargs.setdefault("backend", "tokenizers")
        self._add_bos_token = bool(kwargs.get("add_bos_token", False))
        self._add_eos_token = bool(kwargs.get("add_eos_token", False))

        #: The keyword arguments that the object was made with, as `save_pretrained` writes them.
        self.init_kwargs: dict[str, Any] = copy.deepcopy(kwargs)
        self.init_inputs: tuple[Any, ...] = ()
        self.name_or_path: str = kwargs.get("name_or_path", "")
        self.verbose = bool(kwargs.get("verbose", False))
        if kwargs.get("vocab_file") is not None:
            self.vocab_file: str = os.fspath(kwargs["vocab_file"])
        self._take_special_tokens(kwargs)
        length = kwargs["model_max_length"] if "model_max_length" in kwargs else kwargs.get("max_len")
        self.model_max_length: int = VERY_LARGE_INTEGER if length is None else length
        self.padding_side = kwargs.get("padding_side", self.padding_side)
        self.truncation_side = kwargs.get("truncation_side", self.truncation_side)
        for what, side in (("Padding", self.padding_side), ("Truncation", self.truncation_side)):
            if side not in ("right", "left"):
                raise ValueError(
                    f"{what} side should be selected between 'right' and 'left', current value: {side}"
                )
        self.model_input_names = list(kwargs.get("model_input_names", self.model_input_names))
        self.clean_up_tokenization_spaces: bool = kwargs.get("clean_up_tokenization_spaces", False)
        self.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: bool = kwargs.get(
            "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", False
        )
        self.split_special_tokens: bool = kwargs.get("split_special_tokens", False)
        self.add_prefix_space: bool = kwargs.get("add_prefix_space", False)
        self.chat_template = kwargs.get("chat_template")
        if isinstance(self.chat_template, list | tuple):
            self.chat_template = {item["name"]: item["template"] for item in self.chat_template}
        self.chat_control_tokens = kwargs.get("chat_control_tokens")
        if not isinstance(self.chat_control_tokens, list | tuple | None):
            raise TypeError(
                f"`chat_control_tokens` should be a list of strings, got {self.chat_control_tokens!r}"
            )
        self._processor_class = kwargs.get("processor_class")
        self._add_initial_tokens(kwargs.get("added_tokens_decoder") or {})
        if "add_bos_token" in kwargs or "add_eos_token" in kwargs or tokenizer.post_processor is None:
            self.update_post_processor()

    def _take_backend_settings(self, kwargs: dict[str, Any]) -> None:
        """Truncation and padding of a tokenizer.json: the defaults of sides, and the state of the backend."""
        truncation = kwargs.pop("json_truncation", None) or self._tokenizer.truncation
        if truncation is not None:
            self._tokenizer.enable_truncation(**truncation)
            kwargs.setdefault("max_length", truncation["max_length"])
            kwargs.setdefault("truncation_side", truncation["direction"])
            kwargs.setdefault("stride", truncation["stride"])
            kwargs.setdefault("truncation_strategy", truncation["strategy"])
        padding = kwargs.pop("json_padding", None) or self._tokenizer.padding
        if padding is not None:
            self._tokenizer.enable_padding(**padding)
            kwargs.setdefault("pad_token", padding["pad_token"])
            kwargs.setdefault("pad_token_type_id", padding["pad_type_id"])
            kwargs.setdefault("padding_side", padding["direction"])
            kwargs.setdefault("max_length", padding["length"])
            kwargs.setdefault("pad_to_multiple_of", padding["pad_to_multiple_of"])

    def _take_special_tokens(self, kwargs: dict[str, Any]) -> None:
        extra: dict[str, str | AddedToken] = {}
        specific: dict[str, str | AddedToken] = {}
        for key, value in kwargs.items():
            if value is None:
                continue
            if key in self.SPECIAL_TOKENS_ATTRIBUTES:
                if not isinstance(value, str | AddedToken):
                    raise TypeError(
                        f"Special token {key} has to be either str or AddedToken but got: {type(value)}"
                    )
                self._special_tokens_map[key] = value
            elif key == "extra_special_tokens":
                if isinstance(value, dict):
                    extra = value
                elif isinstance(value, list | tuple):
                    self._extra_special_tokens = list(value)
                else:
                    raise TypeError(
                        "extra_special_tokens must be a list/tuple of tokens or a dict of named tokens"
                    )
            elif key.endswith("_token") and isinstance(value, str | AddedToken):
                specific[key] = value
        explicit = kwargs.get("model_specific_special_tokens") or {}
        if not isinstance(explicit, dict):
            raise TypeError("model_specific_special_tokens must be a dictionary of token name to token value")
        if extra or specific or explicit:
            self._set_model_specific_tokens({**extra, **specific, **explicit})

    def _add_initial_tokens(self, added: dict[int, AddedToken]) -> None:
        """Add the tokens of files by id, then the named and extra ones that are none of them."""
        tokens: list[str | AddedToken] = [token for _, token in sorted(added.items())]
        known = {*self.added_tokens_encoder, *map(str, tokens)}
        named = [token for token in self._special_tokens_map.values() if token is not None]
        for token in (*named, *self._extra_special_tokens):
            if str(token) not in known and token not in tokens:  # of two with one text, the later flags count
                tokens.append(token)
        names = set(map(str, named))
        for position, token in enumerate(tokens):
            if isinstance(token, str):
                tokens[position] = AddedToken(token, normalized=False, special=True)
            elif not token.special and token.content in names:
                token.special = True  # on the caller's object, as the reference does
        self.add_tokens(tokens)

    # Loading and saving.

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *init_inputs: Any,
        cache_dir: str | os.PathLike[str] | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
        revision: str = "main",
        trust_remote_code: bool = False,
        subfolder: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """The tokenizer in a folder, in a single file, bundled with the package, or on the Hugging Face hub.

        Args:
            pretrained_model_name_or_path: a folder with vocab.txt or tokenizer.json, one such file, a bundled
                name (`fasttok.bundled.bundled_names()`), or a hub id; the first that exists is taken.
            init_inputs: positional arguments of the class.
            cache_dir, force_download, local_files_only, token, revision: as in huggingface_hub; only a hub id
                uses them (and the extra `hub`).
            trust_remote_code: accepted and not used: no code is ever loaded.
            subfolder: where in the folder or repository the files are.
            kwargs: arguments of the class, which win over those in the files.

        Raises:
            TypeError: no str or path. OSError: nothing is found.
            FormatError: a damaged file; the message has the file and the place in it.

        >>> from fasttok.presets import BertTokenizer
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> files = BertTokenizer(do_lower_case=False).save_pretrained(folder)
        >>> BertTokenizer.from_pretrained(folder).do_lower_case
        False

        Mirrors transformers 5.23: with a named class a tokenizer.json gives the vocabulary, the added tokens,
        truncation and padding; the pipeline is the class's. 5.23 gives a tokenizer of five tokens where
        nothing is found; here that is an OSError.
        """
        from fasttok.pretrained_files import find_files, init_arguments

        name = check_path("pretrained_model_name_or_path", pretrained_model_name_or_path)
        found, is_local = find_files(
            name,
            cls.vocab_files_names,
            subfolder=subfolder or "",
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
            revision=revision,
        )
        arguments, inputs = init_arguments(
            found, cls.SPECIAL_TOKENS_ATTRIBUTES, kwargs, model_kind=cls.model_kind
        )
        arguments["name_or_path"] = name
        arguments["is_local"] = is_local
        arguments["local_files_only"] = local_files_only
        arguments["_from_files"] = arguments.keys() - kwargs.keys()
        return cls(*(init_inputs or inputs), **arguments)

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        legacy_format: bool | None = None,
        filename_prefix: str | None = None,
        push_to_hub: bool = False,
        save_format: str | None = None,
        **kwargs: Any,
    ) -> tuple[str, ...]:
        """Write tokenizer_config.json and tokenizer.json, from which `from_pretrained` makes an equal
        tokenizer.

        Args:
            save_directory: made if it does not exist.
            legacy_format: True writes vocab.txt too; None and False write what transformers 5.23 writes.
            filename_prefix: put before each name, with "-" between.
            push_to_hub: not offered.
            save_format: None or "hf".

        Returns:
            The paths of the files.

        Raises:
            NotADirectoryError: `save_directory` is a file. ValueError: an unknown `save_format`.
            NotImplementedError: `push_to_hub`; upload the folder with huggingface_hub.

        >>> from fasttok.presets import BertTokenizer
        >>> import os, tempfile
        >>> [os.path.basename(path) for path in BertTokenizer().save_pretrained(tempfile.mkdtemp())]
        ['tokenizer_config.json', 'tokenizer.json']

        Mirrors transformers 5.23; its BertTokenizer reads what is written here.
        """
        from fasttok.pretrained_save import save_tokenizer

        save_jinja_files = bool(kwargs.pop("save_jinja_files", True))
        warn_unknown(kwargs)
        if save_format not in (None, "hf"):
            raise ValueError(f"Unknown save_format={save_format!r}. Supported values: 'hf'.")
        if push_to_hub:
            raise NotImplementedError(
                "push_to_hub: fasttok writes local files only; upload the folder with"
                " huggingface_hub.upload_folder(repo_id=..., folder_path=...)"
            )
        return save_tokenizer(self, save_directory, filename_prefix, save_jinja_files, bool(legacy_format))

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Write the model's vocabulary (vocab.txt) into an existing folder; returns the paths.

        Args:
            save_directory: an existing folder.
            filename_prefix: put before the name, with "-" between.

        Raises:
            OSError: the folder does not exist or cannot be written to.

        Mirrors transformers v4. (5.23 copies the file that the tokenizer came from to "tokenizer.model".)
        """
        if not os.path.isdir(save_directory):
            raise NotADirectoryError(f"Vocabulary path ({save_directory}) should be a directory")
        return tuple(self._tokenizer.model.save(os.fspath(save_directory), filename_prefix))

    def train_new_from_iterator(
        self,
        text_iterator: Iterable[Any],
        vocab_size: int,
        length: int | None = None,
        new_special_tokens: Sequence[str | AddedToken] | None = None,
        special_tokens_map: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Train a tokenizer of the same kind on other texts: not offered yet.

        Raises:
            NotImplementedError: always; it comes with the trainers.
        """
        raise NotImplementedError(
            "train_new_from_iterator comes with the trainers (planned as their own issue, after the core); "
            "train with"
            " another tool meanwhile and load its vocab.txt or tokenizer.json"
        )

    # What it is made of.

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """The `fasttok.Tokenizer` inside, live."""
        return self._tokenizer

    @property
    def decoder(self) -> Decoder | None:
        """The decoder of the backend."""
        decoder: Decoder | None = self._tokenizer.decoder
        return decoder

    @property
    def is_fast(self) -> bool:
        """True."""
        return True

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """True: `save_vocabulary` writes what a slow tokenizer reads."""
        return True

    @property
    def vocab_size(self) -> int:
        """How many tokens the model has, without those that were added."""
        return self._tokenizer.get_vocab_size(with_added_tokens=False)

    def __len__(self) -> int:
        """How many tokens there are, with those that were added."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    def __bool__(self) -> bool:
        return True

    def get_vocab(self) -> dict[str, int]:
        """The id of each token, with those that were added; a new dict."""
        return self._tokenizer.get_vocab(with_added_tokens=True)

    @property
    def vocab(self) -> dict[str, int]:
        """The same as `get_vocab()`."""
        return self.get_vocab()

    @property
    def max_len_single_sentence(self) -> int:
        """How many tokens a text may have for the model, special tokens not counted."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=False)

    @property
    def max_len_sentences_pair(self) -> int:
        """How many tokens a pair may have for the model, special tokens not counted."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=True)

    @property
    def add_bos_token(self) -> bool:
        """Whether the template of `update_post_processor` begins with `bos_token`; setting it calls that."""
        return self._add_bos_token

    @add_bos_token.setter
    def add_bos_token(self, value: bool) -> None:
        self._add_bos_token = value
        self.update_post_processor()

    @property
    def add_eos_token(self) -> bool:
        """Whether the template of `update_post_processor` ends with `eos_token`; setting it calls that."""
        return self._add_eos_token

    @add_eos_token.setter
    def add_eos_token(self, value: bool) -> None:
        self._add_eos_token = value
        self.update_post_processor()

    def update_post_processor(self) -> None:
        """Replace the post-processor by one that adds `bos_token` and `eos_token` only, as `add_…_token` say.

        For the tokenizers that are built that way; it takes BERT's `[CLS]` and `[SEP]` away, as in
        transformers.
        """
        bos = self.bos_token if self._add_bos_token else None
        eos = self.eos_token if self._add_eos_token else None
        self._add_bos_token, self._add_eos_token = bos is not None, eos is not None
        begin = "" if bos is None else f"{bos}:{{0}} "
        end = "" if eos is None else f" {eos}:{{0}}"
        single = begin.format(0) + "$A:0" + end.format(0)
        tokens = [(token, self._token_id(token) or 0) for token in (bos, eos) if token is not None]
        self._tokenizer.post_processor = processors.TemplateProcessing(
            single=single, pair=f"{single} {begin.format(1)}$B:1{end.format(1)}", special_tokens=tokens
        )

    def __getstate__(self) -> dict[str, Any]:
        # What a call may change is left out: a pickle is the same before and after any call.
        return {**self.__dict__, "_warned_too_long": False}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        added = "\n\t".join(f"{index}: {token!r}," for index, token in self.added_tokens_decoder.items())
        if added:
            added = f"\n\t{added}\n"
        return (
            f"{type(self).__name__}(name_or_path='{self.name_or_path}', vocab_size={self.vocab_size},"
            f" model_max_length={self.model_max_length}, padding_side='{self.padding_side}',"
            f" truncation_side='{self.truncation_side}', special_tokens={self.special_tokens_map},"
            f" added_tokens_decoder={{{added}}})"
        )

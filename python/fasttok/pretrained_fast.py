"""PreTrainedTokenizerFast and AutoTokenizer: any tokenizer.json, run as it is written.

A named class (`BertTokenizer`, …) takes a file's vocabulary and brings its own pipeline; these two take the
pipeline, too. Mirrors `TokenizersBackend` and `AutoTokenizer` of transformers 5.23, where they load a
tokenizer.json.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any, NoReturn, Self

import fasttok
from fasttok.errors import FormatError
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.pretrained_files import TOKENIZER_FILE, find_files, init_arguments, read_json
from fasttok.tokenizer import Tokenizer
from fasttok.tokenizer_json import check_path, parse

__all__ = ["AutoTokenizer", "BloomTokenizer", "BloomTokenizerFast", "PreTrainedTokenizerFast"]

# The class of a model whose files name none, by the model's type.
_CLASSES = {
    "albert": "AlbertTokenizer",
    "bert": "BertTokenizer",
    "clip": "CLIPTokenizer",
    "cpm": "CpmTokenizer",
    "distilbert": "DistilBertTokenizer",
    "electra": "ElectraTokenizer",
    "gpt2": "GPT2Tokenizer",
    "gpt_neox": "GPTNeoXTokenizer",
    "llama": "LlamaTokenizer",
    "mobilebert": "MobileBertTokenizer",
    "qwen2": "Qwen2Tokenizer",
    "roberta": "RobertaTokenizer",
    "mt5": "T5Tokenizer",
    "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "xlnet": "XLNetTokenizer",
}
# The vocabularies that AutoTokenizer looks for; which class reads one, the files beside it say.
_VOCABULARIES = ("vocab.txt", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model")


class PreTrainedTokenizerFast(PreTrainedTokenizerBase):
    """Any tokenizer with the calls of transformers.

    Args:
        tokenizer_object: a `fasttok.Tokenizer`; copied.
        tokenizer_file: the path of a tokenizer.json, in place of that.
        kwargs: as in `PreTrainedTokenizerBase`: the special tokens, `model_max_length`, `chat_template`, …

    Raises:
        ValueError: neither of the two is given. OSError: the file cannot be read.
        FormatError: it is damaged; the message has the path inside it.

    >>> from fasttok import Tokenizer, models
    >>> backend = Tokenizer(models.WordLevel({"<unk>": 0, "hi": 1}, unk_token="<unk>"))
    >>> PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>")("hi")
    {'input_ids': [1], 'attention_mask': [1]}

    Mirrors transformers 5.23's `TokenizersBackend`, which is its `PreTrainedTokenizerFast`.
    """

    def __init__(
        self,
        *,
        tokenizer_object: Tokenizer | None = None,
        tokenizer_file: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> None:
        if tokenizer_object is not None:
            if not isinstance(tokenizer_object, Tokenizer):
                found = type(tokenizer_object).__name__
                raise TypeError(f"tokenizer_object is {found}; expected fasttok.Tokenizer")
            tokenizer = kwargs.pop("_taken", None) or tokenizer_object._clone()
        elif tokenizer_file is not None:
            tokenizer = Tokenizer.from_file(tokenizer_file)
        else:
            raise ValueError(
                "Couldn't instantiate the backend tokenizer: give tokenizer_object= (a fasttok.Tokenizer) or "
                "tokenizer_file= (the path of a tokenizer.json), or load a folder with from_pretrained"
            )
        super().__init__(tokenizer, **kwargs)
        tokenizer.encode_special_tokens = self.split_special_tokens

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
        """The tokenizer.json in a folder, or on the hub, as it is written, with the settings beside it.

        Args:
            pretrained_model_name_or_path: a folder, a file, a bundled name or a hub id.
            The others as in `PreTrainedTokenizerBase.from_pretrained`.

        Raises:
            TypeError: no str or path. OSError: there is no tokenizer.json. FormatError: a damaged file.

        >>> import tempfile
        >>> from fasttok import Tokenizer, models
        >>> made = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"hi": 0})))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = made.save_pretrained(folder)
        ...     PreTrainedTokenizerFast.from_pretrained(folder)("hi")["input_ids"]
        [0]

        Mirrors transformers 5.23's `TokenizersBackend`.
        """
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
        return cls._from_files(found, name, is_local, local_files_only, kwargs)

    @classmethod
    def _from_files(
        cls,
        found: dict[str, str],
        name: str,
        is_local: bool,
        local_files_only: bool,
        given: dict[str, Any],
        named: type[PreTrainedTokenizerBase] | None = None,
    ) -> Self:
        path = found["tokenizer_file"]
        root = parse(Path(path).read_bytes(), path)
        if not isinstance(root.value, dict):
            raise FormatError(f"{path}: not a tokenizer.json (a JSON object)")
        tokenizer = Tokenizer._from_node(root)
        arguments, _ = init_arguments(found, cls.SPECIAL_TOKENS_ATTRIBUTES, given, as_written=root)
        if named is not None:
            defaults = {**_class_defaults(named, tokenizer), **_class_sides(named, tokenizer, found)}
            for key, value in defaults.items():
                if arguments.get(key) is None:
                    arguments[key] = value
        arguments.update(name_or_path=name, is_local=is_local, local_files_only=local_files_only)
        arguments["_from_files"] = arguments.keys() - given.keys()
        return cls(tokenizer_object=tokenizer, _taken=tokenizer, **arguments)


def _class_name(found: dict[str, str]) -> str | None:
    """What the files say that the class is."""
    if config := found.get("tokenizer_config_file"):
        name = read_json(config).get("tokenizer_class")
        if isinstance(name, str):
            return name.removesuffix("Fast")
    if config := found.get("model_config_file"):
        data = read_json(config)
        name = data.get("tokenizer_class") or _CLASSES.get(str(data.get("model_type")))
        if isinstance(name, str):
            return name.removesuffix("Fast")
    return None


def _names_a_class(found: dict[str, str]) -> bool:
    configs = (found.get("tokenizer_config_file"), found.get("model_config_file"))
    return any(config and isinstance(read_json(config).get("tokenizer_class"), str) for config in configs)


def _named_class(found: dict[str, str]) -> type[PreTrainedTokenizerBase] | None:
    named = getattr(fasttok, _class_name(found) or "", None)
    is_class = isinstance(named, type) and issubclass(named, PreTrainedTokenizerBase)
    return named if is_class and named is not PreTrainedTokenizerFast else None


def _class_defaults(named: type[PreTrainedTokenizerBase], tokenizer: Tokenizer) -> dict[str, Any]:
    """The columns of a class, and those of its special tokens that exist."""
    parameters = inspect.signature(named).parameters
    defaults: dict[str, Any] = {
        role: parameters[role].default
        for role in named.SPECIAL_TOKENS_ATTRIBUTES
        if role in parameters and isinstance(parameters[role].default, str)
    }
    defaults = {role: text for role, text in defaults.items() if tokenizer.token_to_id(text) is not None}
    further = [text for text in named.further_special_tokens if tokenizer.token_to_id(text) is not None]
    if further:
        defaults["additional_special_tokens"] = further
    return {**defaults, "model_input_names": list(named.model_input_names)}


def _class_sides(
    named: type[PreTrainedTokenizerBase], tokenizer: Tokenizer, found: dict[str, str]
) -> dict[str, str]:
    """Where a class pads and truncates, unless the tokenizer.json says it itself."""
    if named is fasttok.LlamaTokenizer and not _names_a_class(found):
        return {}  # a model_type of "llama" alone is the general class to transformers 5.23
    sides = {}
    if tokenizer.padding is None:
        sides["padding_side"] = named.padding_side
    if tokenizer.truncation is None:
        sides["truncation_side"] = named.truncation_side
    return sides


# transformers 5.23 has no class of these names; its AutoTokenizer takes them for the general one.
BloomTokenizer = BloomTokenizerFast = PreTrainedTokenizerFast


class AutoTokenizer:
    """Loads whatever tokenizer a folder or a hub repository holds; it has no objects of its own.

    >>> AutoTokenizer.from_pretrained("zh-en-wordpiece").tokenize("Hi 你好")
    ['Hi', '你', '好']

    Mirrors transformers 5.23's `AutoTokenizer` where it runs a tokenizer.json as written.
    """

    def __init__(self) -> NoReturn:
        raise OSError(
            "AutoTokenizer is designed to be instantiated using the "
            "`AutoTokenizer.from_pretrained(pretrained_model_name_or_path)` method."
        )

    @staticmethod
    def from_pretrained(
        pretrained_model_name_or_path: str | os.PathLike[str],
        *init_inputs: Any,
        subfolder: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
        revision: str | None = None,
        **kwargs: Any,
    ) -> PreTrainedTokenizerBase:
        """A `PreTrainedTokenizerFast` of the tokenizer.json; without one, the named class of the vocabulary.

        Args:
            pretrained_model_name_or_path: a folder, a file, a bundled name or a hub id.
            subfolder, cache_dir, force_download, local_files_only, token, revision: where it is looked for.
            kwargs: arguments of the class; `use_fast`, `config`, `trust_remote_code`, `code_revision` and
                `tokenizer_type` are accepted and not used: no code is ever loaded.

        Raises:
            OSError: nothing is found. ValueError: the class that the files name is not offered.
            FormatError: a damaged file.

        The special tokens are those of the files; where they name none, those that the class which they name
        has by default. So are the columns, and the sides of padding and truncation.
        """
        for name in ("use_fast", "config", "trust_remote_code", "code_revision", "tokenizer_type"):
            kwargs.pop(name, None)
        where: dict[str, Any] = {
            "cache_dir": cache_dir,
            "force_download": force_download,
            "local_files_only": local_files_only,
            "token": token,
            "revision": revision or "main",
        }
        path = check_path("pretrained_model_name_or_path", pretrained_model_name_or_path)
        found, is_local = find_files(
            path,
            {"tokenizer_file": TOKENIZER_FILE, **{name: name for name in _VOCABULARIES}},
            subfolder=subfolder or "",
            beside={"model_config_file": "config.json"},
            **where,
        )
        named = _named_class(found)
        if "tokenizer_file" in found:
            return PreTrainedTokenizerFast._from_files(found, path, is_local, local_files_only, kwargs, named)
        if named is None and (missing := _class_name(found)) is not None:
            raise ValueError(
                f"{path}: there is no tokenizer.json, and the class {missing} that its files name is not "
                "offered"
            )
        if named is None and "vocab.txt" not in found and "vocab_file" not in found:
            raise ValueError(
                f"{path}: there is no tokenizer.json, and no file says which class reads the vocabulary; "
                "name one: T5Tokenizer.from_pretrained(…), LlamaTokenizer.from_pretrained(…)"
            )
        chosen = named or fasttok.BertTokenizer
        return chosen.from_pretrained(path, *init_inputs, subfolder=subfolder, **where, **kwargs)

"""Writing a pretrained tokenizer: tokenizer_config.json, tokenizer.json and chat templates, as transformers
5.23."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fasttok.pretrained_files import CONFIG_FILE, TEMPLATE_FILE, TEMPLATE_FOLDER, TOKENIZER_FILE, plain_data
from fasttok.whole_file import write_text

if TYPE_CHECKING:
    from fasttok.pretrained import PreTrainedTokenizerBase

__all__ = ["save_tokenizer"]

# Settings that say where a tokenizer came from, or that other files hold.
_NOT_SAVED = (
    "add_bos_token",
    "add_eos_token",
    "added_tokens_decoder",
    "additional_special_tokens",
    "device_map",
    "files_loaded",
    "name_or_path",
    "slow_tokenizer_class",
    "special_tokens_map_file",
    "tokenizer_file",
)


def save_tokenizer(
    tokenizer: PreTrainedTokenizerBase,
    folder: str | os.PathLike[str],
    prefix: str | None,
    save_jinja_files: bool,
    with_vocabulary: bool,
) -> tuple[str, ...]:
    """Write the files of `tokenizer` into `folder` (made if need be), and return their paths.

    Raises:
        NotADirectoryError: `folder` is a file. OSError: a file cannot be written; the old one is whole then.
    """
    if os.path.isfile(folder):
        raise NotADirectoryError(f"Provided path ({folder}) should be a directory, not a file")
    os.makedirs(folder, exist_ok=True)
    begin = f"{prefix}-" if prefix else ""
    config = _config(tokenizer)
    templates = _save_templates(tokenizer.chat_template, Path(folder), begin, config, save_jinja_files)
    config_path = os.path.join(folder, begin + CONFIG_FILE)
    text = json.dumps(plain_data(config), indent=2, sort_keys=True, ensure_ascii=False)
    write_text(config_path, text + "\n")
    if tokenizer.model_kind == "SentencePiece":  # its pipeline is more than a tokenizer.json can say
        return (config_path, *templates, *tokenizer.save_vocabulary(folder, prefix))
    tokenizer_path = os.path.join(folder, begin + TOKENIZER_FILE)
    tokenizer.backend_tokenizer.save(tokenizer_path)
    vocabulary = tokenizer.save_vocabulary(folder, prefix) if with_vocabulary else ()
    return (config_path, *templates, tokenizer_path, *vocabulary)


def _config(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """The settings that the object was made with, those that are attributes with their present value."""
    config = copy.deepcopy(tokenizer.init_kwargs)
    for key in {*config, "model_max_length"}:
        if hasattr(tokenizer, key):
            config[key] = getattr(tokenizer, key)
    config.update(tokenizer.special_tokens_map)
    if tokenizer.extra_special_tokens:
        config["extra_special_tokens"] = tokenizer.extra_special_tokens
    if tokenizer.init_inputs:
        config["init_inputs"] = copy.deepcopy(tokenizer.init_inputs)
    for key in (*_NOT_SAVED, *tokenizer.vocab_files_names):
        config.pop(key, None)
    if tokenizer.model_kind == "SentencePiece":
        config["added_tokens_decoder"] = {
            str(index): {key: value for key, value in plain_data(token).items() if key != "__type"}
            for index, token in tokenizer.added_tokens_decoder.items()
        }
    config["tokenizer_class"] = type(tokenizer).__name__
    if tokenizer._processor_class is not None:
        config["processor_class"] = tokenizer._processor_class
    return config


def _save_templates(
    template: str | dict[str, str] | None, folder: Path, begin: str, config: dict[str, Any], as_files: bool
) -> list[str]:
    """Write chat templates as files, or put them into `config`; returns the paths written."""
    if template is None:
        return []
    config.pop("chat_template", None)
    if not as_files:
        named = isinstance(template, dict)
        config["chat_template"] = (
            [{"name": name, "template": text} for name, text in template.items()] if named else template  # type: ignore[union-attr]
        )
        return []
    named_templates = {"default": template} if isinstance(template, str) else template
    paths = []
    for name, text in named_templates.items():
        path = folder / (begin + TEMPLATE_FILE)
        if name != "default":
            path = folder / (begin + TEMPLATE_FOLDER) / f"{name}.jinja"
            if path.resolve().parent != (folder / (begin + TEMPLATE_FOLDER)).resolve():
                raise ValueError(f"Invalid chat template name: {name!r}")
            path.parent.mkdir(exist_ok=True)
        write_text(path, text)
        paths.append(str(path))
    return paths

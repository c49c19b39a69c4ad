"""A tokenizer by whatever names it: a bundled vocabulary, a folder, a file, or a repository on the hub."""

from __future__ import annotations

import os

from fasttok.bundled import bundled_names, bundled_vocab
from fasttok.tokenizer import Tokenizer

__all__ = ["tokenizer_named"]

_FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")


def tokenizer_named(name: str, *, cased: bool = False) -> Tokenizer:
    """The tokenizer that `name` stands for.

    Args:
        name: a path of a vocab.txt or tokenizer.json, a folder that holds one, a bundled name, or a hub id;
            the first that exists is taken. A folder's tokenizer.json is taken as written; its vocab.txt with
            the settings in tokenizer_config.json.
        cased: a vocab.txt that comes without settings is not lower-cased.

    Raises:
        OSError: there is no such thing, or it cannot be read. FormatError: a file is damaged.

    >>> tokenizer_named("zh-en-wordpiece").encode("Hi 你好").tokens
    ['[CLS]', 'Hi', '你', '好', '[SEP]']
    """
    if os.path.isfile(name):
        return _from_file(name, cased)
    if os.path.isdir(name):
        files = {file: os.path.join(name, file) for file in _FILES}
        files = {file: path for file, path in files.items() if os.path.isfile(path)}
        where = f"the folder {name}"
    elif name in bundled_names():
        return tokenizer_named(str(bundled_vocab(name)), cased=cased)
    else:
        files = _from_hub(name)
        where = f"the hub repository {name}"
    if "tokenizer.json" in files:
        return Tokenizer.from_file(files["tokenizer.json"])
    if "vocab.txt" not in files:
        raise OSError(f"{where} holds neither a tokenizer.json nor a vocab.txt")
    if "tokenizer_config.json" not in files:
        return _from_file(files["vocab.txt"], cased)
    from fasttok.presets import BertTokenizer

    folder = os.path.dirname(files["vocab.txt"])
    return BertTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer


def _from_file(path: str, cased: bool) -> Tokenizer:
    tokenizer = Tokenizer.from_file(path)
    if cased and not path.endswith(".json"):
        tokenizer.normalizer.lowercase = False
    return tokenizer


def _from_hub(name: str) -> dict[str, str]:
    looks_like_a_path = name.count("/") > 1 or name.startswith((".", "/", "~")) or "\\" in name
    if looks_like_a_path or name.endswith((".txt", ".json")):
        bundled = ", ".join(bundled_names())
        raise OSError(f"{name}: no such file or folder (bundled vocabularies: {bundled})")
    from fasttok.hub import fetch_files

    return fetch_files(name, _FILES)

"""The files of a pretrained tokenizer: where they are, what they say, and how they are written.

Reading mirrors `PreTrainedTokenizerBase.from_pretrained` of transformers 5.23 for a named class: the
vocabulary comes from tokenizer.json, else from vocab.txt; settings come from tokenizer_config.json; added
tokens from the config's `added_tokens_decoder`, else from special_tokens_map.json, added_tokens.json and
tokenizer.json together. The components in tokenizer.json (normalizer, …) are not looked at, its truncation
and padding are.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fasttok._core import is_plain_vocab
from fasttok.bundled import bundled_names, bundled_vocab
from fasttok.errors import FormatError
from fasttok.settings import read_padding, read_truncation
from fasttok.tokenizer import AddedToken
from fasttok.tokenizer_json import Node, refuse_surrogates

__all__ = ["find_files", "init_arguments", "plain_data", "read_json"]

CONFIG_FILE = "tokenizer_config.json"
TOKENIZER_FILE = "tokenizer.json"
TEMPLATE_FILE = "chat_template.jinja"
TEMPLATE_FOLDER = "additional_chat_templates"
_SIDE_FILES = {
    "added_tokens_file": "added_tokens.json",
    "special_tokens_map_file": "special_tokens_map.json",
    "tokenizer_config_file": CONFIG_FILE,
    "tokenizer_file": TOKENIZER_FILE,
    "chat_template_file": TEMPLATE_FILE,
}


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        OSError: the file cannot be read. FormatError: it is no JSON, or no object; with line and column.
    """
    try:
        content = Path(path).read_bytes()
        data = json.loads(content.decode())
        refuse_surrogates(Node(data, "", str(path)), content)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{path}: line {error.lineno} column {error.colno}: {error.msg}; the file is damaged or cut off"
        ) from None
    except RecursionError:
        raise FormatError(f"{path}: nested too deeply") from None
    except FormatError:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise FormatError(f"{path}: {error}") from None
    return _object(data, str(path))


def find_files(
    name_or_path: str | os.PathLike[str],
    vocab_files: dict[str, str],
    *,
    subfolder: str = "",
    beside: dict[str, str] | None = None,
    **hub_options: Any,
) -> tuple[dict[str, str], bool]:
    """The paths of the files that exist, by role ("vocab_file", "tokenizer_config_file", …), and whether it
    is local.

    Args:
        name_or_path: a folder, one vocabulary file, a bundled name, or a hub id; the first that exists is
        taken.
        vocab_files: file name by role, of the class; one of them must be there.
        beside: more files by role, which may be missing.
        hub_options: as in `fasttok.hub.fetch_files`.

    Raises:
        OSError: nothing is found; the message says where it was looked for.
    """
    name = os.fspath(name_or_path)
    if os.path.isfile(name):
        role = "tokenizer_file" if name.endswith(TOKENIZER_FILE) else "vocab_file"
        return {role: name}, False  # "local" means a folder, as in the reference
    names = {**vocab_files, **_SIDE_FILES, **(beside or {})}
    folder = Path(name)
    if not folder.is_dir():
        if name not in bundled_names():
            return _find_on_hub(name, names, vocab_files, subfolder, hub_options), False
        folder = bundled_vocab(name)
    folder = folder / subfolder
    found = {role: str(folder / file) for role, file in names.items() if (folder / file).is_file()}
    for template in sorted((folder / TEMPLATE_FOLDER).glob("*.jinja")):
        found[f"chat_template_{template.stem}"] = str(template)
    _require_vocabulary(found, vocab_files, f"the folder {folder}")
    return found, True


def _find_on_hub(
    name: str, names: dict[str, str], vocab_files: dict[str, str], subfolder: str, options: dict[str, Any]
) -> dict[str, str]:
    if name.count("/") > 1 or name.startswith((".", "/", "~")) or "\\" in name:
        raise OSError(f"{name!r} does not exist: there is no such file or folder{_bundled_hint()}")
    from fasttok.hub import fetch_files

    paths = fetch_files(name, names.values(), subfolder=subfolder, **options)
    found = {role: paths[file] for role, file in names.items() if file in paths}
    _require_vocabulary(found, vocab_files, f"the hub repository {name!r}")
    return found


def _require_vocabulary(found: dict[str, str], vocab_files: dict[str, str], where: str) -> None:
    if not any(role in found for role in vocab_files):
        raise OSError(
            f"{where} holds no vocabulary; expected one of: "
            f"{', '.join(vocab_files.values())}{_bundled_hint()}"
        )


def _bundled_hint() -> str:
    names = bundled_names()
    return f" (bundled vocabularies: {', '.join(names)})" if names else ""


def init_arguments(
    found: dict[str, str],
    roles: list[str],
    given: dict[str, Any],
    as_written: Node | None = None,
    *,
    model_kind: str = "WordPiece",
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The keyword arguments that a class is made with, from the files and from what the caller gave (which
    wins).

    Args:
        found: as from `find_files`.
        roles: the names of the special tokens with a role.
        given: the caller's keyword arguments.
        as_written: the tokenizer.json, where it is run as it is written; else only its vocabulary is taken.
        model_kind: of a "BPE" the merges are taken, too, of a "Unigram" the scores and the charsmap; both may
            keep the post-processor of tokenizer.json. A "SentencePiece" reads `vocab_file` itself.

    Returns:
        The keyword arguments, and the positional ones that the configuration keeps (`init_inputs`).

    Raises:
        FormatError: a damaged file, with the place inside it.
    """
    config_path = found.get("tokenizer_config_file")
    arguments = read_json(config_path) if config_path else {}
    arguments.pop("tokenizer_class", None)
    inputs = tuple(arguments.pop("init_inputs", ()))
    if "tokenizer_file" in found:
        arguments.pop("add_bos_token", None)
        arguments.pop("add_eos_token", None)
    templates = _chat_templates(found)
    if templates:
        arguments["chat_template"] = templates["default"] if list(templates) == ["default"] else templates
    arguments.update(given)
    if "additional_special_tokens" in arguments and not arguments.get("extra_special_tokens"):
        arguments["extra_special_tokens"] = arguments.pop("additional_special_tokens")
    specific = {
        key: arguments.pop(key)
        for key in list(arguments)
        if key.endswith("_token") and key not in roles and isinstance(arguments[key], str | AddedToken)
    }
    if isinstance(arguments.get("extra_special_tokens"), dict):
        specific.update(arguments.pop("extra_special_tokens"))
    if specific:
        arguments["model_specific_special_tokens"] = specific

    tokenizer_json: dict[str, Any] | None = None
    if as_written is not None:
        tokenizer_json = as_written.fields()
    elif "tokenizer_file" in found:
        tokenizer_json = read_json(found["tokenizer_file"])
    if "added_tokens_decoder" in arguments:
        items = _object(
            arguments["added_tokens_decoder"], f"{config_path or 'argument'}: added_tokens_decoder"
        ).items()
        added = {
            int(index): _added_token(token, f"{config_path}: added_tokens_decoder.{index}")
            for index, token in items
        }
    else:
        if "special_tokens_map_file" in found:
            _take_special_tokens_map(found["special_tokens_map_file"], arguments, given)
        added = _legacy_added_tokens(found.get("added_tokens_file"), arguments, roles)
        if tokenizer_json is not None:
            added.update(_json_added_tokens(tokenizer_json, found["tokenizer_file"]))
    arguments = _with_added_tokens(arguments)
    arguments["added_tokens_decoder"] = added
    by_text = {str(token): token for token in added.values()}
    for role in roles:
        if arguments.get(role) is not None:
            arguments[role] = by_text.get(str(arguments[role]), arguments[role])
    if as_written is not None:
        return arguments, inputs
    takes_file = model_kind == "SentencePiece"
    if tokenizer_json is not None and not takes_file:
        path = found["tokenizer_file"]
        root = Node(tokenizer_json, "", path)
        truncation, padding = root.get("truncation"), root.get("padding")
        arguments["json_truncation"] = None if truncation is None else read_truncation(truncation)
        arguments["json_padding"] = None if padding is None else read_padding(padding)
        if model_kind == "Unigram":
            arguments["vocab"] = _json_pieces(root)
            if (charsmap := _json_charsmap(root)) is not None:
                arguments["_spm_precompiled_charsmap"] = charsmap
        else:
            arguments["vocab"] = _json_vocabulary(tokenizer_json, path)
        if model_kind == "BPE":
            arguments["merges"] = _json_merges(root)
        if model_kind != "WordPiece":
            arguments["json_post_processor"] = root.get("post_processor")
    if "vocab_file" in found or "tokenizer_file" in found:
        arguments.setdefault("vocab_file", found.get("vocab_file"))
    if not takes_file and arguments.get("vocab") is None and arguments.get("vocab_file") is not None:
        arguments["vocab"] = arguments["vocab_file"]
    has_merges = "merges_file" in found or "merges_file" in arguments
    if model_kind == "BPE" and arguments.get("merges") is None and has_merges:
        arguments["merges"] = arguments.setdefault("merges_file", found.get("merges_file"))
    return arguments, inputs


def _chat_templates(found: dict[str, str]) -> dict[str, str]:
    named = {
        role.removeprefix("chat_template_"): path
        for role, path in found.items()
        if role.startswith("chat_template_")
    }
    default = named.pop("file", None)
    paths = {"default": default, **named} if default else named
    return {name: Path(path).read_text("utf-8") for name, path in paths.items()}


def _take_special_tokens_map(path: str, arguments: dict[str, Any], given: dict[str, Any]) -> None:
    """Merge special_tokens_map.json into the arguments; what the caller gave stays."""
    for key, value in read_json(path).items():
        if given.get(key):
            continue
        if key in ("extra_special_tokens", "additional_special_tokens") and isinstance(value, list):
            key = "extra_special_tokens"
            tokens = list(arguments.get(key) or [])
            for item in value:
                token = _added_token(item, f"{path}: {key}", special=True) if isinstance(item, dict) else item
                if token not in tokens:
                    tokens.append(token)
            arguments[key] = tokens
        elif isinstance(value, dict) and key != "extra_special_tokens":
            arguments[key] = _added_token(value, f"{path}: {key}", special=True)
        else:
            arguments[key] = value
    if isinstance(arguments.get("extra_special_tokens"), dict):
        arguments.setdefault("model_specific_special_tokens", {}).update(
            arguments.pop("extra_special_tokens")
        )


def _legacy_added_tokens(
    path: str | None, arguments: dict[str, Any], roles: Iterable[str]
) -> dict[int, AddedToken]:
    """The tokens of added_tokens.json (id by text); those with a role are special."""
    if path is None:
        return {}
    special = {str(arguments[role]) for role in roles if arguments.get(role)}
    special.update(str(token) for token in arguments.get("extra_special_tokens") or ())
    added = {}
    for text, index in read_json(path).items():
        if not isinstance(index, int):
            raise FormatError(f"{path}: {text!r}: expected an id (int), found {type(index).__name__}")
        added[index] = AddedToken(text, normalized=text not in special, special=text in special)
    return added


def _json_added_tokens(data: dict[str, Any], path: str) -> dict[int, AddedToken]:
    items = data.get("added_tokens") or []
    if not isinstance(items, list):
        raise FormatError(f"{path}: added_tokens: expected a list, found {type(items).__name__}")
    added = {}
    for position, item in enumerate(items):
        where = f"{path}: added_tokens[{position}]"
        fields = dict(_object(item, where))
        index = fields.pop("id", None)
        if not isinstance(index, int):
            raise FormatError(f"{where}.id: expected an int, found {type(index).__name__}")
        added[index] = _added_token(fields, where)
    return added


_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


def _added_token(data: Any, where: str, special: bool | None = None) -> AddedToken:
    """An AddedToken from its JSON object (or as it is)."""
    if isinstance(data, AddedToken):
        return data
    fields = _object(data, where)
    content = fields.get("content")
    if not isinstance(content, str):
        raise FormatError(f"{where}.content: expected a str, found {type(content).__name__}")
    flags: dict[str, bool] = {}
    for flag in _FLAGS:
        if flag in fields:
            if not isinstance(fields[flag], bool):
                raise FormatError(
                    f"{where}.{flag}: expected true or false, found {type(fields[flag]).__name__}"
                )
            flags[flag] = fields[flag]
    if special is not None:
        flags["special"] = special
    return AddedToken(content, **flags)


def _with_added_tokens(value: Any) -> Any:
    """`value` with each object of "__type" "AddedToken", at any depth, made one."""
    if isinstance(value, dict):
        if value.get("__type") == "AddedToken":
            return _added_token(value, f"{CONFIG_FILE}: AddedToken")
        return {key: _with_added_tokens(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_added_tokens(item) for item in value]
    return value


def plain_data(value: Any) -> Any:
    """The inverse of what reading does: AddedTokens, at any depth, as objects of "__type" "AddedToken"."""
    if isinstance(value, AddedToken):
        return {
            "content": value.content,
            **{flag: getattr(value, flag) for flag in _FLAGS},
            "__type": "AddedToken",
        }
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    return value


def _json_vocabulary(data: dict[str, Any], path: str) -> dict[str, int]:
    model = _object(data.get("model"), f"{path}: model")
    vocab = model.get("vocab")
    if isinstance(vocab, list):  # Unigram's [piece, score]: the reference takes the position as the id
        vocab = {
            item[0] if isinstance(item, list) and item else item: index for index, item in enumerate(vocab)
        }
    if not isinstance(vocab, dict):
        raise FormatError(f"{path}: model.vocab: expected an object, found {type(vocab).__name__}")
    if not is_plain_vocab(vocab):
        for token, index in vocab.items():
            if type(index) is not int or not 0 <= index < 2**32 or not isinstance(token, str):
                raise FormatError(
                    f"{path}: model.vocab[{token!r}]: expected an id in 0 ... 2**32 - 1, found {index!r}"
                )
    return vocab


def _json_pieces(root: Node) -> list[tuple[str, float]]:
    vocab = root["model"]["vocab"]
    if not isinstance(vocab.value, list):
        vocab.expected("a list of [piece, score]")
    pieces = []
    for position, item in enumerate(vocab.value):
        if type(item) is list and len(item) == 2 and type(item[0]) is str and type(item[1]) is float:
            pieces.append((item[0], item[1]))
            continue
        parts = list(vocab.child(position, item))
        if len(parts) != 2:
            vocab.child(position, item).expected("[piece, score]")
        pieces.append((parts[0].text(), parts[1].number()))
    return pieces


def _json_charsmap(root: Node) -> bytes | None:
    """The charsmap of the first Precompiled normalizer, that of a sequence included."""
    normalizer = root.get("normalizer")
    if normalizer is None:
        return None
    steps = [normalizer]
    if normalizer.fields().get("type") == "Sequence":
        steps = list(normalizer["normalizers"])
    for step in steps:
        if step.fields().get("type") == "Precompiled" and (charsmap := step.get("precompiled_charsmap")):
            try:
                return base64.b64decode(charsmap.text(), validate=True)
            except ValueError as error:
                charsmap.fail(f"not base64: {error}")
    return None


def _json_merges(root: Node) -> list[tuple[str, str]]:
    merges = root["model"].get("merges")
    if merges is None:
        return []
    if not isinstance(merges.value, list):
        merges.expected("a list")
    pairs = []
    for position, item in enumerate(merges.value):
        parts = item.split(" ") if isinstance(item, str) else item
        if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, str) for part in parts):
            merges.child(position, item).fail("expected two tokens")
        pairs.append((parts[0], parts[1]))
    return pairs


def _object(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise FormatError(
            f"{where}: expected an object, found {'null' if data is None else type(data).__name__}"
        )
    return data

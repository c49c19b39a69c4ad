"""Which encoding a model of OpenAI's uses, as `tiktoken.model`."""

from __future__ import annotations

from fasttok.tiktoken.core import Encoding
from fasttok.tiktoken.registry import get_encoding

__all__ = [
    "MODEL_PREFIX_TO_ENCODING",
    "MODEL_TO_ENCODING",
    "encoding_for_model",
    "encoding_name_for_model",
]

# Facts of tiktoken 0.14: each encoding with the names that begin so, and the whole names.
_PREFIXES = {
    "o200k_base": "o1- o3- o4-mini- gpt-5 gpt-4.5- gpt-4.1- chatgpt-4o- gpt-4o-",
    "cl100k_base": "gpt-4- gpt-3.5-turbo- gpt-35-turbo-",
    "o200k_harmony": "gpt-oss-",
}
_FINE_TUNED_PREFIXES = {
    "o200k_base": "ft:gpt-4o",
    "cl100k_base": "ft:gpt-4 ft:gpt-3.5-turbo ft:davinci-002 ft:babbage-002",
}
_NAMES = {
    "o200k_base": "o1 o3 o4-mini gpt-5 gpt-4.1 gpt-4o",
    "cl100k_base": (
        "gpt-4 gpt-3.5-turbo gpt-3.5 gpt-35-turbo davinci-002 babbage-002 text-embedding-ada-002 "
        "text-embedding-3-small text-embedding-3-large"
    ),
    "p50k_base": (
        "text-davinci-003 text-davinci-002 code-davinci-002 code-davinci-001 code-cushman-002 "
        "code-cushman-001 davinci-codex cushman-codex"
    ),
    "p50k_edit": "text-davinci-edit-001 code-davinci-edit-001",
    "r50k_base": (
        "text-davinci-001 text-curie-001 text-babbage-001 text-ada-001 davinci curie babbage ada "
        "text-similarity-davinci-001 text-similarity-curie-001 text-similarity-babbage-001 "
        "text-similarity-ada-001 text-search-davinci-doc-001 text-search-curie-doc-001 "
        "text-search-babbage-doc-001 text-search-ada-doc-001 code-search-babbage-code-001 "
        "code-search-ada-code-001"
    ),
    "gpt2": "gpt2 gpt-2",
}


def _by_name(*tables: dict[str, str]) -> dict[str, str]:
    return {name: encoding for table in tables for encoding, names in table.items() for name in names.split()}


MODEL_PREFIX_TO_ENCODING = _by_name(_PREFIXES, _FINE_TUNED_PREFIXES)
MODEL_TO_ENCODING = _by_name(_NAMES)


def encoding_name_for_model(model_name: str) -> str:
    """The name of the encoding that a model uses.

    Args:
        model_name: as "gpt-4o", or a name that begins as a known one does, as "gpt-4o-2024-05-13".

    Raises:
        KeyError: no known name.

    >>> encoding_name_for_model("gpt-4o-mini")
    'o200k_base'

    Mirrors `tiktoken.encoding_name_for_model`.
    """
    if (name := MODEL_TO_ENCODING.get(model_name)) is not None:
        return name
    for prefix, name in MODEL_PREFIX_TO_ENCODING.items():
        if model_name.startswith(prefix):
            return name
    raise KeyError(
        f"Could not automatically map {model_name} to a tokeniser. "
        "Please use `tiktoken.get_encoding` to explicitly get the tokeniser you expect."
    )


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding that a model uses: `get_encoding` of `encoding_name_for_model`.

    Raises:
        KeyError: no known model; else as `get_encoding`.

    Mirrors `tiktoken.encoding_for_model`.
    """
    return get_encoding(encoding_name_for_model(model_name))

"""What `fasttok info` says of a tokenizer."""

from __future__ import annotations

from typing import Any

import fasttok

__all__ = ["description", "lines_of"]


def description(name: str, tokenizer: fasttok.Tokenizer) -> dict[str, Any]:
    """The parts of a tokenizer as plain data.

    Args:
        name: what the user called it.
        tokenizer: the tokenizer.

    >>> from fasttok import Tokenizer, models
    >>> description("tiny", Tokenizer(models.WordPiece({"[UNK]": 0})))["vocabulary"]
    1
    """
    added = tokenizer.get_added_tokens_decoder()

    def text(component: object) -> str | None:
        return None if component is None else str(component)

    model = tokenizer.model
    settings = ", ".join(f"{k}={v!r}" for k, v in model._fields().items() if k not in ("vocab", "merges"))
    return {
        "name": name,
        "normalizer": text(tokenizer.normalizer),
        "pre_tokenizer": text(tokenizer.pre_tokenizer),
        "model": f"{type(model).__name__}({settings})",
        "post_processor": text(tokenizer.post_processor),
        "decoder": text(tokenizer.decoder),
        "truncation": tokenizer.truncation,
        "padding": tokenizer.padding,
        "vocabulary": tokenizer.get_vocab_size(),
        "special_tokens": {token.content: id for id, token in added.items() if token.special},
        "added_tokens": {token.content: id for id, token in added.items() if not token.special},
        "engine": tokenizer.engine,
        "isa": fasttok.isa(),
        "threads": fasttok.get_num_threads(),
        "fingerprint": tokenizer.fingerprint(),
    }


def lines_of(about: dict[str, Any]) -> list[str]:
    """`about`, as a person reads it."""
    shown = []
    for key, value in about.items():
        if isinstance(value, dict):
            value = ", ".join(f"{k} {v}" for k, v in value.items())
        elif type(value) is int:
            value = f"{value:,}"
        shown.append(f"{key.replace('_', ' '):15} {'none' if value in (None, '') else value}")
    return shown

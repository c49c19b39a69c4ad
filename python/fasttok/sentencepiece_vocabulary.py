"""A SentencePiece `.model` as the vocabulary of a class of transformers' kind: pieces, merges, rules.

The pieces, the charsmap and the symbols are taken out of the file and go into a pipeline of the class, which
follows `tokenizers`; the file's own normalizer and scores of symbols are not used. That is what transformers
5.23 does (`SentencePieceExtractor`); `fasttok.sentencepiece` and `Tokenizer.from_file` run the file itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fasttok._core import sentencepiece_parts
from fasttok.added_token import AddedToken
from fasttok.errors import FormatError

__all__ = ["merges_of", "model_arguments"]

_CONTROL, _USER_DEFINED = 3, 4


def model_arguments(path: str | os.PathLike[str], *, with_merges: bool) -> dict[str, Any]:
    """The keyword arguments that a class gets from a model file.

    Args:
        path: of the `.model`.
        with_merges: the class is a BPE: `vocab` is a dict from piece to id, `merges` comes with it; else
            `vocab` is a list of (piece, score), and `unk_id` comes with it.

    Raises:
        OSError: the file cannot be read. FormatError: it is no SentencePiece model, or damaged.
    """
    name = os.fspath(path)
    pieces, _, unk_id, charsmap = sentencepiece_parts(Path(path).read_bytes(), name)
    if not pieces:  # as bytes of another format may be read
        raise FormatError(f"{name}: there are no pieces; the file is damaged or no SentencePiece model")
    arguments: dict[str, Any] = {}
    if with_merges:
        vocab = {piece: id for id, (piece, _, _) in enumerate(pieces)}
        arguments["vocab"] = vocab
        arguments["merges"] = merges_of(vocab)
    else:
        arguments["unk_id"] = unk_id
        arguments["vocab"] = [(piece, score) for piece, score, _ in pieces]
    arguments["additional_special_tokens"] = [
        AddedToken(piece, normalized=False, special=kind == _CONTROL)
        for piece, _, kind in pieces
        if kind in (_CONTROL, _USER_DEFINED)
    ]
    arguments["_spm_precompiled_charsmap"] = charsmap or None
    return arguments


def merges_of(vocab: dict[str, int]) -> list[tuple[str, str]]:
    """Every way to make a token of two others: by the token's id, then the shorter left part first.

    >>> merges_of({"a": 0, "b": 1, "ab": 2, "aab": 3})
    [('a', 'b'), ('a', 'ab')]

    Mirrors `generate_merges` of transformers 5.23.
    """
    # Of one token, each left part has its own length: no further order is needed.
    return [
        (token[:cut], token[cut:])
        for token, _ in sorted(vocab.items(), key=lambda item: item[1])
        for cut in range(1, len(token))
        if token[:cut] in vocab and token[cut:] in vocab
    ]

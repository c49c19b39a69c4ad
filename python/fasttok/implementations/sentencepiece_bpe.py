"""SentencePiece's BPE, from a vocabulary and merges."""

from __future__ import annotations

from typing import Any

from fasttok import decoders, models, normalizers, pre_tokenizers
from fasttok.added_token import AddedToken
from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.tokenizer import Tokenizer

__all__ = ["SentencePieceBPETokenizer"]


class SentencePieceBPETokenizer(BaseTokenizer):
    """BPE on text whose spaces are a character of their own.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        merges: pairs of tokens, or the path of a merges.txt; without both the model is empty.
        unk_token: what stands for unknown characters.
        replacement: the character for a space.
        add_prefix_space: whether a space is put before each word at the beginning of a text.
        dropout, fuse_unk: as in `models.BPE`.

    >>> tokenizer = SentencePieceBPETokenizer({"▁": 0, "h": 1, "i": 2, "hi": 3}, [("h", "i")])
    >>> tokenizer.encode("hi").tokens
    ['▁', 'hi']

    Mirrors `tokenizers.SentencePieceBPETokenizer`.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        unk_token: str | AddedToken = "<unk>",
        replacement: str = "▁",
        add_prefix_space: bool = True,
        dropout: float | None = None,
        fuse_unk: bool | None = False,
    ) -> None:
        if vocab is None or merges is None:
            vocab = merges = None
        model = models.BPE(vocab, merges, dropout=dropout, unk_token=str(unk_token), fuse_unk=fuse_unk)
        tokenizer = Tokenizer(model)
        parameters = {
            "model": "SentencePieceBPE",
            "unk_token": unk_token,
            "replacement": replacement,
            "add_prefix_space": add_prefix_space,
            "dropout": dropout,
        }
        super().__init__(tokenizer, parameters)
        self._add_known(unk_token)
        scheme = "always" if add_prefix_space else "never"
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=replacement, prepend_scheme=scheme)
        tokenizer.decoder = decoders.Metaspace(replacement=replacement, prepend_scheme=scheme)

    @staticmethod
    def from_file(vocab_filename: str, merges_filename: str, **kwargs: Any) -> SentencePieceBPETokenizer:
        """The tokenizer of a vocab.json and a merges.txt; `kwargs` are the other arguments of the class."""
        return SentencePieceBPETokenizer(*models.BPE.read_file(vocab_filename, merges_filename), **kwargs)

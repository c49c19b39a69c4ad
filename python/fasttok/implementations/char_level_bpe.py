"""The BPE of Sennrich and of the first GPT, from a vocabulary and merges."""

from __future__ import annotations

from typing import Any

from fasttok import decoders, models, normalizers, pre_tokenizers
from fasttok.added_token import AddedToken
from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.tokenizer import Tokenizer

__all__ = ["CharBPETokenizer"]


class CharBPETokenizer(BaseTokenizer):
    """BPE on the characters of words, the last one of a word marked.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        merges: pairs of tokens, or the path of a merges.txt; without both the model is empty.
        unk_token: what stands for unknown characters.
        suffix: what the last piece of a word ends with.
        dropout: as in `models.BPE`.
        lowercase: whether the text is lower-cased.
        unicode_normalizer: "nfc", "nfd", "nfkc", "nfkd" or None.
        bert_normalizer: whether BERT's normalizer cleans the text.
        split_on_whitespace_only: whether punctuation stays with its word.

    >>> tokenizer = CharBPETokenizer({"h": 0, "i</w>": 1, "hi</w>": 2}, [("h", "i</w>")])
    >>> tokenizer.decode(tokenizer.encode("hi hi").ids)
    'hi hi'

    Mirrors `tokenizers.CharBPETokenizer`.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        unk_token: str | AddedToken = "<unk>",
        suffix: str = "</w>",
        dropout: float | None = None,
        lowercase: bool = False,
        unicode_normalizer: str | None = None,
        bert_normalizer: bool = True,
        split_on_whitespace_only: bool = False,
    ) -> None:
        if vocab is None or merges is None:
            vocab = merges = None
        model = models.BPE(
            vocab, merges, dropout=dropout, unk_token=str(unk_token), end_of_word_suffix=suffix
        )
        tokenizer = Tokenizer(model)
        parameters = {
            "model": "BPE",
            "unk_token": unk_token,
            "suffix": suffix,
            "dropout": dropout,
            "lowercase": lowercase,
            "unicode_normalizer": unicode_normalizer,
            "bert_normalizer": bert_normalizer,
            "split_on_whitespace_only": split_on_whitespace_only,
        }
        super().__init__(tokenizer, parameters)
        self._add_known(unk_token)
        steps: list[Any] = []
        if unicode_normalizer:
            steps.append(normalizers.unicode_normalizer_from_str(unicode_normalizer))
        if bert_normalizer:
            steps.append(normalizers.BertNormalizer(lowercase=False))
        if lowercase:
            steps.append(normalizers.Lowercase())
        if steps:
            tokenizer.normalizer = steps[0] if len(steps) == 1 else normalizers.Sequence(steps)
        if split_on_whitespace_only:
            tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        else:
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.BPEDecoder(suffix=suffix)

    @staticmethod
    def from_file(vocab_filename: str, merges_filename: str, **kwargs: Any) -> CharBPETokenizer:
        """The tokenizer of a vocab.json and a merges.txt; `kwargs` are the other arguments of the class."""
        return CharBPETokenizer(*models.BPE.read_file(vocab_filename, merges_filename), **kwargs)

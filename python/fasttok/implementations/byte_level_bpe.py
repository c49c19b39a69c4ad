"""GPT-2's tokenizer, from a vocabulary and merges."""

from __future__ import annotations

from typing import Any

from fasttok import decoders, models, normalizers, pre_tokenizers, processors
from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.tokenizer import Tokenizer

__all__ = ["ByteLevelBPETokenizer"]


class ByteLevelBPETokenizer(BaseTokenizer):
    """BPE on bytes, as GPT-2 has it.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        merges: pairs of tokens, or the path of a merges.txt; without both the model is empty.
        add_prefix_space: whether a space is put before the text.
        lowercase: whether the text is lower-cased.
        dropout, continuing_subword_prefix, end_of_word_suffix: as in `models.BPE`.
        unicode_normalizer: "nfc", "nfd", "nfkc", "nfkd" or None.
        trim_offsets: whether offsets leave out the spaces around tokens.

    >>> tokenizer = ByteLevelBPETokenizer({"h": 0, "i": 1, "hi": 2, "Ġ": 3}, [("h", "i")])
    >>> tokenizer.encode("hi hi").tokens
    ['hi', 'Ġ', 'hi']

    Mirrors `tokenizers.ByteLevelBPETokenizer`.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        add_prefix_space: bool = False,
        lowercase: bool = False,
        dropout: float | None = None,
        unicode_normalizer: str | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        trim_offsets: bool = False,
    ) -> None:
        model = models.BPE()
        if vocab is not None and merges is not None:
            model = models.BPE(
                vocab,
                merges,
                dropout=dropout,
                continuing_subword_prefix=continuing_subword_prefix or "",
                end_of_word_suffix=end_of_word_suffix or "",
            )
        tokenizer = Tokenizer(model)
        steps: list[Any] = []
        if unicode_normalizer:
            steps.append(normalizers.unicode_normalizer_from_str(unicode_normalizer))
        if lowercase:
            steps.append(normalizers.Lowercase())
        if steps:
            tokenizer.normalizer = steps[0] if len(steps) == 1 else normalizers.Sequence(steps)
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
        parameters = {
            "model": "ByteLevelBPE",
            "add_prefix_space": add_prefix_space,
            "lowercase": lowercase,
            "dropout": dropout,
            "unicode_normalizer": unicode_normalizer,
            "continuing_subword_prefix": continuing_subword_prefix,
            "end_of_word_suffix": end_of_word_suffix,
            "trim_offsets": trim_offsets,
        }
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_file(vocab_filename: str, merges_filename: str, **kwargs: Any) -> ByteLevelBPETokenizer:
        """The tokenizer of a vocab.json and a merges.txt; `kwargs` are the other arguments of the class."""
        return ByteLevelBPETokenizer(*models.BPE.read_file(vocab_filename, merges_filename), **kwargs)

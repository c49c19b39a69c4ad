"""The calls that turn ids into text, and single tokens into ids and back.

Mirrors `decode`, `batch_decode` and the `convert_…` methods of transformers 5.23.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index as as_index
from typing import Any

import numpy as np

from fasttok.batch_encoding import BatchEncoding
from fasttok.bpe import BPE
from fasttok.caller_warning import warn_unknown
from fasttok.padding import as_python
from fasttok.special_tokens import SpecialTokens

__all__ = ["DecodingCalls"]


class DecodingCalls(SpecialTokens):
    """The calls that decode; a base of `PreTrainedTokenizerBase`."""

    clean_up_tokenization_spaces: bool
    clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: bool

    def decode(self, token_ids: Any, skip_special_tokens: bool = False, **kwargs: Any) -> Any:
        """The text of ids, or the texts of rows of ids.

        Args:
            token_ids: an id, a row of ids, or rows of ids: lists, arrays, tensors, or columns with
            "input_ids". skip_special_tokens: leave special tokens out.
            kwargs: `clean_up_tokenization_spaces` (None is the attribute of that name), `cjk_spacing` (False
                puts no spaces between Han characters).

        Returns:
            str, or list of str for rows. Ids that no token has are left out.

        Raises:
            OverflowError: a negative id.

        >>> from fasttok.presets import BertTokenizer
        >>> tokenizer = BertTokenizer()
        >>> tokenizer.decode([2, 4, 3]), tokenizer.decode([[2, 4, 3]], skip_special_tokens=True)
        ('[CLS] [MASK] [SEP]', [''])
        """
        clean_up = kwargs.pop("clean_up_tokenization_spaces", None)
        options = {"cjk_spacing": kwargs.pop("cjk_spacing")} if "cjk_spacing" in kwargs else {}
        kwargs.pop("use_source_tokenizer", None)
        warn_unknown(kwargs)
        if isinstance(token_ids, dict | BatchEncoding):
            token_ids = token_ids["input_ids"]
        ids = as_python(token_ids)
        if clean_up is None:
            clean_up = self.clean_up_tokenization_spaces
        if isinstance(self._tokenizer.model, BPE):  # as the reference, which warns that BPE keeps its spaces
            clean_up = (
                clean_up and self.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output
            )
        if isinstance(ids, list) and ids and isinstance(ids[0], list):
            texts = self._tokenizer.decode_batch(ids, skip_special_tokens=skip_special_tokens, **options)
            texts = [self._finished(text) for text in texts]
            return [self.clean_up_tokenization(text) for text in texts] if clean_up else texts
        if not isinstance(ids, list):
            ids = [ids]
        text = self._finished(self._tokenizer.decode(ids, skip_special_tokens=skip_special_tokens, **options))
        return self.clean_up_tokenization(text) if clean_up else text

    def _finished(self, text: str) -> str:
        """What a class of its own makes of the backend's text."""
        return text

    def batch_decode(
        self,
        sequences: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """The texts of rows of ids: `decode`, with a list of str whatever is given.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().batch_decode([[2, 3], [4]])
        ['[CLS] [SEP]', '[MASK]']
        """
        if isinstance(sequences, list | tuple) and not sequences:
            return []
        texts = self.decode(
            sequences,
            skip_special_tokens,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            **kwargs,
        )
        return [texts] if isinstance(texts, str) else list(texts)

    @staticmethod
    def clean_up_tokenization(text: str) -> str:
        """`text` without the spaces that decoding leaves before English punctuation and contractions.

        >>> DecodingCalls.clean_up_tokenization("do n't , please .")
        "don't, please."
        """
        for mark in (".", "?", "!", ","):
            text = text.replace(f" {mark}", mark)
        text = text.replace(" ' ", "'")
        for ending in ("n't", "'m", "'s", "'ve", "'re"):
            text = text.replace(f" {ending}", ending)
        return text

    def convert_tokens_to_ids(self, tokens: str | Sequence[str]) -> Any:
        """The id of a token, or the ids of tokens; that of `unk_token` for a token that does not exist.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().convert_tokens_to_ids(["[CLS]", "nowhere"])
        [2, 1]
        """
        if isinstance(tokens, str):
            return self._token_id(tokens)
        return [self._token_id(token) for token in tokens]

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """The token of an id, or the tokens of ids; None for an id that no token has.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().convert_ids_to_tokens([2, 4], skip_special_tokens=False)
        ['[CLS]', '[MASK]']
        """
        if not np.iterable(ids):
            return self._tokenizer.id_to_token(as_index(ids))
        skip = set(self.all_special_ids) if skip_special_tokens else ()
        return [self._tokenizer.id_to_token(index) for index in map(int, ids) if index not in skip]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Tokens joined to a text by the decoder.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().convert_tokens_to_string(["hug", "##ging"])
        'hugging'
        """
        decoder = self._tokenizer.decoder
        return " ".join(tokens) if decoder is None else decoder.decode(tokens)

"""`PinyinSyllableTokenizer`: pinyin as the input of a model."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from fasttok import models, pre_tokenizers, processors
from fasttok.bundled import bundled_vocab
from fasttok.errors import InputError
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.tokenizer import AddedToken, Tokenizer

__all__ = ["PinyinSyllableTokenizer"]


class PinyinSyllableTokenizer(PreTrainedTokenizerBase):
    """A tokenizer whose tokens are the syllables of pinyin, each with its tone where one is written.

    Args:
        vocab: path of a vocab.txt, dict from token to id, or None for the bundled one: five special tokens,
            then each syllable without tone and with the tones 1 to 5 ("lü", "lü1", …). A syllable whose tone
            the vocabulary lacks gets the id of the one without tone.
        unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken; those that the vocabulary
            lacks are added to it.
        kwargs: as in `PreTrainedTokenizerBase`.

    Raises:
        OSError: the file cannot be read. FormatError: it is not UTF-8. InputError: a wrong type.

    >>> tokenizer = PinyinSyllableTokenizer.from_pretrained("pinyin")
    >>> encoded = tokenizer("Ni3hao xi'an!", return_offsets_mapping=True)
    >>> encoded.tokens()
    ['[CLS]', 'ni3', 'hao', 'xi', 'an', '[UNK]', '[SEP]']
    >>> encoded["offset_mapping"][1:4]
    [(0, 3), (3, 6), (7, 9)]
    >>> tokenizer.decode(encoded["input_ids"], skip_special_tokens=True)
    'ni3 hao xi an'

    The text is divided as by `fasttok.pinyin.segment`; separators are no tokens, a stretch of what is
    foreign is one unknown token. Has no upstream; called as transformers' tokenizers are. Its tokenizer.json
    has a pre-tokenizer of fasttok's own, which other libraries cannot read.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "vocab.txt",
        "tokenizer_file": "tokenizer.json",
    }
    model_input_names: list[str] = ["input_ids", "token_type_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: str | os.PathLike[str] | dict[str, int] | None = None,
        unk_token: str | AddedToken = "[UNK]",
        sep_token: str | AddedToken = "[SEP]",
        pad_token: str | AddedToken = "[PAD]",
        cls_token: str | AddedToken = "[CLS]",
        mask_token: str | AddedToken = "[MASK]",
        **kwargs: Any,
    ) -> None:
        if vocab is None:
            vocab = kwargs.get("vocab_file")
        if vocab is None:
            vocab = bundled_vocab("pinyin") / "vocab.txt"
        elif not isinstance(vocab, str | os.PathLike | dict):
            raise InputError(
                f"vocab is {type(vocab).__name__}; expected a path, a dict from token to id, or None"
            )
        model = models.WordPiece(
            vocab if isinstance(vocab, dict) else os.fspath(vocab), unk_token=str(unk_token)
        )
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.PinyinSyllables()
        super().__init__(
            tokenizer,
            unk_token=unk_token,
            sep_token=sep_token,
            pad_token=pad_token,
            cls_token=cls_token,
            mask_token=mask_token,
            **kwargs,
        )
        begin, end = str(self.cls_token), str(self.sep_token)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin}:0 $A:0 {end}:0",
            pair=f"{begin}:0 $A:0 {end}:0 $B:1 {end}:1",
            special_tokens=[(token, self._token_id(token) or 0) for token in (begin, end)],
        )

"""The ready-made tokenizers by their models' names: small classes over `PreTrainedTokenizerBase`.

Each equals the class of its name in transformers 5.23: a folder's files give the vocabulary, the class gives
the pipeline. `…Fast` and plain names are the same class.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

from fasttok import decoders, models, normalizers, pre_tokenizers, processors
from fasttok.errors import FormatError, InputError
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.tokenizer import AddedToken, Tokenizer

__all__ = [
    "BertTokenizer",
    "BertTokenizerFast",
    "DistilBertTokenizer",
    "DistilBertTokenizerFast",
    "ElectraTokenizer",
    "ElectraTokenizerFast",
    "MobileBertTokenizer",
    "MobileBertTokenizerFast",
]


class BertTokenizer(PreTrainedTokenizerBase):
    """BERT's WordPiece tokenizer: `[CLS] a [SEP]` for a text, `[CLS] a [SEP] b [SEP]` for a pair.

    Args:
        vocab: path of a vocab.txt (one token a line), dict from token to id, or None for the five special
        tokens.
        do_lower_case: lower-case the text, and strip accents unless `strip_accents` says otherwise.
        unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken; those that the vocabulary
            lacks are added to it.
        tokenize_chinese_chars: each Chinese character is a word.
        strip_accents: None follows `do_lower_case`.
        kwargs: as in `PreTrainedTokenizerBase`; v4's `vocab_file` (path) is the same as `vocab`.

    Raises:
        OSError: the file cannot be read. FormatError: it is empty or not UTF-8.
        InputError: `vocab` is neither path, dict nor None.

    >>> vocab = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hello": 5, "中": 6, "##s": 7}
    >>> tokenizer = BertTokenizer(vocab)
    >>> tokenizer("Hellos, 中")["input_ids"]
    [2, 5, 7, 1, 6, 3]
    >>> tokenizer.decode([5, 7])
    'hellos'

    Mirrors transformers 5.23's BertTokenizer. Departure: `BertTokenizer(vocab_file=path)` reads the file;
    5.23 leaves it unread and returns a tokenizer of five tokens.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "vocab.txt",
        "tokenizer_file": "tokenizer.json",
    }
    model_input_names: list[str] = ["input_ids", "token_type_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: str | os.PathLike[str] | dict[str, int] | None = None,
        do_lower_case: bool = True,
        unk_token: str | AddedToken = "[UNK]",
        sep_token: str | AddedToken = "[SEP]",
        pad_token: str | AddedToken = "[PAD]",
        cls_token: str | AddedToken = "[CLS]",
        mask_token: str | AddedToken = "[MASK]",
        tokenize_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.do_lower_case = do_lower_case
        self.tokenize_chinese_chars = tokenize_chinese_chars
        self.strip_accents = strip_accents
        if vocab is None:
            vocab = kwargs.get("vocab_file")
        if vocab is None:
            five = (pad_token, unk_token, cls_token, sep_token, mask_token)
            vocab = {str(token): index for index, token in enumerate(five)}
        elif not isinstance(vocab, str | os.PathLike | dict):
            raise InputError(
                f"vocab is {type(vocab).__name__}; expected a path, a dict from token to id, or None"
            )
        model = models.WordPiece(
            vocab if isinstance(vocab, dict) else os.fspath(vocab), unk_token=str(unk_token)
        )
        tokenizer = Tokenizer(model)
        if not isinstance(vocab, dict) and tokenizer.get_vocab_size() < 2 and not any(tokenizer.get_vocab()):
            raise FormatError(f"{os.fspath(vocab)}: the vocabulary is empty; expected one token a line")
        tokenizer.normalizer = normalizers.BertNormalizer(
            clean_text=True,
            handle_chinese_chars=tokenize_chinese_chars,
            strip_accents=strip_accents,
            lowercase=do_lower_case,
        )
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece(prefix="##")
        super().__init__(
            tokenizer,
            do_lower_case=do_lower_case,
            unk_token=unk_token,
            sep_token=sep_token,
            pad_token=pad_token,
            cls_token=cls_token,
            mask_token=mask_token,
            tokenize_chinese_chars=tokenize_chinese_chars,
            strip_accents=strip_accents,
            **kwargs,
        )
        cls_id, sep_id = self.cls_token_id, self.sep_token_id
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{self.cls_token}:0 $A:0 {self.sep_token}:0",
            pair=f"{self.cls_token}:0 $A:0 {self.sep_token}:0 $B:1 {self.sep_token}:1",
            special_tokens=[
                (str(self.cls_token), 2 if cls_id is None else cls_id),
                (str(self.sep_token), 3 if sep_id is None else sep_id),
            ],
        )

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """`[CLS] 0 [SEP]`, or `[CLS] 0 [SEP] 1 [SEP]`, in ids (v4's call).

        Args:
            token_ids_0, token_ids_1: ids without special tokens.

        >>> BertTokenizer().build_inputs_with_special_tokens([4], [4, 4])
        [2, 4, 3, 4, 4, 3]
        """
        cls_id, sep_id = self.cls_token_id, self.sep_token_id
        if cls_id is None or sep_id is None:
            raise ValueError("cls_token or sep_token is not set, or not in the vocabulary")
        second = [] if token_ids_1 is None else [*token_ids_1, sep_id]
        return [cls_id, *token_ids_0, sep_id, *second]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """0 for `[CLS] 0 [SEP]` and 1 for `1 [SEP]` (v4's call).

        Args:
            token_ids_0, token_ids_1: ids without special tokens.

        >>> BertTokenizer().create_token_type_ids_from_sequences([4], [4, 4])
        [0, 0, 0, 1, 1, 1]
        """
        second = [] if token_ids_1 is None else [1] * (len(token_ids_1) + 1)
        return [0] * (len(token_ids_0) + 2) + second


class DistilBertTokenizer(BertTokenizer):
    """BertTokenizer without `token_type_ids` in what a call returns, which DistilBERT does not take.

    >>> list(DistilBertTokenizer()("[MASK]"))
    ['input_ids', 'attention_mask']

    Mirrors transformers 5.23's DistilBertTokenizer.
    """

    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012


BertTokenizerFast = BertTokenizer
DistilBertTokenizerFast = DistilBertTokenizer
ElectraTokenizer = BertTokenizer
ElectraTokenizerFast = BertTokenizer
MobileBertTokenizer = BertTokenizer
MobileBertTokenizerFast = BertTokenizer

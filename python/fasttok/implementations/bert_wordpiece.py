"""BERT's tokenizer, from a vocabulary."""

from __future__ import annotations

from typing import Any

from fasttok import decoders, models, normalizers, pre_tokenizers, processors
from fasttok.added_token import AddedToken
from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.tokenizer import Tokenizer

__all__ = ["BertWordPieceTokenizer"]


class BertWordPieceTokenizer(BaseTokenizer):
    """WordPiece with BERT's normalizer, pre-tokenizer and special tokens.

    Args:
        vocab: token -> id, or the path of a vocab.txt; None is an empty vocabulary, without a post-processor.
        unk_token, sep_token, cls_token, pad_token, mask_token: made special where the vocabulary has them.
        clean_text, handle_chinese_chars, strip_accents, lowercase: as in `normalizers.BertNormalizer`.
        wordpieces_prefix: what the decoder drops inside words.

    Raises:
        TypeError: the vocabulary lacks the separator or the token at the beginning.

    >>> tokenizer = BertWordPieceTokenizer({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "hi": 3})
    >>> tokenizer.encode("Hi").tokens
    ['[CLS]', 'hi', '[SEP]']

    Mirrors `tokenizers.BertWordPieceTokenizer`.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        unk_token: str | AddedToken = "[UNK]",
        sep_token: str | AddedToken = "[SEP]",
        cls_token: str | AddedToken = "[CLS]",
        pad_token: str | AddedToken = "[PAD]",
        mask_token: str | AddedToken = "[MASK]",
        clean_text: bool = True,
        handle_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        lowercase: bool = True,
        wordpieces_prefix: str = "##",
    ) -> None:
        tokenizer = Tokenizer(models.WordPiece(vocab, unk_token=str(unk_token)))
        parameters = {
            "model": "BertWordPiece",
            "unk_token": unk_token,
            "sep_token": sep_token,
            "cls_token": cls_token,
            "pad_token": pad_token,
            "mask_token": mask_token,
            "clean_text": clean_text,
            "handle_chinese_chars": handle_chinese_chars,
            "strip_accents": strip_accents,
            "lowercase": lowercase,
            "wordpieces_prefix": wordpieces_prefix,
        }
        super().__init__(tokenizer, parameters)
        self._add_known(unk_token, sep_token, cls_token, pad_token, mask_token)
        tokenizer.normalizer = normalizers.BertNormalizer(
            clean_text, handle_chinese_chars, strip_accents, lowercase
        )
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        if vocab is not None:
            pairs = []
            for name, token in (("sep_token", str(sep_token)), ("cls_token", str(cls_token))):
                if (id := tokenizer.token_to_id(token)) is None:
                    raise TypeError(f"{name} not found in the vocabulary")
                pairs.append((token, id))
            tokenizer.post_processor = processors.BertProcessing(*pairs)
        tokenizer.decoder = decoders.WordPiece(prefix=wordpieces_prefix)

    @staticmethod
    def from_file(vocab: str, **kwargs: Any) -> BertWordPieceTokenizer:
        """The tokenizer of a vocab.txt; `kwargs` are the other arguments of the class."""
        return BertWordPieceTokenizer(models.WordPiece.read_file(vocab), **kwargs)

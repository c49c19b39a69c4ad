"""The ready-made byte-level BPE tokenizers by their models' names: small classes over
`PreTrainedTokenizerBase`.

Each equals the class of its name in transformers 5.23: a folder's files give vocabulary and merges, the class
gives the pipeline, but for the post-processor of a tokenizer.json, which GPT-2's and Qwen's classes keep.
`…Fast` and plain names are the same class.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from fasttok import Regex, decoders, models, normalizers, pre_tokenizers, processors
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.tokenizer import AddedToken, Tokenizer

__all__ = [
    "CLIPTokenizer",
    "CLIPTokenizerFast",
    "GPT2Tokenizer",
    "GPT2TokenizerFast",
    "GPTNeoXTokenizer",
    "GPTNeoXTokenizerFast",
    "Qwen2Tokenizer",
    "Qwen2TokenizerFast",
    "RobertaTokenizer",
    "RobertaTokenizerFast",
]

Vocab = str | os.PathLike[str] | dict[str, int] | None
Merges = str | os.PathLike[str] | Sequence[tuple[str, str]] | None

_CLIP_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_QWEN_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _backend(
    vocab: Vocab, merges: Merges, without: dict[str, int], kwargs: dict[str, Any], **settings: Any
) -> Tokenizer:
    """The pipeline's beginning: its model, and its decoder. `without`: the vocabulary where none is given."""
    if vocab is None:
        vocab = kwargs.get("vocab_file")
    if not merges:
        merges = kwargs.get("merges_file") or []
    if isinstance(vocab, str | os.PathLike) and isinstance(merges, str | os.PathLike):
        vocab, merges = models.BPE.read_file(os.fspath(vocab), os.fspath(merges))
    if vocab is None:
        vocab = without
    settings = {"continuing_subword_prefix": "", "end_of_word_suffix": "", **settings}
    tokenizer = Tokenizer(models.BPE(vocab, merges, fuse_unk=False, **settings))  # type: ignore[arg-type]
    tokenizer.decoder = decoders.ByteLevel()
    if (written := kwargs.get("json_post_processor")) is not None:
        tokenizer.post_processor = processors.SECTION.read(written)
    return tokenizer


class _ByteLevelTokenizer(PreTrainedTokenizerBase):
    model_kind: ClassVar[str] = "BPE"
    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "vocab.json",
        "merges_file": "merges.txt",
        "tokenizer_file": "tokenizer.json",
    }

    def _around(
        self, last: str | AddedToken, first: str | AddedToken, trim_offsets: bool, add_prefix_space: bool
    ) -> processors.RobertaProcessing:
        ends = [(str(token), self._token_id(str(token)) or 0) for token in (last, first)]
        return processors.RobertaProcessing(ends[0], ends[1], trim_offsets, add_prefix_space)


class GPT2Tokenizer(_ByteLevelTokenizer):
    """GPT-2's byte-level BPE tokenizer; it adds no special tokens to a text.

    Args:
        vocab: path of a vocab.json, dict from token to id, or None for none.
        merges: path of a merges.txt, list of pairs of tokens, or None for none; a path where `vocab` is one.
        errors: accepted for compatibility.
        unk_token, bos_token, eos_token, pad_token: str or AddedToken; those that the vocabulary lacks are
            added to it.
        add_prefix_space: a text begins with a space.
        kwargs: as in `PreTrainedTokenizerBase`; v4's `vocab_file` and `merges_file` (paths) are the same as
            `vocab` and `merges`.

    Raises:
        OSError: a file cannot be read. FormatError: it is damaged. ValueError: only one of `vocab` and
        `merges` is a path.

    >>> tokenizer = GPT2Tokenizer({"a": 0, "b": 1, "ab": 2, "Ġ": 3}, [("a", "b")])
    >>> tokenizer("ab ab")["input_ids"]
    [2, 3, 2]

    Mirrors transformers 5.23's GPT2Tokenizer. Departure: `vocab_file` and `merges_file` are read; 5.23 leaves
    them unread and returns a tokenizer without a vocabulary.
    """

    def __init__(
        self,
        vocab: Vocab = None,
        merges: Merges = None,
        errors: str = "replace",
        unk_token: str | AddedToken = "<|endoftext|>",
        bos_token: str | AddedToken = "<|endoftext|>",
        eos_token: str | AddedToken = "<|endoftext|>",
        pad_token: str | AddedToken | None = None,
        add_prefix_space: bool = False,
        **kwargs: Any,
    ) -> None:
        tokenizer = _backend(vocab, merges, {}, kwargs)
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
        super().__init__(
            tokenizer,
            errors=errors,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            pad_token=pad_token,
            add_prefix_space=add_prefix_space,
            **kwargs,
        )


class RobertaTokenizer(_ByteLevelTokenizer):
    """RoBERTa's byte-level BPE tokenizer: `<s> a </s>` for a text, `<s> a </s></s> b </s>` for a pair.

    Args:
        vocab, merges, errors: as in `GPT2Tokenizer`; without a vocabulary there are the five special tokens.
        bos_token, eos_token, sep_token, cls_token, unk_token, pad_token, mask_token: str or AddedToken; those
            that the vocabulary lacks are added to it.
        add_prefix_space: a text begins with a space.
        trim_offsets: offsets leave out the space before a word.
        kwargs: as in `GPT2Tokenizer`.

    Raises as `GPT2Tokenizer`.

    >>> RobertaTokenizer()("<mask>")["input_ids"]
    [2, 4, 3]

    Mirrors transformers 5.23's RobertaTokenizer.
    """

    def __init__(
        self,
        vocab: Vocab = None,
        merges: Merges = None,
        errors: str = "replace",
        bos_token: str | AddedToken = "<s>",
        eos_token: str | AddedToken = "</s>",
        sep_token: str | AddedToken = "</s>",
        cls_token: str | AddedToken = "<s>",
        unk_token: str | AddedToken = "<unk>",
        pad_token: str | AddedToken = "<pad>",
        mask_token: str | AddedToken = "<mask>",
        add_prefix_space: bool = False,
        trim_offsets: bool = True,
        **kwargs: Any,
    ) -> None:
        self.trim_offsets = trim_offsets
        five = (pad_token, unk_token, cls_token, sep_token, mask_token)
        tokenizer = _backend(vocab, merges, {str(token): i for i, token in enumerate(five)}, kwargs)
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
        super().__init__(
            tokenizer,
            errors=errors,
            bos_token=bos_token,
            eos_token=eos_token,
            sep_token=sep_token,
            cls_token=cls_token,
            unk_token=unk_token,
            pad_token=pad_token,
            mask_token=mask_token,
            add_prefix_space=add_prefix_space,
            trim_offsets=trim_offsets,
            **kwargs,
        )
        tokenizer.post_processor = self._around(sep_token, cls_token, trim_offsets, add_prefix_space)


class Qwen2Tokenizer(_ByteLevelTokenizer):
    """Qwen's byte-level BPE tokenizer (NFC, digits one by one); it adds no special tokens to a text.

    Args:
        vocab, merges: as in `GPT2Tokenizer`; without a vocabulary there is "<|endoftext|>".
        unk_token, bos_token, eos_token, pad_token: str or AddedToken; those that the vocabulary lacks are
            added to it.
        add_prefix_space: a text begins with a space; None = False.
        kwargs: as in `GPT2Tokenizer`.

    Raises as `GPT2Tokenizer`.

    >>> tokenizer = Qwen2Tokenizer({"1": 0, "2": 1, "12": 2}, [("1", "2")])
    >>> tokenizer("12<|endoftext|>")["input_ids"]
    [0, 1, 3]

    Mirrors transformers 5.23's Qwen2Tokenizer.
    """

    def __init__(
        self,
        vocab: Vocab = None,
        merges: Merges = None,
        unk_token: str | AddedToken = "<|endoftext|>",
        bos_token: str | AddedToken | None = None,
        eos_token: str | AddedToken = "<|endoftext|>",
        pad_token: str | AddedToken = "<|endoftext|>",
        add_prefix_space: bool | None = None,
        **kwargs: Any,
    ) -> None:
        tokenizer = _backend(vocab, merges, {"<|endoftext|>": 0}, kwargs)
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_QWEN_WORDS), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=bool(add_prefix_space), use_regex=False),
            ]
        )
        super().__init__(
            tokenizer,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            pad_token=pad_token,
            add_prefix_space=add_prefix_space,
            **kwargs,
        )
        self.add_tokens([AddedToken(token, special=True) for token in self.all_special_tokens])


class CLIPTokenizer(_ByteLevelTokenizer):
    """CLIP's byte-level BPE tokenizer (lower case): `<|startoftext|> a <|endoftext|>` for a text.

    Args:
        vocab, merges: as in `GPT2Tokenizer`; without a vocabulary there are the special tokens. Tokens that
            end a word end with "</w>".
        unk_token, bos_token, eos_token, pad_token: str or AddedToken; those that the vocabulary lacks are
            added to it.
        kwargs: as in `GPT2Tokenizer`.

    Raises as `GPT2Tokenizer`.

    >>> tokenizer = CLIPTokenizer({"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "b": 3})
    >>> tokenizer("A a")["input_ids"], tokenizer.decode([0, 2, 2, 1], skip_special_tokens=True)
    ([0, 2, 2, 1], 'a a')

    Mirrors transformers 5.23's CLIPTokenizer. Departure: that one also changes what
    `backend_tokenizer.decode` returns; here only its own `decode` and `batch_decode` put spaces for "</w>".
    """

    def __init__(
        self,
        vocab: Vocab = None,
        merges: Merges = None,
        unk_token: str | AddedToken = "<|endoftext|>",
        bos_token: str | AddedToken = "<|startoftext|>",
        eos_token: str | AddedToken = "<|endoftext|>",
        pad_token: str | AddedToken = "<|endoftext|>",
        **kwargs: Any,
    ) -> None:
        three = (bos_token, eos_token, pad_token)
        tokenizer = _backend(
            vocab,
            merges,
            {str(token): i for i, token in enumerate(three)},
            kwargs,
            end_of_word_suffix="</w>",
            unk_token=str(unk_token),
        )
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_CLIP_WORDS), "removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
        super().__init__(
            tokenizer,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            pad_token=pad_token,
            **kwargs,
        )
        tokenizer.post_processor = self._around(eos_token, bos_token, False, False)

    def _finished(self, text: str) -> str:
        return text.replace("</w>", " ").strip()


class GPTNeoXTokenizer(_ByteLevelTokenizer):
    """GPT-NeoX's byte-level BPE tokenizer (NFC); it adds `bos_token` and `eos_token` where told to.

    Args:
        vocab, merges, errors: as in `GPT2Tokenizer`; without a vocabulary there are the special tokens.
        unk_token, bos_token, eos_token, pad_token: str or AddedToken; those that the vocabulary lacks are
            added to it.
        add_prefix_space: a text begins with a space.
        trim_offsets: kept for saving; a call's offsets follow the post-processor, which does not trim.
        kwargs: as in `GPT2Tokenizer`, among them `add_bos_token` and `add_eos_token`.

    Raises as `GPT2Tokenizer`.

    >>> GPTNeoXTokenizer(add_bos_token=True)("<|padding|>")["input_ids"]
    [0, 1]

    Mirrors transformers 5.23's GPTNeoXTokenizer.
    """

    def __init__(
        self,
        vocab: Vocab = None,
        merges: Merges = None,
        errors: str = "replace",
        unk_token: str | AddedToken = "<|endoftext|>",
        bos_token: str | AddedToken = "<|endoftext|>",
        eos_token: str | AddedToken = "<|endoftext|>",
        pad_token: str | AddedToken = "<|padding|>",
        add_prefix_space: bool = False,
        trim_offsets: bool = True,
        **kwargs: Any,
    ) -> None:
        self.trim_offsets = trim_offsets
        tokenizer = _backend(vocab, merges, {str(unk_token): 0, str(pad_token): 1}, kwargs)
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(
            add_prefix_space=add_prefix_space, trim_offsets=trim_offsets
        )
        super().__init__(
            tokenizer,
            errors=errors,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            pad_token=pad_token,
            add_prefix_space=add_prefix_space,
            trim_offsets=trim_offsets,
            **kwargs,
        )
        self.update_post_processor()


GPT2TokenizerFast = GPT2Tokenizer
RobertaTokenizerFast = RobertaTokenizer
Qwen2TokenizerFast = Qwen2Tokenizer
CLIPTokenizerFast = CLIPTokenizer
GPTNeoXTokenizerFast = GPTNeoXTokenizer

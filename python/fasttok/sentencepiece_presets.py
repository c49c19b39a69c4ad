"""The ready-made tokenizers over SentencePiece vocabularies: T5, XLNet, ALBERT, XLM-RoBERTa, Llama.

Each equals the class of its name in transformers 5.23, which takes pieces and charsmap from a `.model` (or a
tokenizer.json) and runs them as `tokenizers` does; `docs/sentencepiece.md` says where that differs from
sentencepiece. `…Fast` and plain names are the same class.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from fasttok import decoders, models, normalizers, pre_tokenizers, processors
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.sentencepiece_vocabulary import model_arguments
from fasttok.tokenizer import AddedToken, Tokenizer
from fasttok.whole_file import write_bytes

__all__ = [
    "AlbertTokenizer",
    "AlbertTokenizerFast",
    "LlamaTokenizer",
    "LlamaTokenizerFast",
    "T5Tokenizer",
    "T5TokenizerFast",
    "XLMRobertaTokenizer",
    "XLMRobertaTokenizerFast",
    "XLNetTokenizer",
    "XLNetTokenizerFast",
]

Pieces = Sequence[tuple[str, float]]
Vocab = str | os.PathLike[str] | Pieces | None
_SPACE = "▁"


class _SentencePieceTokenizer(PreTrainedTokenizerBase):
    model_kind: ClassVar[str] = "Unigram"
    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "spiece.model",
        "tokenizer_file": "tokenizer.json",
    }

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """Whether the tokenizer came from a `.model` file, which is still there."""
        return os.path.isfile(getattr(self, "vocab_file", ""))

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Copy the `.model` file into an existing folder, under the name that the class looks for.

        Args:
            save_directory: an existing folder.
            filename_prefix: put before the name, with "-" between.

        Raises:
            OSError: the folder does not exist or cannot be written to.
            ValueError: the tokenizer does not come from a `.model` file, or that is gone.

        Mirrors transformers v4. (5.23 names the copy "tokenizer.model", whatever the class.)
        """
        if not os.path.isdir(save_directory):
            raise NotADirectoryError(f"Vocabulary path ({save_directory}) should be a directory")
        if not self.can_save_slow_tokenizer:
            raise ValueError(
                "the tokenizer does not come from a .model file that is still there: save_pretrained writes "
                "tokenizer.json, which holds the vocabulary"
            )
        name = self.vocab_files_names["vocab_file"]
        path = os.path.join(save_directory, f"{filename_prefix}-{name}" if filename_prefix else name)
        if not os.path.exists(path) or not os.path.samefile(self.vocab_file, path):
            write_bytes(path, Path(self.vocab_file).read_bytes())
        return (path,)

    @staticmethod
    def _metaspace(tokenizer: Tokenizer, prepend_scheme: str) -> None:
        """Words that begin with U+2581, and back."""
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.WhitespaceSplit(),
                pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme=prepend_scheme),
            ]
        )
        tokenizer.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme=prepend_scheme)


def _model_file(vocab: Any, kwargs: dict[str, Any]) -> str | os.PathLike[str] | None:
    """The `.model` that the vocabulary is to be read from; None where it is given as it is, or not at all."""
    path = kwargs.get("vocab_file") if vocab is None else vocab
    return path if isinstance(path, str | os.PathLike) else None


def _unigram(vocab: Pieces, unk_id: int, kwargs: dict[str, Any]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(list(vocab), unk_id=unk_id, byte_fallback=False))
    if (written := kwargs.get("json_post_processor")) is not None:
        tokenizer.post_processor = processors.SECTION.read(written)
    return tokenizer


def _xlnet_normalizer(strip_accents: bool, lowercase: bool, charsmap: bytes | None) -> normalizers.Sequence:
    """What XLNet and ALBERT do to a text."""
    steps: list[normalizers.Normalizer] = [
        normalizers.Replace("``", '"'),
        normalizers.Replace("''", '"'),
    ]
    if strip_accents:
        steps += [normalizers.NFKD(), normalizers.StripAccents()]
    if lowercase:
        steps.append(normalizers.Lowercase())
    if charsmap is not None:
        steps.append(normalizers.Precompiled(charsmap))
    return normalizers.Sequence(steps)


class T5Tokenizer(_SentencePieceTokenizer):
    """T5's Unigram tokenizer: `a </s>` for a text, `a </s> b </s>` for a pair.

    Args:
        vocab: path of a spiece.model, list of (piece, score), or None for the special tokens and "▁". A file
            gets `<extra_id_99>` to `<extra_id_0>` behind its pieces.
        eos_token, unk_token, pad_token: str or AddedToken; those that the vocabulary lacks are added to it.
        extra_ids: how many sentinels `<extra_id_0>`, … are special tokens.
        additional_special_tokens: further special tokens; where sentinels are among them, all must be.
        kwargs: as in `PreTrainedTokenizerBase`; v4's `vocab_file` (path) is the same as `vocab`.

    Raises:
        OSError: the file cannot be read. FormatError: it is no SentencePiece model, or damaged.
        TypeError: `vocab` is something else. ValueError: `extra_ids` is not the number of sentinels given.
        Exception: there are less than three pieces (the unknown one has the id 2).

    >>> tokenizer = T5Tokenizer([("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁hi", -1.0)], extra_ids=2)
    >>> tokenizer("hi <extra_id_1>")["input_ids"]
    [3, 5, 1]

    Mirrors transformers 5.23's T5Tokenizer. Departure: `vocab_file` is read; 5.23 leaves it unread and
    returns a tokenizer of the special tokens.
    """

    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: Vocab = None,
        eos_token: str | AddedToken = "</s>",
        unk_token: str | AddedToken = "<unk>",
        pad_token: str | AddedToken = "<pad>",
        _spm_precompiled_charsmap: bytes | None = None,
        extra_ids: int = 100,
        additional_special_tokens: Sequence[str | AddedToken] | None = None,
        **kwargs: Any,
    ) -> None:
        self._extra_ids = extra_ids
        sentinels = [f"<extra_id_{i}>" for i in range(extra_ids)]
        if (path := _model_file(vocab, kwargs)) is not None:
            made = model_arguments(path, with_merges=False)
            vocab = [*made["vocab"], *((token, 0.0) for token in reversed(sentinels))]
            additional_special_tokens = made["additional_special_tokens"]
            _spm_precompiled_charsmap = made["_spm_precompiled_charsmap"]
            kwargs.update(unk_id=made["unk_id"], vocab_file=path)
        tokens: list[str | AddedToken] = list(additional_special_tokens or ())
        given = sum("<extra_id_" in str(token) for token in tokens)
        if given == 0:
            tokens += sentinels
        elif extra_ids > 0 and extra_ids != given:
            raise ValueError(
                f"Both extra_ids ({extra_ids}) and additional_special_tokens ({tokens}) are provided to "
                "T5Tokenizer. In this case the additional_special_tokens must include the extra_ids tokens"
            )
        if vocab is None:
            vocab = [(str(token), 0.0) for token in (pad_token, eos_token, unk_token)]
            vocab += [(_SPACE, -2.0), *((token, 0.0) for token in reversed(sentinels))]
        tokenizer = _unigram(vocab, 2, kwargs)  # type: ignore[arg-type]
        if _spm_precompiled_charsmap is not None:
            tokenizer.normalizer = normalizers.Precompiled(_spm_precompiled_charsmap)
        self._metaspace(tokenizer, "always")
        super().__init__(
            tokenizer,
            eos_token=eos_token,
            unk_token=unk_token,
            pad_token=pad_token,
            extra_ids=extra_ids,
            additional_special_tokens=tokens,
            **kwargs,
        )
        tokenizer.post_processor = processors.TemplateProcessing(
            single=["$A", "</s>"],
            pair=["$A", "</s>", "$B", "</s>"],
            special_tokens=[("</s>", self.eos_token_id or 0)],
        )

    def get_sentinel_tokens(self) -> list[str]:
        """Those of the extra special tokens that read `<extra_id_…>`, each once.

        >>> T5Tokenizer(extra_ids=2).get_sentinel_tokens()
        ['<extra_id_0>', '<extra_id_1>']

        Mirrors transformers v4, but for its order, which is left to chance. (5.23's raises AttributeError.)
        """
        found = (token for token in self.extra_special_tokens if re.search(r"<extra_id_\d+>", token))
        return list(dict.fromkeys(found))

    def get_sentinel_token_ids(self) -> list[int | None]:
        """The ids of `get_sentinel_tokens()`.

        >>> T5Tokenizer(extra_ids=2).get_sentinel_token_ids()
        [5, 4]
        """
        return [self._token_id(token) for token in self.get_sentinel_tokens()]


class XLNetTokenizer(_SentencePieceTokenizer):
    """XLNet's Unigram tokenizer: `a <sep> <cls>` for a text, `a <sep> b <sep> <cls>` for a pair; pads left.

    Args:
        vocab: path of a spiece.model, list of (piece, score), or None for the unknown token alone.
        unk_id: the id of the unknown piece.
        do_lower_case: lower-case the text.
        remove_space, keep_accents: kept for saving; the text is always stripped of accents.
        bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken; those
            that the vocabulary lacks are added to it.
        additional_special_tokens: further special tokens; None: `<eop>` and `<eod>`.
        kwargs: as in `T5Tokenizer`.

    Raises as `T5Tokenizer`.

    >>> tokenizer = XLNetTokenizer([("<unk>", 0.0), ("▁hi", -1.0), ("<sep>", 0.0), ("<cls>", 0.0)])
    >>> tokenizer("Hí", "hi")["input_ids"], tokenizer.padding_side
    ([0, 2, 1, 2, 3], 'left')

    Mirrors transformers 5.23's XLNetTokenizer. Departure: as `T5Tokenizer`.
    """

    padding_side: str = "left"
    further_special_tokens: ClassVar[tuple[str, ...]] = ("<eop>", "<eod>")

    def __init__(
        self,
        vocab: Vocab = None,
        unk_id: int = 0,
        do_lower_case: bool = False,
        remove_space: bool = True,
        keep_accents: bool = False,
        bos_token: str | AddedToken = "<s>",
        eos_token: str | AddedToken = "</s>",
        unk_token: str | AddedToken = "<unk>",
        sep_token: str | AddedToken = "<sep>",
        pad_token: str | AddedToken = "<pad>",
        cls_token: str | AddedToken = "<cls>",
        mask_token: str | AddedToken = "<mask>",
        _spm_precompiled_charsmap: bytes | None = None,
        additional_special_tokens: Sequence[str | AddedToken] | None = None,
        **kwargs: Any,
    ) -> None:
        self.do_lower_case = do_lower_case
        self.remove_space = remove_space
        self.keep_accents = keep_accents
        if (path := _model_file(vocab, kwargs)) is not None:
            made = model_arguments(path, with_merges=False)
            vocab, unk_id = made["vocab"], made["unk_id"]
            additional_special_tokens = made["additional_special_tokens"]
            _spm_precompiled_charsmap = made["_spm_precompiled_charsmap"]
            kwargs["vocab_file"] = path
        if vocab is None:
            vocab = [(str(unk_token), 0.0)]
        if additional_special_tokens is None:
            additional_special_tokens = self.further_special_tokens
        tokenizer = _unigram(vocab, unk_id, kwargs)  # type: ignore[arg-type]
        tokenizer.normalizer = _xlnet_normalizer(True, do_lower_case, _spm_precompiled_charsmap)
        self._metaspace(tokenizer, "always")
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, rstrip=False)
        super().__init__(
            tokenizer,
            unk_id=unk_id,
            do_lower_case=do_lower_case,
            remove_space=remove_space,
            keep_accents=keep_accents,
            bos_token=bos_token,
            eos_token=eos_token,
            unk_token=unk_token,
            sep_token=sep_token,
            pad_token=pad_token,
            cls_token=cls_token,
            mask_token=mask_token,
            additional_special_tokens=additional_special_tokens,
            **kwargs,
        )
        sep, cls = str(self.sep_token), str(self.cls_token)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"$A:0 {sep}:0 {cls}:2",
            pair=f"$A:0 {sep}:0 $B:1 {sep}:1 {cls}:2",
            special_tokens=[(sep, self.sep_token_id or 0), (cls, self.cls_token_id or 0)],
        )


class AlbertTokenizer(_SentencePieceTokenizer):
    """ALBERT's Unigram tokenizer: `[CLS] a [SEP]` for a text, `[CLS] a [SEP] b [SEP]` for a pair.

    Args:
        vocab: path of a spiece.model, list of (piece, score), or None for the special tokens. The unknown
            piece has the id 1.
        do_lower_case: lower-case the text.
        keep_accents: leave the accents of letters.
        bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken; those
            that the vocabulary lacks are added to it.
        add_prefix_space: a word at the beginning of a text is like any other.
        trim_offsets: kept for saving.
        kwargs: as in `T5Tokenizer`.

    Raises as `T5Tokenizer`; TypeError where the vocabulary lacks `cls_token` or `sep_token`.

    >>> AlbertTokenizer()("[MASK]")["input_ids"]
    [2, 4, 3]

    Mirrors transformers 5.23's AlbertTokenizer. Departure: as `T5Tokenizer`.
    """

    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: Vocab = None,
        do_lower_case: bool = True,
        keep_accents: bool = False,
        bos_token: str | AddedToken = "[CLS]",
        eos_token: str | AddedToken = "[SEP]",
        unk_token: str | AddedToken = "<unk>",
        sep_token: str | AddedToken = "[SEP]",
        pad_token: str | AddedToken = "<pad>",
        cls_token: str | AddedToken = "[CLS]",
        mask_token: str | AddedToken = "[MASK]",
        _spm_precompiled_charsmap: bytes | None = None,
        add_prefix_space: bool = True,
        trim_offsets: bool = True,
        **kwargs: Any,
    ) -> None:
        self.trim_offsets = trim_offsets
        self.do_lower_case = do_lower_case
        self.keep_accents = keep_accents
        if (path := _model_file(vocab, kwargs)) is not None:
            made = model_arguments(path, with_merges=False)
            vocab = made["vocab"]
            _spm_precompiled_charsmap = made["_spm_precompiled_charsmap"]
            kwargs.update(
                unk_id=made["unk_id"],
                additional_special_tokens=made["additional_special_tokens"],
                vocab_file=path,
            )
        if vocab is None:
            five = (pad_token, unk_token, cls_token, sep_token, mask_token)
            vocab = [(str(token), 0.0) for token in five]
        tokenizer = _unigram(vocab, 1, kwargs)  # type: ignore[arg-type]
        tokenizer.normalizer = _xlnet_normalizer(not keep_accents, do_lower_case, _spm_precompiled_charsmap)
        self._metaspace(tokenizer, "always" if add_prefix_space else "never")
        cls_id, sep_id = (tokenizer.token_to_id(str(token)) for token in (cls_token, sep_token))
        if cls_id is None or sep_id is None:
            raise TypeError(f"vocab lacks cls_token ({cls_token}) or sep_token ({sep_token})")
        if tokenizer.post_processor is None:
            tokenizer.post_processor = processors.TemplateProcessing(
                single="[CLS]:0 $A:0 [SEP]:0",
                pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
                special_tokens=[("[CLS]", cls_id), ("[SEP]", sep_id)],
            )
        super().__init__(
            tokenizer,
            do_lower_case=do_lower_case,
            keep_accents=keep_accents,
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


class XLMRobertaTokenizer(_SentencePieceTokenizer):
    """XLM-RoBERTa's Unigram tokenizer: `<s> a </s>` for a text, `<s> a </s></s> b </s>` for a pair.

    Args:
        vocab: path of a sentencepiece.bpe.model, list of (piece, score), or None for the special tokens. The
            first three pieces of a file give way to `bos_token`, `pad_token`, `eos_token` and `unk_token`,
            and `mask_token` comes behind the last. The unknown piece has the id 3.
        add_prefix_space: a word at the beginning of a text is like any other.
        bos_token, eos_token, sep_token, cls_token, unk_token, pad_token, mask_token: str or AddedToken; those
            that the vocabulary lacks are added to it.
        kwargs: as in `T5Tokenizer`.

    Raises as `T5Tokenizer`.

    >>> XLMRobertaTokenizer()("<mask>")["input_ids"]
    [0, 4, 2]

    Mirrors transformers 5.23's XLMRobertaTokenizer. Departure: as `T5Tokenizer`.
    """

    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "sentencepiece.bpe.model",
        "tokenizer_file": "tokenizer.json",
    }
    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: Vocab = None,
        add_prefix_space: bool = True,
        bos_token: str | AddedToken = "<s>",
        eos_token: str | AddedToken = "</s>",
        sep_token: str | AddedToken = "</s>",
        cls_token: str | AddedToken = "<s>",
        unk_token: str | AddedToken = "<unk>",
        pad_token: str | AddedToken = "<pad>",
        mask_token: str | AddedToken = "<mask>",
        _spm_precompiled_charsmap: bytes | None = None,
        **kwargs: Any,
    ) -> None:
        first = [(str(token), 0.0) for token in (bos_token, pad_token, eos_token, unk_token)]
        last = (str(mask_token), 0.0)
        if (path := _model_file(vocab, kwargs)) is not None:
            made = model_arguments(path, with_merges=False)
            vocab = [*first, *made["vocab"][3:], last]
            _spm_precompiled_charsmap = made["_spm_precompiled_charsmap"]
            kwargs.update(
                unk_id=made["unk_id"],
                additional_special_tokens=made["additional_special_tokens"],
                vocab_file=path,
            )
        if vocab is None:
            vocab = [*first, last]
        tokenizer = _unigram(vocab, 3, kwargs)  # type: ignore[arg-type]
        if _spm_precompiled_charsmap is not None:
            tokenizer.normalizer = normalizers.Precompiled(_spm_precompiled_charsmap)
        self._metaspace(tokenizer, "always" if add_prefix_space else "never")
        super().__init__(
            tokenizer,
            bos_token=bos_token,
            eos_token=eos_token,
            sep_token=sep_token,
            cls_token=cls_token,
            unk_token=unk_token,
            pad_token=pad_token,
            mask_token=mask_token,
            add_prefix_space=add_prefix_space,
            **kwargs,
        )
        bos, eos = str(bos_token), str(eos_token)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=[bos, "$A", eos],
            pair=[bos, "$A", eos, eos, "$B", eos],
            special_tokens=[(bos, self.bos_token_id or 0), (eos, self.eos_token_id or 0)],
        )


class LlamaTokenizer(_SentencePieceTokenizer):
    """Llama's BPE tokenizer with byte fallback (Llama 1 and 2, Mistral); it pads left, and adds special
    tokens only where told to.

    Args:
        vocab: path of a tokenizer.model or of a vocab.json, dict from token to id, or None for the special
            tokens.
        merges: list of pairs of tokens, or None for none; the path of a merges.txt where `vocab` is one of a
            vocab.json. A tokenizer.model brings its merges.
        clean_up_tokenization_spaces: default of `decode`.
        unk_token, bos_token, eos_token: str or AddedToken; those that the vocabulary lacks are added to it.
        use_default_system_prompt: kept for saving.
        legacy: put a space before every part of a text between added tokens, not before the first alone.
        add_prefix_space: a text begins with a space; None = True.
        kwargs: as in `T5Tokenizer`, among them `add_bos_token` and `add_eos_token`.

    Raises as `T5Tokenizer`.

    >>> tokenizer = LlamaTokenizer({"<unk>": 0, "<s>": 1, "</s>": 2, "▁": 3, "a": 4, "▁a": 5}, [("▁", "a")])
    >>> tokenizer("a a<s>a")["input_ids"], tokenizer.decode([5, 5])
    ([5, 5, 1, 4], 'a a')

    Mirrors transformers 5.23's LlamaTokenizer. Departure: as `T5Tokenizer`; and a tokenizer.model with ranks
    (Llama 3's) is refused: load it with `PreTrainedTokenizerFast`, or `Tokenizer.from_file`.
    """

    model_kind: ClassVar[str] = "BPE"
    vocab_files_names: ClassVar[dict[str, str]] = {
        "vocab_file": "tokenizer.model",
        "tokenizer_file": "tokenizer.json",
    }
    padding_side: str = "left"
    model_input_names: list[str] = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        vocab: str | os.PathLike[str] | dict[str, int] | None = None,
        merges: str | os.PathLike[str] | Sequence[tuple[str, str]] | None = None,
        clean_up_tokenization_spaces: bool = False,
        unk_token: str | AddedToken = "<unk>",
        bos_token: str | AddedToken = "<s>",
        eos_token: str | AddedToken = "</s>",
        use_default_system_prompt: bool = False,
        legacy: bool = False,
        add_prefix_space: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.legacy = legacy
        self.use_default_system_prompt = use_default_system_prompt
        if isinstance(vocab, str | os.PathLike) and isinstance(merges, str | os.PathLike):
            vocab, merges = models.BPE.read_file(os.fspath(vocab), os.fspath(merges))
        elif (path := _model_file(vocab, kwargs)) is not None:
            made = model_arguments(path, with_merges=True)
            vocab, merges = made["vocab"], made["merges"]
            kwargs.update(additional_special_tokens=made["additional_special_tokens"], vocab_file=path)
        if vocab is None:
            vocab = {str(token): id for id, token in enumerate((unk_token, bos_token, eos_token))}
        prefix = True if add_prefix_space is None else add_prefix_space
        tokenizer = Tokenizer(
            models.BPE(vocab, merges or [], fuse_unk=True, byte_fallback=True)  # type: ignore[arg-type]
        )
        if (written := kwargs.get("json_post_processor")) is not None:
            tokenizer.post_processor = processors.SECTION.read(written)
        scheme = ("always" if legacy else "first") if prefix else "never"
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
            replacement=_SPACE, prepend_scheme=scheme, split=False
        )
        steps: list[decoders.Decoder] = [
            decoders.Replace(_SPACE, " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
        ]
        if prefix:
            steps.append(decoders.Strip(content=" ", left=1))
        tokenizer.decoder = decoders.Sequence(steps)
        super().__init__(
            tokenizer,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            use_default_system_prompt=use_default_system_prompt,
            add_prefix_space=add_prefix_space,
            **kwargs,
        )


T5TokenizerFast = T5Tokenizer
XLNetTokenizerFast = XLNetTokenizer
AlbertTokenizerFast = AlbertTokenizer
XLMRobertaTokenizerFast = XLMRobertaTokenizer
LlamaTokenizerFast = LlamaTokenizer

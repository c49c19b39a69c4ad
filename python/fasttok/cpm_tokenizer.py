"""CPM's tokenizer (also for PanGu-α's model): sentencepiece itself, after steps of its own.

Mirrors the Python class `CpmTokenizer` of transformers 5.23, which calls sentencepiece for each part of a
text between special tokens.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from fasttok import decoders, jieba_words, models, processors
from fasttok.batch_encoding import BatchEncoding
from fasttok.call_settings import Call, empty_batch
from fasttok.caller_warning import warn_unknown
from fasttok.inputs import arrange, explain
from fasttok.jieba_words import Words
from fasttok.pretrained import PreTrainedTokenizerBase
from fasttok.sentencepiece import SentencePieceProcessor
from fasttok.tokenizer import AddedToken, Tokenizer
from fasttok.whole_file import write_bytes

__all__ = ["CpmTokenizer", "CpmTokenizerFast"]

_SPACE = "▁"


class CpmTokenizer(PreTrainedTokenizerBase):
    """CPM's tokenizer: `a <sep> <cls>` for a text, `a <sep> b <sep> <cls>` for a pair.

    Args:
        vocab_file: path of a `.model` file.
        do_lower_case: lower-case the text.
        remove_space: strip the text, and make one space of several.
        keep_accents: leave compatibility characters and the accents of letters.
        bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token: str or AddedToken; those
            that the model lacks are added to it.
        additional_special_tokens: further special tokens.
        sp_model_kwargs: arguments of the `SentencePieceProcessor` inside.
        jieba: True cuts a text into words first, as CPM and PanGu-α were trained (extra `jieba`); or a
            function from a text to its words.
        kwargs: as in `PreTrainedTokenizerBase`.

    Raises:
        OSError: the file cannot be read. FormatError: it is no SentencePiece model, or damaged.
        ImportError: jieba is asked for and not installed.

    `decode` takes the spaces out that such texts have between words. There are no offsets: pieces are not
    followed back to the text.

    Mirrors transformers 5.23's CpmTokenizer, which has no jieba step any more but needs rjieba.
    Departures: what truncation cuts off comes as with the other classes (rows, not "overflowing_tokens"); an
    added token is found inside a piece, too.
    """

    model_kind: ClassVar[str] = "SentencePiece"
    vocab_files_names: ClassVar[dict[str, str]] = {"vocab_file": "spiece.model"}

    def __init__(
        self,
        vocab_file: str | os.PathLike[str],
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
        additional_special_tokens: list[str | AddedToken] | tuple[str, ...] = ("<eop>", "<eod>"),
        sp_model_kwargs: dict[str, Any] | None = None,
        jieba: bool | Words = False,
        **kwargs: Any,
    ) -> None:
        self.do_lower_case = do_lower_case
        self.remove_space = remove_space
        self.keep_accents = keep_accents
        self.sp_model_kwargs = sp_model_kwargs or {}
        self.jieba = jieba
        if jieba is True:
            jieba_words.jieba_words()
        #: The processor inside.
        self.sp_model = SentencePieceProcessor(model_file=vocab_file, **self.sp_model_kwargs)
        pieces = self.sp_model.id_to_piece(list(range(len(self.sp_model))))
        vocab = {piece: id for id, piece in enumerate(pieces)}
        tokenizer = Tokenizer(models.WordLevel(vocab, unk_token=pieces[max(0, self.sp_model.unk_id())]))
        tokenizer.decoder = decoders.Fuse()
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, rstrip=False)
        super().__init__(
            tokenizer,
            vocab_file=os.fspath(vocab_file),
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
            additional_special_tokens=list(additional_special_tokens),
            sp_model_kwargs=self.sp_model_kwargs,
            **({"jieba": True} if jieba is True else {}),
            **kwargs,
        )
        sep, cls = str(self.sep_token), str(self.cls_token)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"$A:0 {sep}:0 {cls}:2",
            pair=f"$A:0 {sep}:0 $B:1 {sep}:1 {cls}:2",
            special_tokens=[(sep, self.sep_token_id or 0), (cls, self.cls_token_id or 0)],
        )

    @property
    def pad_token_type_id(self) -> int:
        """The type id of padding: 3."""
        return 3

    def preprocess_text(self, inputs: str) -> str:
        """What is done to a part of a text before sentencepiece: spaces, quotes, accents, case."""
        text = " ".join(inputs.strip().split()) if self.remove_space else inputs
        text = text.replace("``", '"').replace("''", '"')
        if not self.keep_accents:
            text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        return text.lower() if self.do_lower_case else text

    def _pieces_of_part(self, text: str) -> list[str]:
        """The pieces of a part between added tokens; one of digits and a comma is cut before the comma."""
        pieces: list[str] = []
        for piece in self.sp_model.encode(self.preprocess_text(text), out_type=str):
            if len(piece) < 2 or piece[-1] != "," or not piece[-2].isdigit():
                pieces.append(piece)
                continue
            again = self.sp_model.encode(piece[:-1].replace(_SPACE, ""), out_type=str)
            if piece[0] != _SPACE and again[0][0] == _SPACE:
                again = again[1:] if len(again[0]) == 1 else [again[0][1:], *again[1:]]
            pieces += [*again, piece[-1]]
        return pieces

    def _pieces(self, text: str, with_specials: bool) -> list[str]:
        if self.jieba:
            text = jieba_words.cut(text, None if self.jieba is True else self.jieba)
        if not with_specials:
            return self._pieces_of_part(text)
        tokens = {token.content: token for token in self.added_tokens_decoder.values()}
        longest_first = sorted(filter(None, tokens), key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, longest_first))})", text) if tokens else [text]
        for i in range(1, len(parts), 2):  # the added tokens
            if tokens[parts[i]].rstrip:
                parts[i + 1] = parts[i + 1].lstrip()
            if tokens[parts[i]].lstrip:
                parts[i - 1] = parts[i - 1].rstrip()
        pieces: list[str] = []
        for i, part in enumerate(parts):
            pieces += [part] if i % 2 else self._pieces_of_part(part) if part else []
        return pieces

    def _encode(self, text: Any, text_pair: Any, call: Call, name: str) -> BatchEncoding:
        if call.want_offsets:
            raise NotImplementedError(
                "return_offsets_mapping: CpmTokenizer does not follow pieces back to the text; use "
                "fasttok.sentencepiece for offsets"
            )
        rows, batched = arrange(text, text_pair, call.is_split_into_words, name)
        if not rows:
            return empty_batch(call)
        zipped = text_pair is not None and (batched or bool(text_pair))
        if (error := explain(rows, batched, zipped, call.is_split_into_words, name)) is not None:
            raise error
        parse = call.specials != "text"

        def pieces_of(one: Any) -> list[str]:
            if isinstance(one, str):
                return self._pieces(one, parse)
            return [piece for word in one for piece in self._pieces(word, parse)]

        made: list[Any] = []
        for row in rows:
            is_pair = isinstance(row, tuple | list) and (
                not call.is_split_into_words
                or zipped
                or (len(row) == 2 and all(isinstance(part, list | tuple) for part in row))
            )
            made.append((pieces_of(row[0]), pieces_of(row[1])) if is_pair else pieces_of(row))
        encoded = self._encode_rows(made, batched, replace(call, is_split_into_words=True))
        if call.want_length and not batched and call.tensors is None:
            encoded["length"] = encoded["length"][0]  # as the reference's Python classes have it
        return encoded

    def tokenize(
        self,
        text: Any,
        pair: str | None = None,
        add_special_tokens: bool = False,
        **kwargs: Any,
    ) -> list[str]:
        """The pieces (str) of a text or pair; an unknown piece is the text that it stands for.

        Args:
            text, pair, add_special_tokens, kwargs: as in `PreTrainedTokenizerBase.tokenize`. With special
                tokens, or for words, an unknown piece is `unk_token`.

        Raises:
            InputError: a wrong type.
        """
        if add_special_tokens or not isinstance(text, str) or not isinstance(pair, str | None):
            return super().tokenize(text, pair, add_special_tokens, **kwargs)
        parse = not kwargs.pop("split_special_tokens", self.split_special_tokens)
        warn_unknown(kwargs)
        return [piece for one in (text, pair or "") for piece in self._pieces(one, parse)]

    def decode(self, token_ids: Any, skip_special_tokens: bool = False, **kwargs: Any) -> Any:
        """The text of ids, or the texts of rows of ids, without the spaces between words.

        Args:
            token_ids, skip_special_tokens, kwargs: as in `PreTrainedTokenizerBase.decode`.

        Raises as that.
        """
        kwargs["clean_up_tokenization_spaces"] = False  # it takes spaces, of which none is left
        return super().decode(token_ids, skip_special_tokens, **kwargs)

    def _finished(self, text: str) -> str:
        return jieba_words.joined(text.replace(_SPACE, " ").strip())

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Pieces joined to a text, with their spaces."""
        return "".join(tokens).replace(_SPACE, " ").strip()

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Write the `.model` file into an existing folder; returns its path.

        Args:
            save_directory: an existing folder.
            filename_prefix: put before the name, with "-" between.

        Raises:
            OSError: the folder does not exist or cannot be written to.
        """
        if not os.path.isdir(save_directory):
            raise NotADirectoryError(f"Vocabulary path ({save_directory}) should be a directory")
        name = self.vocab_files_names["vocab_file"]
        path = Path(save_directory) / (f"{filename_prefix}-{name}" if filename_prefix else name)
        data = self.sp_model.serialized_model_proto()
        if not path.exists() or path.read_bytes() != data:
            write_bytes(path, data)
        return (str(path),)


class CpmTokenizerFast(CpmTokenizer):
    """CpmTokenizer with the jieba step: what the class of this name did in transformers v4.

    Its arguments are those of `CpmTokenizer`, with `jieba=True` by default.

    Departure: 5.23's CpmTokenizerFast never reaches its jieba step, and made of a `.model` it cuts texts
    without the mark of spaces, so that its ids are of no use to a model.
    """

    def __init__(self, vocab_file: str | os.PathLike[str], *arguments: Any, **kwargs: Any) -> None:
        if len(arguments) < 12:  # jieba is the 13th
            kwargs.setdefault("jieba", True)
        super().__init__(vocab_file, *arguments, **kwargs)

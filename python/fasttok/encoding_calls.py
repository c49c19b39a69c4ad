"""The calls that turn text into columns: `__call__`, `encode`, `tokenize`, `pad`.

A call resolves its arguments once (`Call`) and hands the rows to `encoding_columns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fasttok import _core
from fasttok.batch_encoding import BatchEncoding
from fasttok.call_settings import (
    CUT_STRATEGIES,
    PAD_STRATEGIES,
    Call,
    choose,
    empty_batch,
    strategies,
    tensor_name,
)
from fasttok.caller_warning import warn_unknown
from fasttok.encoding_columns import EncodingColumns
from fasttok.inputs import arrange, explain, rename
from fasttok.padding import PadSettings, columns_of, pad_columns
from fasttok.settings import core_specials
from fasttok.tokenizer_json import check_size

if TYPE_CHECKING:
    from fasttok._core import Padding, Specials, Truncation
    from fasttok.batch import TokenBatch

__all__ = ["EncodingCalls"]


class EncodingCalls(EncodingColumns):
    """The calls that encode; a base of `PreTrainedTokenizerBase`."""

    model_input_names: list[str]
    padding_side: str
    truncation_side: str
    split_special_tokens: bool

    def __call__(
        self,
        text: str | Sequence[Any] | None = None,
        text_pair: str | Sequence[Any] | None = None,
        text_target: str | Sequence[Any] | None = None,
        text_pair_target: str | Sequence[Any] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        tokenizer_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Encode a text, a pair, or a batch of either, to the columns that a model takes.

        Args:
            text, text_pair: str; list of str (batch); with `is_split_into_words` list of str (words) or a
                list of such. A batch may also hold pairs: (str, str).
            text_target, text_pair_target: the same, for labels: their ids come under "labels" beside those of
                `text`, or under "input_ids" without `text`.
            add_special_tokens: add the model's special tokens.
            padding: True or "longest"; "max_length"; False or "do_not_pad".
            truncation: True or "longest_first"; "only_first"; "only_second"; False or "do_not_truncate". None
                truncates ("longest_first") where `max_length` is given and `padding` is not.
            max_length: tokens of a row, special ones included; None is `model_max_length`.
            stride: tokens that a window shares with the one before it.
            is_split_into_words: the texts are lists of words.
            pad_to_multiple_of: the padded length is rounded up to a multiple of it.
            padding_side: "right" or "left"; None is the attribute of that name.
            return_tensors: "np" (int64[rows, tokens]), "pt", "mlx", or None for lists.
            return_token_type_ids, return_attention_mask: None follows `model_input_names`.
            return_overflowing_tokens: what truncation cuts off comes as further rows (windows), with their
                text's number in "overflow_to_sample_mapping".
            return_special_tokens_mask: "special_tokens_mask", 1 for special tokens.
            return_offsets_mapping: "offset_mapping", (start, end) in characters for each token.
            return_length: "length", in tokens.
            verbose: warn, once, of a row that is longer than `model_max_length`.
            tokenizer_kwargs: further arguments by name; they win.
            kwargs: `split_special_tokens` (special tokens in the text are plain text), `max_target_length`
                (`max_length` of `text_target`), `specials` ("parse", "text", "error", or the special tokens
                that may be parsed). Another name gives one UserWarning.

        Returns:
            A BatchEncoding; its columns are lists without a batch axis for a single text without tensors.

        Raises:
            InputError (a TypeError and a ValueError): a text of a wrong type; the message names argument,
            row, type.
            ValueError: an unknown strategy, side or tensor type; batches of different lengths; padding
                without a padding token; rows of different lengths where a tensor is asked for ("np" gives an
                array of arrays).
            OverflowError: a negative `max_length`. ImportError: the tensors' library is not installed.

        >>> from fasttok.presets import BertTokenizer
        >>> tokenizer = BertTokenizer({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hi": 5})
        >>> tokenizer("hi", "hi")
        {'input_ids': [2, 5, 3, 5, 3], 'token_type_ids': [0, 0, 0, 1, 1], 'attention_mask': [1, 1, 1, 1, 1]}
        >>> tokenizer("hi hi hi", truncation=True, max_length=4, return_overflowing_tokens=True)["input_ids"]
        [[2, 5, 5, 3], [2, 5, 3]]

        Mirrors transformers 5.23; the module says what differs.
        """
        if tokenizer_kwargs is not None:
            if not isinstance(tokenizer_kwargs, Mapping):
                raise TypeError(
                    f"tokenizer_kwargs is {type(tokenizer_kwargs).__name__}; expected dict or None"
                )
            given = dict(locals())
            named = {name: given[name] for name in _CALL_ARGUMENTS}
            merged = {**named, **tokenizer_kwargs, **kwargs}
            return self(text, text_pair, text_target, text_pair_target, **merged)
        specials: Specials = "text" if self.split_special_tokens else "parse"
        max_target_length: int | None = None
        if kwargs:
            if "split_special_tokens" in kwargs:
                specials = "text" if kwargs.pop("split_special_tokens") else "parse"
            if "specials" in kwargs:
                specials = core_specials(kwargs.pop("specials"))
            max_target_length = kwargs.pop("max_target_length", None)
            warn_unknown(kwargs)
        if text is None and text_target is None:
            raise ValueError("You need to specify either `text` or `text_target`.")
        pad_strategy, cut_strategy, max_length = self._strategies(
            padding, truncation, max_length, pad_to_multiple_of, verbose
        )
        names = self.model_input_names
        call = Call(  # positional: a single text's call is short enough for keywords to show
            is_split_into_words,
            add_special_tokens,
            self._truncation(cut_strategy, max_length, stride),
            self._padding(pad_strategy, max_length, pad_to_multiple_of, padding_side),
            specials,
            None if return_tensors is None else tensor_name(return_tensors),
            max_length,
            "token_type_ids" in names if return_token_type_ids is None else return_token_type_ids,
            "attention_mask" in names if return_attention_mask is None else return_attention_mask,
            return_overflowing_tokens,
            return_special_tokens_mask,
            return_offsets_mapping,
            return_length,
            verbose,
        )
        if text_target is None:
            return self._encode(text, text_pair, call, "text")
        target_call = call
        if max_target_length is not None:
            target_call = replace(
                call,
                max_length=max_target_length,
                truncation=self._truncation(cut_strategy, max_target_length, stride),
                padding=self._padding(pad_strategy, max_target_length, pad_to_multiple_of, padding_side),
            )
        target = self._encode(text_target, text_pair_target, target_call, "text_target")
        if text is None:
            return target
        encoded = self._encode(text, text_pair, call, "text")
        encoded["labels"] = target["input_ids"]
        return encoded

    def encode(
        self,
        text: str | Sequence[Any],
        text_pair: str | Sequence[Any] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """The ids of a text or pair: the column "input_ids" of `__call__`, with the same arguments and
        errors.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().encode("[MASK] [MASK]", add_special_tokens=False)
        [4, 4]
        """
        kwargs["return_token_type_ids"] = kwargs["return_attention_mask"] = False
        return self(
            text,
            text_pair,
            add_special_tokens=add_special_tokens,
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            stride=stride,
            padding_side=padding_side,
            return_tensors=return_tensors,
            **kwargs,
        ).data["input_ids"]

    def tokenize(
        self,
        text: str | Sequence[Any],
        pair: str | None = None,
        add_special_tokens: bool = False,
        **kwargs: Any,
    ) -> list[str]:
        """The tokens (str) of a text or pair.

        Args:
            text, pair: as in `__call__`.
            add_special_tokens: add the model's special tokens.
            kwargs: `is_split_into_words`, `split_special_tokens`, `specials`. Truncation and padding do not
                apply, as in 5.23; their names give a UserWarning.

        Raises:
            InputError: a wrong type.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().tokenize("[MASK] x")
        ['[MASK]', '[UNK]']
        """
        split = kwargs.pop("split_special_tokens", self.split_special_tokens)
        specials = core_specials(kwargs.pop("specials", "text" if split else "parse"))
        words = kwargs.pop("is_split_into_words", False)
        warn_unknown(kwargs)
        call = Call(words, add_special_tokens, specials=specials, want_type_ids=False, want_mask=False)
        return self._encode(text, pair, call, "text").tokens()

    def _truncation(self, strategy: str, max_length: int | None, stride: int) -> Truncation | None:
        if strategy == "do_not_truncate":
            return None
        side = self.truncation_side
        if side not in ("left", "right"):
            raise ValueError(
                f"Unknown `direction`: `{side}`. Use one of `left` or `right` (attribute truncation_side)"
            )
        max_length, stride = check_size("max_length", max_length), check_size("stride", stride)
        if stride:
            special = self._tokenizer.num_special_tokens_to_add(False)
            if 0 <= max_length - special < stride:  # an equal one is refused where a window is made
                raise ValueError(
                    f"tokenizer stride set to {stride}, which is greater than or equal to its effective max "
                    "length"
                    f" of {max_length - special} (= {max_length} original max length - {special} added "
                    "special tokens)"
                )
        return (max_length, stride, strategy, side)

    def _padding(
        self, strategy: str, max_length: int | None, multiple: int | None, side: str | None
    ) -> Padding | None:
        if strategy == "do_not_pad":
            return None
        length = check_size("max_length", max_length) if strategy == "max_length" else None
        multiple = check_size("pad_to_multiple_of", multiple) if multiple else None
        return (
            length,
            self._side(side),
            multiple,
            self.pad_token_id or 0,
            self.pad_token_type_id,
            str(self.pad_token),
        )

    def _side(self, side: str | None) -> str:
        if side is None:
            return self.padding_side
        if side not in ("left", "right"):
            raise ValueError(
                f"Unknown `direction`: `{side}`. Use one of `left` or `right` (argument padding_side)"
            )
        return side

    def _strategies(
        self,
        padding: bool | str,
        truncation: bool | str | None,
        max_length: int | None,
        pad_to_multiple_of: int | None,
        verbose: bool,
    ) -> tuple[str, str, int | None]:
        """(padding strategy, truncation strategy, max_length) from the arguments of those names."""
        pad_id = None if padding is False else self.pad_token_id
        return strategies(
            padding, truncation, max_length, pad_to_multiple_of, verbose, self.model_max_length, pad_id
        )

    def _encode(self, text: Any, text_pair: Any, call: Call, name: str) -> BatchEncoding:
        if type(text) is str and text_pair is None:
            rows, batched = [text], False
        else:
            rows, batched = arrange(text, text_pair, call.is_split_into_words, name)  # type: ignore[assignment]
            if not rows:
                return empty_batch(call)
        try:
            return self._encode_rows(rows, batched, call)
        except (TypeError, ValueError) as error:
            zipped = text_pair is not None and (batched or bool(text_pair))
            better: Exception | None = explain(rows, batched, zipped, call.is_split_into_words, name)
            if better is None:
                better = rename(error, batched, zipped, name, lambda row: self._refuses(rows[row][0], call))
            if better is None:
                raise
            raise better from error

    def _refuses(self, text: Any, call: Call) -> bool:
        """Whether `text` alone is refused too: the error of a pair is then not its second text's."""
        try:
            self._encode_rows([text], False, replace(call, truncation=None, padding=None, verbose=False))
        except (TypeError, ValueError):
            return True
        return False

    def pad(
        self,
        encoded_inputs: Any,
        padding: bool | str = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Pad rows of ids: what a data collator calls.

        Args:
            encoded_inputs: columns of one row or of a batch (dict, BatchEncoding), or a list of columns of
                one row; lists, NumPy arrays or PyTorch tensors.
            The others as in `__call__`.

        Returns:
            New columns; `input_ids`, `attention_mask`, `token_type_ids` and `special_tokens_mask` are padded,
            others are as they were. Tensors of the type given, unless `return_tensors` says otherwise.

        Raises:
            ValueError: no "input_ids", unequal batch sizes, no padding token. InputError: a wrong type.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().pad({"input_ids": [[2, 4, 3], [2, 3]]})["input_ids"]
        [[2, 4, 3], [2, 3, 0]]
        """
        main = self.model_input_names[0]
        columns = columns_of(encoded_inputs, main)
        if columns[main] is None or len(columns[main]) == 0:
            return BatchEncoding({**columns, "attention_mask": []} if return_attention_mask else columns)
        strategy, _, max_length = self._strategies(padding, None, max_length, None, verbose)
        names = self.model_input_names
        settings = PadSettings(
            main=main,
            strategy=strategy,
            max_length=max_length,
            multiple=pad_to_multiple_of,
            side=self._side(padding_side),
            pad_id=self.pad_token_id,
            pad_type_id=self.pad_token_type_id,
            want_mask="attention_mask" in names if return_attention_mask is None else return_attention_mask,
        )
        return pad_columns(columns, settings, None if return_tensors is None else tensor_name(return_tensors))

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens `add_special_tokens` adds to a text, or to a pair.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().num_special_tokens_to_add(pair=True)
        3
        """
        return self._tokenizer.num_special_tokens_to_add(pair)

    # fasttok's own calls, for those who want no Python object per row.

    def encode_batch_flat(self, inputs: Any, **kwargs: Any) -> TokenBatch:
        """The rows' ids in one array: `fasttok.Tokenizer.encode_batch_flat` of the backend."""
        return self._tokenizer.encode_batch_flat(inputs, **kwargs)

    def count(self, text: str | bytes, *, add_special_tokens: bool = True, **kwargs: Any) -> int:
        """How many tokens a text has, without making them: `fasttok.Tokenizer.count` of the backend."""
        return self._tokenizer.count(text, add_special_tokens=add_special_tokens, **kwargs)

    def count_batch(
        self, texts: Any, *, add_special_tokens: bool = True, **kwargs: Any
    ) -> npt.NDArray[np.int64]:
        """How many tokens each text has (int64[rows]): `fasttok.Tokenizer.count_batch` of the backend."""
        return self._tokenizer.count_batch(texts, add_special_tokens=add_special_tokens, **kwargs)

    def fits(
        self, text: str | bytes, max_tokens: int, *, add_special_tokens: bool = True, **kwargs: Any
    ) -> bool:
        """Whether a text has at most `max_tokens` tokens: `fasttok.Tokenizer.fits` of the backend."""
        return self._tokenizer.fits(text, max_tokens, add_special_tokens=add_special_tokens, **kwargs)

    def fingerprint(self) -> str:
        """Hash of the pipeline, the same after any call: `fasttok.Tokenizer.fingerprint` of the backend."""
        return self._tokenizer.fingerprint()

    @property
    def engine(self) -> str:
        """The name of the engine in use: `fasttok.Tokenizer.engine` of the backend."""
        return self._tokenizer.engine

    @property
    def pad_token_type_id(self) -> int:
        """The type id of padding: 0."""
        return 0

    def set_truncation_and_padding(
        self,
        padding_strategy: str,
        truncation_strategy: str,
        max_length: int | None,
        stride: int,
        pad_to_multiple_of: int | None,
        padding_side: str | None,
    ) -> None:
        """Set truncation and padding of `backend_tokenizer`, for those who call it directly.

        Args:
            padding_strategy: "longest", "max_length" or "do_not_pad".
            truncation_strategy: "longest_first", "only_first", "only_second" or "do_not_truncate".
            The others as in `__call__`.

        Raises:
            ValueError: an unknown strategy or side.

        Mirrors transformers 5.23, where every call does it; here no call does, nor depends on it.
        """
        pad = choose(padding_strategy, PAD_STRATEGIES, "PaddingStrategy")
        cut = choose(truncation_strategy, CUT_STRATEGIES, "TruncationStrategy")
        truncation = self._truncation(cut, max_length, stride)
        padding = self._padding(pad, max_length, pad_to_multiple_of, padding_side)
        if truncation is None:
            self._tokenizer.no_truncation()
        else:
            length, stride, strategy, side = truncation
            self._tokenizer.enable_truncation(length, stride=stride, strategy=strategy, direction=side)
        if padding is None:
            self._tokenizer.no_padding()
        else:
            names = ("length", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token")
            self._tokenizer.enable_padding(**dict(zip(names, padding, strict=True)))  # type: ignore[arg-type]


_CALL_ARGUMENTS = (
    "add_special_tokens",
    "padding",
    "truncation",
    "max_length",
    "stride",
    "is_split_into_words",
    "pad_to_multiple_of",
    "padding_side",
    "return_tensors",
    "return_token_type_ids",
    "return_attention_mask",
    "return_overflowing_tokens",
    "return_special_tokens_mask",
    "return_offsets_mapping",
    "return_length",
    "verbose",
)


_core.add_lean_forward(EncodingCalls)

"""The calls that turn text into columns: `__call__`, `encode`, `tokenize`, `pad`.

A call resolves its arguments once (`Call`), then takes one of three ways, decided in `_encode_rows`:

    lists     no tensors, no padding           ids are written as lists by the core
    arrays    tensors or padding               ids, type ids and mask are written as int64 matrices by the
    core objects   windows, offsets, special masks  columns are read from `Encoding` objects

After the first two, `Encoding` objects are made when they are first asked for. Truncation, padding and the
treatment of special tokens are arguments of the core, never a state of it: any number of threads may call one
object.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fasttok.batch_encoding import BatchEncoding
from fasttok.call_settings import (
    CUT_STRATEGIES,
    LARGE_INTEGER,
    PAD_STRATEGIES,
    Call,
    CoreSettings,
    choose,
    empty_batch,
    strategies,
    tensor_name,
)
from fasttok.caller_warning import warn_unknown
from fasttok.inputs import arrange, explain
from fasttok.padding import PadSettings, columns_of, pad_columns
from fasttok.special_tokens import SpecialTokens
from fasttok.tokenizer import _core_specials
from fasttok.tokenizer_json import check_size

if TYPE_CHECKING:
    from fasttok import _core
    from fasttok._core import Encoding, Padding, Specials, Truncation
    from fasttok.batch import TokenBatch

__all__ = ["EncodingCalls"]

_log = logging.getLogger("fasttok")

_NO_PADDING: Padding = (None, "right", None, 0, 0, "")
# (core, add_special_tokens, answer) of the last time that `_type_ids_are_zero` had to look
NOT_PROBED: tuple[_core.Tokenizer | None, bool, bool] = (None, False, False)


class EncodingCalls(SpecialTokens):
    """The calls that encode; a base of `PreTrainedTokenizerBase`."""

    model_input_names: list[str]
    model_max_length: int
    padding_side: str
    truncation_side: str
    split_special_tokens: bool
    _warned_too_long: bool
    _zero_type_ids: tuple[_core.Tokenizer | None, bool, bool]

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
                specials = _core_specials(kwargs.pop("specials"))
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
        specials = _core_specials(kwargs.pop("specials", "text" if split else "parse"))
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
            zipped = text_pair is not None and len(rows) > 0 and isinstance(rows[0], tuple)
            better = explain(rows, batched, zipped, call.is_split_into_words, name)
            if better is None:
                raise
            raise better from error

    def _encode_rows(self, rows: Sequence[Any], batched: bool, call: Call) -> BatchEncoding:
        """Encode `rows` in the fastest of the three ways that gives what `call` asks for."""
        core = self._tokenizer._compiled()  # never changes, whatever happens to the tokenizer during the call
        settings: CoreSettings = {
            "is_pretokenized": call.is_split_into_words,
            "add_special_tokens": call.add_special_tokens,
            "truncation": call.truncation,
            "specials": call.specials,
            "surrogates": "error",
            "num_threads": None,
        }
        padding = call.padding
        if not (call.want_windows or call.want_special_mask or call.want_offsets):
            # For the Encodings, if they are asked for; the caller may change the list meanwhile.
            later = partial(core.encode_batch, list(rows), padding=padding, fast=False, **settings)
            if padding is not None and not batched and padding[0] is None and padding[2] is None:
                padding = None  # one row is as long as the longest
            if padding is None:
                if call.tensors is None or batched:
                    return self._as_lists(core, rows, batched, call, settings, later)
                return self._as_arrays(core, rows, batched, call, settings, _NO_PADDING, later)
            if padding[0] is None or self._all_fit(padding[0], call):
                return self._as_arrays(core, rows, batched, call, settings, padding, later)
        encodings = core.encode_batch(rows, padding=padding, fast=False, **settings)
        return self._from_encodings(encodings, batched, call)

    def _all_fit(self, length: int, call: Call) -> bool:
        """Whether truncation leaves no row longer than `length`; below the special tokens it does nothing."""
        if call.truncation is None or length == 0:
            return False
        return not call.add_special_tokens or length >= self._tokenizer.num_special_tokens_to_add(True)

    def _as_lists(
        self,
        core: _core.Tokenizer,
        rows: Sequence[Any],
        batched: bool,
        call: Call,
        settings: CoreSettings,
        later: Callable[[], list[Encoding]],
    ) -> BatchEncoding:
        """Columns as lists of unequal lengths, written by the core."""
        type_ids = None
        if not call.want_type_ids:
            ids = core.encode_lists(rows, **settings)
        elif self._type_ids_are_zero(core, rows, call):
            ids = core.encode_lists(rows, **settings)
            type_ids = [[0] * len(row) for row in ids]
        else:
            ids, type_ids = _ids_and_type_ids(core, rows, settings)
        columns: dict[str, Any] = {"input_ids": ids}
        if type_ids is not None:
            columns["token_type_ids"] = type_ids
        if call.want_mask:
            columns["attention_mask"] = [[1] * len(row) for row in ids]
        if call.want_length:
            columns["length"] = list(map(len, ids))
        if call.max_length is None and call.verbose and self.model_max_length < LARGE_INTEGER:
            self._warn_if_too_long(max(map(len, ids)), None, True)
        if not batched:
            columns = {key: value[0] if key != "length" else value for key, value in columns.items()}
        encoded = BatchEncoding._lazy(columns, later)
        return encoded if call.tensors is None else encoded.convert_to_tensors(call.tensors)

    def _type_ids_are_zero(self, core: _core.Tokenizer, rows: Sequence[Any], call: Call) -> bool:
        """Whether all rows are single texts and the post-processor gives those no other type id than 0."""
        if call.is_split_into_words or not all(issubclass(kind, str) for kind in set(map(type, rows))):
            return False
        special = call.add_special_tokens
        known_core, known_special, answer = self._zero_type_ids
        if known_core is not core or known_special is not special:
            probe = core.encode(
                "a",
                None,
                is_pretokenized=False,
                add_special_tokens=special,
                truncation=None,
                padding=None,
                specials="text",
                surrogates="error",
            )
            # Without a token of the text its type id would not show.
            answer = 0 in probe.sequence_ids and not any(probe.type_ids)
            self._zero_type_ids = (core, special, answer)
        return answer

    def _as_arrays(
        self,
        core: _core.Tokenizer,
        rows: Sequence[Any],
        batched: bool,
        call: Call,
        settings: CoreSettings,
        padding: Padding,
        later: Callable[[], list[Encoding]],
    ) -> BatchEncoding:
        """Columns as int64[rows, width], written by the core; lists where no tensors are asked for."""
        length, side, multiple, pad_id, pad_type_id, _ = padding
        ids, type_ids, mask = core.encode_padded(
            rows,
            length=length,
            pad_to_multiple_of=multiple,
            pad_id=pad_id,
            pad_type_id=pad_type_id,
            side=side,
            want_type_ids=call.want_type_ids,
            want_mask=call.want_mask,
            **settings,
        )
        columns: dict[str, Any] = {"input_ids": ids}
        if type_ids is not None:
            columns["token_type_ids"] = type_ids
        if mask is not None:
            columns["attention_mask"] = mask
        if call.want_length:
            columns["length"] = np.full(len(ids), ids.shape[1], dtype=np.int64)
        if call.max_length is None:
            self._warn_if_too_long(ids.shape[1], None, call.verbose)
        if call.tensors is None:
            columns = {key: column.tolist() for key, column in columns.items()}
            if not batched:
                columns = {key: value[0] if key != "length" else value for key, value in columns.items()}
        encoded = BatchEncoding._lazy(columns, later)
        return encoded if call.tensors in (None, "np") else encoded.convert_to_tensors(call.tensors)

    def _from_encodings(self, encodings: list[Encoding], batched: bool, call: Call) -> BatchEncoding:
        """Columns read from Encodings; windows are rows after the row that they belong to."""
        samples: list[int] = []
        if call.want_windows:
            windows: list[Encoding] = []
            for sample, encoding in enumerate(encodings):
                parts = [encoding, *encoding.overflowing]
                windows += parts
                samples += [sample] * len(parts)
            encodings = windows
        columns: dict[str, Any] = {"input_ids": [encoding.ids for encoding in encodings]}
        if call.want_type_ids:
            columns["token_type_ids"] = [encoding.type_ids for encoding in encodings]
        if call.want_mask:
            columns["attention_mask"] = [encoding.attention_mask for encoding in encodings]
        if call.want_special_mask:
            columns["special_tokens_mask"] = [encoding.special_tokens_mask for encoding in encodings]
        if call.want_offsets:
            columns["offset_mapping"] = [encoding.offsets for encoding in encodings]
        if call.want_length:
            columns["length"] = [len(encoding) for encoding in encodings]
        if call.want_windows:
            columns["overflow_to_sample_mapping"] = samples
        if call.max_length is None:
            self._warn_if_too_long(max(map(len, encodings)), None, call.verbose)
        if not batched and call.tensors is None and not call.want_windows:
            columns = {
                key: value[0] if isinstance(value[0], list) else value for key, value in columns.items()
            }
        return BatchEncoding(columns, encodings, tensor_type=call.tensors)

    def _warn_if_too_long(self, length: int, max_length: int | None, verbose: bool) -> None:
        if (
            max_length is None
            and verbose
            and length > self.model_max_length != 0
            and not self._warned_too_long
        ):
            self._warned_too_long = True
            _log.warning(
                "Token indices sequence length is longer than the specified maximum sequence length "
                "for this model (%d > %d). Running this sequence through the model will result in indexing "
                "errors",
                length,
                self.model_max_length,
            )

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

    def count(self, text: str, *, add_special_tokens: bool = True, **kwargs: Any) -> int:
        """How many tokens a text has, without making them: `fasttok.Tokenizer.count` of the backend."""
        return self._tokenizer.count(text, add_special_tokens=add_special_tokens, **kwargs)

    def count_batch(
        self, texts: Any, *, add_special_tokens: bool = True, **kwargs: Any
    ) -> npt.NDArray[np.int64]:
        """How many tokens each text has (int64[rows]): `fasttok.Tokenizer.count_batch` of the backend."""
        return self._tokenizer.count_batch(texts, add_special_tokens=add_special_tokens, **kwargs)

    def fits(self, text: str, max_tokens: int, *, add_special_tokens: bool = True, **kwargs: Any) -> bool:
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


def _has_bytes(rows: Sequence[Any]) -> bool:
    """Whether there are bytes among rows, the texts of pairs, or words."""
    for _ in range(3):
        kinds = set(map(type, rows))
        if any(issubclass(kind, bytes) for kind in kinds):
            return True
        rows = list(chain.from_iterable(row for row in rows if isinstance(row, list | tuple)))
    return False


def _ids_and_type_ids(
    core: _core.Tokenizer, rows: Sequence[Any], settings: CoreSettings
) -> tuple[list[list[int]], list[list[int]]]:
    """Lists of ids and of type ids, for what has type ids that are not all 0."""
    if _has_bytes(rows):
        raise TypeError("bytes among the texts")  # the flat call takes UTF-8 bytes, transformers does not
    columns = core.encode_batch_flat(rows, offsets=None, type_ids=True, word_ids=False, **settings)
    bounds = columns[1].tolist()
    spans = list(map(slice, bounds, bounds[1:]))
    ids, type_ids = columns[0].tolist(), columns[3].tolist()  # type: ignore[union-attr]
    return [ids[span] for span in spans], [type_ids[span] for span in spans]

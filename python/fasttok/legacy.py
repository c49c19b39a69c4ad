"""The calls of transformers v4 that 5.23 no longer has and much BERT code still uses, as thin methods.

References: transformers 4's `PreTrainedTokenizerBase` and `BertTokenizer`. Each is written in terms of
`__call__`, of `build_inputs_with_special_tokens` or of `pad`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fasttok.batch_encoding import BatchEncoding
from fasttok.encoding_calls import EncodingCalls

__all__ = ["LegacyCalls"]


class LegacyCalls(EncodingCalls):
    """v4's calls; a base of `PreTrainedTokenizerBase`."""

    def encode_plus(
        self,
        text: str | Sequence[str],
        text_pair: str | Sequence[str] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Encode one text or pair: `__call__` under its v4 name, with the same arguments and errors.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().encode_plus("[MASK]")["input_ids"]
        [2, 4, 3]
        """
        return self(
            text,
            text_pair,
            add_special_tokens=add_special_tokens,
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            stride=stride,
            **kwargs,
        )

    def batch_encode_plus(
        self,
        batch_text_or_text_pairs: Sequence[Any],
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Encode a batch of texts, or of (text, text) pairs: `__call__` under its v4 name.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().batch_encode_plus([("[MASK]", "[UNK]")])["token_type_ids"]
        [[0, 0, 0, 1, 1]]
        """
        return self(
            batch_text_or_text_pairs,
            add_special_tokens=add_special_tokens,
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            stride=stride,
            **kwargs,
        )

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """The ids of one text or a pair, joined, with the special tokens of the model (here: none).

        Args:
            token_ids_0, token_ids_1: ids without special tokens.
        """
        return token_ids_0 if token_ids_1 is None else token_ids_0 + token_ids_1

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """The type id of each token that `build_inputs_with_special_tokens` would give.

        Args:
            token_ids_0, token_ids_1: ids without special tokens.
        """
        return [0] * len(token_ids_0) + [1] * len(token_ids_1 or ())

    def get_special_tokens_mask(
        self,
        token_ids_0: Sequence[int],
        token_ids_1: Sequence[int] | None = None,
        already_has_special_tokens: bool = False,
    ) -> list[int]:
        """1 for each special token and 0 for the others.

        Args:
            token_ids_0, token_ids_1: ids; without special tokens, unless
            already_has_special_tokens: `token_ids_0` has them, and `token_ids_1` must be None.

        Raises:
            ValueError: a second row where the first has special tokens already.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().get_special_tokens_mask([2, 4, 3], already_has_special_tokens=True)
        [1, 1, 1]
        >>> BertTokenizer().get_special_tokens_mask([4])
        [1, 0, 1]

        Mirrors 5.23 for rows with special tokens, and v4 for rows without (5.23 raises NotImplementedError).
        """
        if already_has_special_tokens:
            if token_ids_1 is not None:
                raise ValueError(
                    "You should not supply a second sequence if the provided sequence of ids is already "
                    "formatted "
                    "with special tokens for the model."
                )
            special = set(self.all_special_ids)
            return [int(int(index) in special) for index in token_ids_0]
        # Text tokens go in as -1, so that what comes out otherwise was added.
        second = None if token_ids_1 is None else [-1] * len(token_ids_1)
        built = self.build_inputs_with_special_tokens([-1] * len(token_ids_0), second)
        return [int(index != -1) for index in built]

    def prepare_for_model(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        pad_to_multiple_of: int | None = None,
        padding_side: str | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        prepend_batch_axis: bool = False,
    ) -> BatchEncoding:
        """Truncate, add special tokens to, and pad, ids that are there already.

        Args:
            ids, pair_ids: ids of the first and the second text, without special tokens.
            The others as in `__call__`; `prepend_batch_axis` as in `BatchEncoding`.

        Returns:
            The columns of one row; with `return_overflowing_tokens` also `overflowing_tokens` (ids that were
            cut off, after `stride` of those that stay) and `num_truncated_tokens`.

        Raises:
            ValueError: overflowing tokens of a pair under "longest_first", or type ids without special
            tokens.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().prepare_for_model([4, 4, 4], truncation=True, max_length=4)["input_ids"]
        [2, 4, 4, 3]
        """
        pad_strategy, cut_strategy, max_length = self._strategies(
            padding, truncation, max_length, pad_to_multiple_of, verbose
        )
        if return_token_type_ids and not add_special_tokens:
            raise ValueError(
                "Asking to return token_type_ids while setting add_special_tokens to False results in an "
                "undefined "
                "behavior. Please set add_special_tokens to True or set return_token_type_ids to None."
            )
        if return_overflowing_tokens and cut_strategy == "longest_first" and pair_ids is not None:
            raise ValueError(
                "Not possible to return overflowing tokens for pair of sequences with the `longest_first`. "
                "Please "
                "select another truncation strategy than `longest_first`, for instance `only_second` or "
                "`only_first`."
            )
        added = self.num_special_tokens_to_add(pair_ids is not None) if add_special_tokens else 0
        excess = len(ids) + len(pair_ids or ()) + added - (max_length or 0)
        overflow: list[int] = []
        if cut_strategy != "do_not_truncate" and max_length and excess > 0:
            ids, pair_ids, overflow = self.truncate_sequences(ids, pair_ids, excess, cut_strategy, stride)
        columns: dict[str, Any] = {}
        if return_overflowing_tokens:
            columns["overflowing_tokens"] = overflow
            columns["num_truncated_tokens"] = excess if max_length else 0
        if add_special_tokens:
            columns["input_ids"] = self.build_inputs_with_special_tokens(ids, pair_ids)
            type_ids = self.create_token_type_ids_from_sequences(ids, pair_ids)
        else:
            columns["input_ids"] = ids + (pair_ids or [])
            type_ids = [0] * len(columns["input_ids"])
        names = self.model_input_names
        if return_token_type_ids or (return_token_type_ids is None and "token_type_ids" in names):
            columns["token_type_ids"] = type_ids
        if return_special_tokens_mask:
            mask = (
                self.get_special_tokens_mask(ids, pair_ids)
                if add_special_tokens
                else [0] * len(columns["input_ids"])
            )
            columns["special_tokens_mask"] = mask
        self._warn_if_too_long(len(columns["input_ids"]), max_length, verbose)
        want_mask = "attention_mask" in names if return_attention_mask is None else return_attention_mask
        if pad_strategy != "do_not_pad" or want_mask:
            columns = self.pad(
                columns,
                padding=pad_strategy if pad_strategy != "do_not_pad" else False,
                max_length=max_length,
                pad_to_multiple_of=pad_to_multiple_of,
                padding_side=padding_side,
                return_attention_mask=want_mask,
            ).data
        if return_length:
            columns["length"] = len(columns["input_ids"])
        return BatchEncoding(columns, tensor_type=return_tensors, prepend_batch_axis=prepend_batch_axis)

    def truncate_sequences(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str = "longest_first",
        stride: int = 0,
    ) -> tuple[list[int], list[int] | None, list[int]]:
        """The two rows of ids without `num_tokens_to_remove` tokens, and what was cut off with `stride` more.

        Args:
            ids, pair_ids: ids without special tokens.
            truncation_strategy: "longest_first" (token by token from the longer row), "only_first",
            "only_second".

        Raises:
            ValueError: the row to cut is too short, or missing.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().truncate_sequences([5, 6, 7, 8], None, 2, stride=1)
        ([5, 6], None, [6, 7, 8])
        """
        if num_tokens_to_remove <= 0 or truncation_strategy == "do_not_truncate":
            return ids, pair_ids, []
        right = self.truncation_side == "right"

        def cut(row: list[int], count: int) -> tuple[list[int], list[int]]:
            """`row` without `count` tokens, and these with `stride` of their neighbours."""
            kept = len(row) - count
            overflow = row[max(kept - stride, 0) :] if right else row[: count + stride]
            return (row[:kept] if right else row[count:]), overflow

        if truncation_strategy == "longest_first" and pair_ids is not None:
            from_first = from_second = 0
            for _ in range(num_tokens_to_remove):
                if len(ids) - from_first > len(pair_ids) - from_second:
                    from_first += 1
                else:
                    from_second += 1
            return cut(ids, from_first)[0], cut(pair_ids, from_second)[0], []
        row = pair_ids if truncation_strategy == "only_second" else ids
        if row is None or len(row) <= num_tokens_to_remove:
            which = "second" if truncation_strategy == "only_second" else "first"
            raise ValueError(
                f"We need to remove {num_tokens_to_remove} to truncate the input but the {which} sequence "
                "has a length"
                f" {0 if row is None else len(row)}. Truncation strategy {truncation_strategy!r} cannot do "
                "it."
            )
        kept, overflow = cut(row, num_tokens_to_remove)
        return (ids, kept, overflow) if truncation_strategy == "only_second" else (kept, pair_ids, overflow)

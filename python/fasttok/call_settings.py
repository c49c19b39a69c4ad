"""What the arguments of a call mean: the settings of one call, resolved and checked.

Mirrors `_get_padding_truncation_strategies` of transformers 5.23. Lengths are in tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fasttok.batch_encoding import BatchEncoding, import_tensor_library, tensor_type_of
from fasttok.caller_warning import warn

if TYPE_CHECKING:
    from fasttok._core import Padding, Specials, Truncation

__all__ = ["Call", "choose", "empty_batch", "strategies", "tensor_name"]

VERY_LARGE_INTEGER = int(1e30)  # model_max_length where none is set
LARGE_INTEGER = int(1e20)  # above it, model_max_length counts as not set

PAD_STRATEGIES = ("longest", "max_length", "do_not_pad")
CUT_STRATEGIES = ("only_first", "only_second", "longest_first", "do_not_truncate")


@dataclass(slots=True)
class Call:
    """The arguments of one call, checked and resolved. Lengths in tokens."""

    is_split_into_words: bool
    add_special_tokens: bool
    truncation: Truncation | None = None
    padding: Padding | None = None
    specials: Specials = "parse"
    tensors: str | None = None
    max_length: int | None = None
    want_type_ids: bool = True
    want_mask: bool = True
    want_windows: bool = False
    want_special_mask: bool = False
    want_offsets: bool = False
    want_length: bool = False
    verbose: bool = False


def strategies(
    padding: bool | str,
    truncation: bool | str | None,
    max_length: int | None,
    pad_to_multiple_of: int | None,
    verbose: bool,
    model_max_length: int,
    pad_token_id: int | None,
) -> tuple[str, str, int | None]:
    """(padding strategy, truncation strategy, max_length) from the arguments of those names."""
    if max_length is not None and padding is False and truncation is None:
        truncation = "longest_first"
    if padding is False:
        pad = "do_not_pad"
    elif padding is True:
        if verbose and max_length is not None and truncation in (None, False, "do_not_truncate"):
            warn(
                "`max_length` is ignored when `padding`=`True` and there is no truncation strategy. "
                "To pad to max length, use `padding='max_length'`."
            )
        pad = "longest"
    else:
        pad = choose(padding, PAD_STRATEGIES, "PaddingStrategy")
    if truncation is None or truncation is False:
        cut = "do_not_truncate"
    elif truncation is True:
        cut = "longest_first"
    else:
        cut = choose(truncation, CUT_STRATEGIES, "TruncationStrategy")
    if max_length is None and (pad == "max_length" or cut != "do_not_truncate"):
        if model_max_length <= LARGE_INTEGER:
            max_length = model_max_length
        else:  # no length is known: neither can be done
            cut = "do_not_truncate"
            if pad == "max_length":
                pad = "do_not_pad"
    if pad != "do_not_pad":
        if pad_token_id is None:
            raise ValueError(
                "Asking to pad but the tokenizer does not have a padding token. "
                "Please select a token to use as `pad_token` "
                "`(tokenizer.pad_token = tokenizer.eos_token e.g.)` or add a new pad token via "
                "`tokenizer.add_special_tokens({'pad_token': '[PAD]'})`."
            )
        if (
            cut != "do_not_truncate"
            and pad_to_multiple_of is not None
            and max_length is not None
            and max_length % pad_to_multiple_of != 0
        ):
            raise ValueError(
                "Truncation and padding are both activated but "
                f"truncation length ({max_length}) is not a multiple of"
                f" pad_to_multiple_of ({pad_to_multiple_of})."
            )
    return pad, cut, max_length


def choose(value: Any, allowed: tuple[str, ...], kind: str) -> str:
    """The checked text of a strategy (str, or an enum of transformers, whose members are str)."""
    name = getattr(value, "value", value)
    if name not in allowed:
        raise ValueError(f"{name} is not a valid {kind}, please select one of {list(allowed)}")
    return str(name)


def tensor_name(value: Any) -> str:
    name = tensor_type_of(value)
    if name != "np":
        import_tensor_library(name)  # before the work is done, not after
    return name


def empty_batch(call: Call) -> BatchEncoding:
    """What an empty batch gives: empty columns, tensors of shape (0, 0)."""
    shapes: dict[str, tuple[int, ...]] = {"input_ids": (0, 0)}
    if call.want_type_ids:
        shapes["token_type_ids"] = (0, 0)
    if call.want_mask:
        shapes["attention_mask"] = (0, 0)
    if call.want_special_mask:
        shapes["special_tokens_mask"] = (0, 0)
    if call.want_offsets:
        shapes["offset_mapping"] = (0, 0, 2)
    if call.want_length:
        shapes["length"] = (0,)
    if call.want_windows:
        shapes["overflow_to_sample_mapping"] = (0,)
    if call.tensors is None:
        return BatchEncoding({key: [] for key in shapes}, [])
    columns = {key: np.zeros(shape, dtype=np.int64) for key, shape in shapes.items()}
    encoded = BatchEncoding(columns, [])
    return encoded if call.tensors == "np" else encoded.convert_to_tensors(call.tensors)

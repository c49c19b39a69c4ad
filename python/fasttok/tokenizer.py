"""`Tokenizer`: Hugging Face's class, on an immutable core.

Here: its settings. `pipeline` has its stages and how they are compiled, `tokenizer_encode` and
`tokenizer_decode` its calls, `tokenizer_vocabulary` its tokens, `tokenizer_files` how it is loaded and saved.

Upstream behaviour mirrored: `tokenizers.Tokenizer` 0.23.3, its errors included; the docstrings name the
differences.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NoReturn, final

from fasttok._core import Encoding
from fasttok.added_token import AddedToken
from fasttok.models import Model
from fasttok.pipeline import check_component
from fasttok.settings import padding_settings, truncation_settings
from fasttok.tokenizer_decode import DecodeCalls
from fasttok.tokenizer_encode import EncodeCalls
from fasttok.tokenizer_files import FileCalls
from fasttok.tokenizer_json import check_bool
from fasttok.trainers import PLAN

__all__ = ["AddedToken", "Encoding", "Tokenizer"]


@final
class Tokenizer(EncodeCalls, DecodeCalls, FileCalls):
    """A pipeline of normalizer, pre-tokenizer, model, post-processor and decoder, with added tokens.

    Args:
        model: a `fasttok.models.Model`; the other stages are properties, None at first.

    Raises:
        TypeError: `model` is not a model.

    >>> from fasttok.models import WordPiece
    >>> from fasttok.normalizers import BertNormalizer
    >>> from fasttok.pre_tokenizers import BertPreTokenizer
    >>> tokenizer = Tokenizer(WordPiece({"[UNK]": 0, "hello": 1, "中": 2, "##s": 3}))
    >>> tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    >>> tokenizer.encode("Hellos 中国").tokens
    ['hello', '##s', '中', '[UNK]']

    Mirrors `tokenizers.Tokenizer` 0.23.3. Differences: getters return the very object that was set; setting a
    property of a normalizer normalizes the added tokens anew; a missing file raises FileNotFoundError, a
    damaged one `FormatError`.
    """

    __slots__ = ()

    def __init__(self, model: Model) -> None:
        check_component(model, Model)
        self._start(model)

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'fasttok.Tokenizer' is not an acceptable base type")

    @property
    def encode_special_tokens(self) -> bool:
        """Whether special tokens in the text are split as plain text; False at first, and not saved."""
        return self._specials == "text"

    @encode_special_tokens.setter
    def encode_special_tokens(self, value: bool) -> None:
        self._specials = "text" if check_bool("encode_special_tokens", value) else "parse"
        self._renew_box()

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many ids the special tokens add to one sequence, or to a pair.

        Args:
            is_pair: whether a pair is meant.

        Raises:
            TypeError: not a bool.

        >>> from fasttok import models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0})).num_special_tokens_to_add(False)
        0
        """
        check_bool("is_pair", is_pair)
        return 0 if self._post_processor is None else self._post_processor.num_special_tokens_to_add(is_pair)

    @property
    def truncation(self) -> dict[str, Any] | None:
        """max_length, stride, strategy and direction, or None; `enable_truncation(**truncation)` sets them
        again."""
        return self._truncation_dict and dict(self._truncation_dict)

    @property
    def padding(self) -> dict[str, Any] | None:
        """length, pad_to_multiple_of, pad_id, pad_token, pad_type_id and direction, or None, for
        `enable_padding`."""
        return self._padding_dict and dict(self._padding_dict)

    def enable_truncation(
        self,
        max_length: int,
        *,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
        **unknown: object,
    ) -> None:
        """Cuts what is longer than `max_length` into windows, special tokens counted.

        Args:
            max_length: tokens of a row; below the number of special tokens it has no effect.
            stride: tokens that a window repeats of the one before.
            strategy: of a pair, "longest_first", "only_first" or "only_second" is cut.
            direction: "right" or "left", the side that is cut.

        Raises:
            TypeError, OverflowError: not an int, negative.
            ValueError: unknown strategy or direction; a stride that leaves no room for progress (upstream
                refuses larger ones only and panics at an equal one when it encodes).
            An unknown keyword gives a UserWarning only.

        >>> from fasttok import models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.enable_truncation(2)
        >>> tokenizer.truncation
        {'max_length': 2, 'stride': 0, 'strategy': 'longest_first', 'direction': 'right'}
        """
        for name in unknown:
            warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=2)
        settings = truncation_settings(max_length, stride, strategy, direction)
        special = self.num_special_tokens_to_add(False)
        effective = settings["max_length"] - special
        if effective >= 0 and 0 < settings["stride"] >= effective:
            raise ValueError(
                f"tokenizer stride set to {settings['stride']}, which is greater than or equal to its "
                f"effective max length of {effective} (= {settings['max_length']} original max length - "
                f"{special} added special tokens), "
            )
        self._set_truncation(settings)

    def no_truncation(self) -> None:
        """Turns truncation off.

        >>> from fasttok import models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.enable_truncation(2)
        >>> tokenizer.no_truncation()
        >>> tokenizer.truncation is None
        True
        """
        self._set_truncation(None)

    def enable_padding(
        self,
        *,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
        **unknown: Any,
    ) -> None:
        """Pads rows to one length.

        Args:
            direction: "right" or "left", where the padding goes.
            pad_id, pad_type_id, pad_token: what a place of padding holds.
            length: tokens; None = the longest row of a batch.
            pad_to_multiple_of: rounds the length up; 0 and None do not.

        Raises:
            TypeError, OverflowError: wrong types, negative numbers. ValueError: unknown direction.
            An unknown keyword gives a UserWarning only, `max_length` (= `length`) a DeprecationWarning.

        >>> from fasttok import models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.enable_padding(length=3, pad_id=7)
        >>> tokenizer.encode("a").ids
        [1, 7, 7]
        """
        for name, value in unknown.items():
            if name == "max_length":
                warnings.warn(
                    "enable_padding(max_length=X) is deprecated, use enable_padding(length=X) instead",
                    DeprecationWarning,
                    stacklevel=2,
                )
                length = value
            else:
                warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=2)
        self._set_padding(
            padding_settings(direction, pad_id, pad_type_id, pad_token, length, pad_to_multiple_of)
        )

    def no_padding(self) -> None:
        """Turns padding off.

        >>> from fasttok import models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.enable_padding()
        >>> tokenizer.no_padding()
        >>> tokenizer.padding is None
        True
        """
        self._set_padding(None)

    def train(self, files: Sequence[str], trainer: Any = None) -> NoReturn:
        """Trains the model on files; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(PLAN)

    def train_from_iterator(self, iterator: Any, trainer: Any = None, length: int | None = None) -> NoReturn:
        """Trains the model on texts; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(PLAN)

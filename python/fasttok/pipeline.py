"""The stages of a tokenizer, and the immutable core that is compiled from them.

The Python object holds the settings and may change at any time; the compiled core cannot. Every change, also
of a property of a component that the tokenizer holds, puts a fresh box without a core in place of the one
that held it; the next call compiles. A call keeps the box that it started with, the call settings in it
included, so encoding takes no lock: any number of threads may encode while another changes settings, and each
call sees the settings of one moment. Compiling reads them one by one, and begins anew where the box was
exchanged meanwhile.

    tokenizer._box = [None, …]  --encode-->  [core, …]  --tokenizer.normalizer.lowercase = False-->  [None, …]

Truncation, padding and the treatment of special tokens are arguments of the core's calls: changing them
compiles nothing.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import Any, Literal, Self

from fasttok import _core
from fasttok.added_token import AddedVocabulary
from fasttok.decoders import Decoder
from fasttok.models import Model
from fasttok.normalizers import Normalizer
from fasttok.pre_tokenizers import PreTokenizer
from fasttok.processors import PostProcessor
from fasttok.settings import core_padding, core_truncation
from fasttok.tokenizer_json import Component

__all__ = ["Pipeline"]


def check_component(value: object, base: type[Component]) -> None:
    if not isinstance(value, base):
        found = "'None'" if value is None else f"'{type(value).__name__}' object"
        raise TypeError(f"{found} is not an instance of '{base.__name__}'")


_lock = RLock()  # of those that exchange a box; held for a moment only


def _renew_lock() -> None:
    """In the child of a fork, where a thread that held it does not exist."""
    global _lock
    _lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _box_of(core: _core.Tokenizer | None, truncation: Any, padding: Any, specials: str) -> list[Any]:
    is_plain = truncation is None and padding is None and specials == "parse"
    return [core, core if is_plain else None, truncation, padding, specials]


class Pipeline:
    """The state of a `Tokenizer`; the base of the classes that its calls are spread over."""

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_added",
        "_box",
        "_decoder",
        "_engine",
        "_model",
        "_normalizer",
        "_padding",
        "_padding_dict",
        "_post_processor",
        "_pre_tokenizer",
        "_specials",
        "_truncation",
        "_truncation_dict",
    )

    # The core (None until it is compiled); again where the tokenizer has no truncation, padding or policy of
    # its own (cpp/fasttok/bindings/lean_calls.h); then these three.
    _box: list[Any]

    def _start(self, model: Model) -> None:
        self._box = _box_of(None, None, None, "parse")
        self._truncation: _core.Truncation | None = None
        self._padding: _core.Padding | None = None
        self._specials: Literal["parse", "text"] = "parse"
        self._model = model
        self._normalizer: Normalizer | None = None
        self._pre_tokenizer: PreTokenizer | None = None
        self._post_processor: PostProcessor | None = None
        self._decoder: Decoder | None = None
        self._added = AddedVocabulary()
        self._set_truncation(None)
        self._set_padding(None)
        self._engine = "auto"
        model._attach(self)

    def _set_truncation(self, settings: dict[str, Any] | None) -> None:
        self._truncation_dict = settings
        self._truncation = core_truncation(settings)
        self._renew_box()

    def _set_padding(self, settings: dict[str, Any] | None) -> None:
        self._padding_dict = settings
        self._padding = core_padding(settings)
        self._renew_box()

    # The core

    def _invalidate(self) -> None:
        with _lock:
            self._box = _box_of(None, self._truncation, self._padding, self._specials)

    def _renew_box(self) -> None:
        with _lock:
            self._box = _box_of(self._box[0], self._truncation, self._padding, self._specials)

    def _compile(self) -> list[Any]:
        """The box as it is now, with its core."""
        box: list[Any] = []
        while box is not self._box:
            box = self._box  # before any setting is read
            normalizer, pre_tokenizer = self._normalizer, self._pre_tokenizer
            post_processor, decoder = self._post_processor, self._decoder
            specs = (
                self._model._spec(),
                None if normalizer is None else normalizer._spec(),
                None if pre_tokenizer is None else pre_tokenizer._spec(),
                None if post_processor is None else post_processor._spec(),
                None if decoder is None else decoder._spec(),
                self._added.entries(),
                self._engine,
            )
        compiled = _box_of(_core.Tokenizer(*specs), *box[2:])
        with _lock:
            if self._box is box:
                self._box = compiled
        return compiled

    def _now(self) -> tuple[_core.Tokenizer, _core.Truncation | None, _core.Padding | None, _core.Specials]:
        """The core, truncation, padding and treatment of special tokens, all of one moment."""
        box = self._box
        if box[0] is None:
            box = self._compile()
        return box[0], box[2], box[3], box[4]

    def _compiled(self) -> _core.Tokenizer:
        return self._now()[0]

    @property
    def engine(self) -> str:
        """The engine in use: "generic", or by the pipeline's shape a fused one: "bert", "byte_bpe" and so on.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0})).with_engine("generic").engine
        'generic'
        """
        return self._compiled().engine

    def with_engine(self, engine: str) -> Self:
        """A copy of this tokenizer that uses another engine; the results are the same.

        Args:
            engine: "generic", the literal one, or "auto", the fastest that fits. Pickling forgets it.

        Raises:
            ValueError: another name.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).with_engine("generic").encode("a").ids
        [1]
        """
        if engine not in ("auto", "generic"):
            raise ValueError(f'engine is {engine!r}; expected "auto" or "generic"')
        copy = self._clone()
        copy._engine = engine
        return copy

    def _clone(self) -> Self:
        copy = type(self).__new__(type(self))
        copy._start(self._model._copy())
        copy.normalizer = None if self._normalizer is None else self._normalizer._copy()
        copy.pre_tokenizer = None if self._pre_tokenizer is None else self._pre_tokenizer._copy()
        copy.post_processor = None if self._post_processor is None else self._post_processor._copy()
        copy.decoder = None if self._decoder is None else self._decoder._copy()
        copy._added = self._added  # never changes
        copy._set_truncation(self._truncation_dict)
        copy._set_padding(self._padding_dict)
        copy._specials = self._specials
        copy._renew_box()
        copy._engine = self._engine
        return copy

    def __copy__(self) -> Self:
        return self._clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._clone()

    # Components

    def _replace(self, slot: str, component: Component | None) -> None:
        old = getattr(self, slot)
        if component is not None:
            component._attach(self)
        setattr(self, slot, component)
        if old is not None and old is not component:
            old._detach(self)
        self._invalidate()

    @property
    def model(self) -> Any:
        """The model; never None. Setting it keeps the added tokens and their ids."""
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        check_component(model, Model)
        self._replace("_model", model)

    @property
    def normalizer(self) -> Any:
        """The normalizer, or None. Setting it normalizes the added tokens anew."""
        return self._normalizer

    @normalizer.setter
    def normalizer(self, normalizer: Normalizer | None) -> None:
        if normalizer is not None:
            check_component(normalizer, Normalizer)
        self._replace("_normalizer", normalizer)

    @property
    def pre_tokenizer(self) -> Any:
        """The pre-tokenizer, or None."""
        return self._pre_tokenizer

    @pre_tokenizer.setter
    def pre_tokenizer(self, pre_tokenizer: PreTokenizer | None) -> None:
        if pre_tokenizer is not None:
            check_component(pre_tokenizer, PreTokenizer)
        self._replace("_pre_tokenizer", pre_tokenizer)

    @property
    def post_processor(self) -> Any:
        """The post-processor, or None."""
        return self._post_processor

    @post_processor.setter
    def post_processor(self, post_processor: PostProcessor | None) -> None:
        if post_processor is not None:
            check_component(post_processor, PostProcessor)
        self._replace("_post_processor", post_processor)

    @property
    def decoder(self) -> Any:
        """The decoder, or None: tokens are then joined by spaces."""
        return self._decoder

    @decoder.setter
    def decoder(self, decoder: Decoder | None) -> None:
        if decoder is not None:
            check_component(decoder, Decoder)
        self._replace("_decoder", decoder)

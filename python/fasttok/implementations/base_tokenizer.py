"""`BaseTokenizer`: what the ready-made tokenizers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from fasttok.added_token import AddedToken
from fasttok.model_base import Model
from fasttok.normalizers import Normalizer
from fasttok.tokenizer import Encoding, Tokenizer
from fasttok.trainers import PLAN

__all__ = ["BaseTokenizer"]


class BaseTokenizer:
    """A `Tokenizer` with a name and the settings that it was made with; all calls go to it.

    Args:
        tokenizer: the `Tokenizer`.
        parameters: what `repr` shows.

    >>> from fasttok import Tokenizer, models
    >>> BaseTokenizer(Tokenizer(models.WordLevel({"a": 0})), {"model": "Letters"})
    Tokenizer(vocabulary_size=1, model=Letters)

    Mirrors `tokenizers.implementations.BaseTokenizer`.
    """

    def __init__(self, tokenizer: Tokenizer, parameters: dict[str, Any] | None = None) -> None:
        self._tokenizer = tokenizer
        self._parameters = {} if parameters is None else parameters

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self._parameters.items())
        return f"Tokenizer(vocabulary_size={self._tokenizer.get_vocab_size()}, {settings})"

    # Settings

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """As `Tokenizer.num_special_tokens_to_add`."""
        return self._tokenizer.num_special_tokens_to_add(is_pair)

    def enable_padding(
        self,
        direction: str = "right",
        pad_to_multiple_of: int | None = None,
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
    ) -> None:
        """As `Tokenizer.enable_padding`."""
        self._tokenizer.enable_padding(
            direction=direction,
            pad_to_multiple_of=pad_to_multiple_of,
            pad_id=pad_id,
            pad_type_id=pad_type_id,
            pad_token=pad_token,
            length=length,
        )

    def no_padding(self) -> None:
        """As `Tokenizer.no_padding`."""
        self._tokenizer.no_padding()

    @property
    def padding(self) -> dict[str, Any] | None:
        """As `Tokenizer.padding`."""
        return self._tokenizer.padding

    def enable_truncation(self, max_length: int, stride: int = 0, strategy: str = "longest_first") -> None:
        """As `Tokenizer.enable_truncation`."""
        self._tokenizer.enable_truncation(max_length, stride=stride, strategy=strategy)

    def no_truncation(self) -> None:
        """As `Tokenizer.no_truncation`."""
        self._tokenizer.no_truncation()

    @property
    def truncation(self) -> dict[str, Any] | None:
        """As `Tokenizer.truncation`."""
        return self._tokenizer.truncation

    # Vocabulary

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """As `Tokenizer.get_vocab`."""
        return self._tokenizer.get_vocab(with_added_tokens)

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """As `Tokenizer.get_vocab_size`."""
        return self._tokenizer.get_vocab_size(with_added_tokens)

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """As `Tokenizer.get_added_tokens_decoder`."""
        return self._tokenizer.get_added_tokens_decoder()

    def add_tokens(self, tokens: Sequence[str | AddedToken]) -> int:
        """As `Tokenizer.add_tokens`."""
        return self._tokenizer.add_tokens(tokens)

    def add_special_tokens(self, special_tokens: Sequence[str | AddedToken]) -> int:
        """As `Tokenizer.add_special_tokens`."""
        return self._tokenizer.add_special_tokens(special_tokens)

    def _add_known(self, *tokens: str | AddedToken) -> None:
        """Makes those special that the vocabulary has."""
        for token in map(str, tokens):
            if self._tokenizer.token_to_id(token) is not None:
                self._tokenizer.add_special_tokens([token])

    def token_to_id(self, token: str) -> int | None:
        """As `Tokenizer.token_to_id`."""
        return self._tokenizer.token_to_id(token)

    def id_to_token(self, id: int) -> str | None:
        """As `Tokenizer.id_to_token`."""
        return self._tokenizer.id_to_token(id)

    # Encoding and decoding

    def normalize(self, sequence: str) -> str:
        """What the normalizer makes of a text.

        Raises:
            AttributeError: there is no normalizer.
        """
        normalizer: Normalizer = self._tokenizer.normalizer
        return normalizer.normalize_str(sequence)

    def encode(
        self, sequence: Any, pair: Any = None, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> Encoding:
        """As `Tokenizer.encode`; ValueError for None."""
        if sequence is None:
            raise ValueError("encode: `sequence` can't be `None`")
        return self._tokenizer.encode(sequence, pair, is_pretokenized, add_special_tokens)

    def encode_batch(
        self, inputs: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """As `Tokenizer.encode_batch`; ValueError for None."""
        if inputs is None:
            raise ValueError("encode_batch: `inputs` can't be `None`")
        return self._tokenizer.encode_batch(inputs, is_pretokenized, add_special_tokens)

    async def async_encode_batch(
        self, inputs: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """As `Tokenizer.async_encode_batch`; ValueError for None."""
        if inputs is None:
            raise ValueError("async_encode_batch: `inputs` can't be `None`")
        return await self._tokenizer.async_encode_batch(inputs, is_pretokenized, add_special_tokens)

    async def async_encode_batch_fast(
        self, inputs: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """As `Tokenizer.async_encode_batch_fast`; ValueError for None."""
        if inputs is None:
            raise ValueError("async_encode_batch_fast: `inputs` can't be `None`")
        return await self._tokenizer.async_encode_batch_fast(inputs, is_pretokenized, add_special_tokens)

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        """As `Tokenizer.decode`; ValueError for None."""
        if ids is None:
            raise ValueError("None input is not valid. Should be a list of integers.")
        return self._tokenizer.decode(ids, skip_special_tokens)

    def decode_batch(self, sequences: Sequence[Sequence[int]], skip_special_tokens: bool = True) -> list[str]:
        """As `Tokenizer.decode_batch`; ValueError for None."""
        if sequences is None:
            raise ValueError("None input is not valid. Should be list of list of integers.")
        return self._tokenizer.decode_batch(sequences, skip_special_tokens)

    async def async_decode_batch(
        self, sequences: Sequence[Sequence[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """As `Tokenizer.async_decode_batch`; ValueError for None."""
        if sequences is None:
            raise ValueError("async_decode_batch: `sequences` can't be `None`")
        return await self._tokenizer.async_decode_batch(sequences, skip_special_tokens)

    def post_process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """As `Tokenizer.post_process`."""
        return self._tokenizer.post_process(encoding, pair, add_special_tokens)

    # Files

    def save_model(self, directory: str, prefix: str | None = None) -> list[str]:
        """Writes the model's files into a folder; see `models.Model.save`."""
        model: Model = self._tokenizer.model
        return model.save(directory, prefix)

    def save(self, path: str, pretty: bool = True) -> None:
        """As `Tokenizer.save`."""
        self._tokenizer.save(path, pretty)

    def to_str(self, pretty: bool = False) -> str:
        """As `Tokenizer.to_str`."""
        return self._tokenizer.to_str(pretty)

    def train(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Trains the model on files; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(PLAN)

    def train_from_iterator(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Trains the model on texts; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(PLAN)

    # Components

    @property
    def model(self) -> Any:
        """As `Tokenizer.model`."""
        return self._tokenizer.model

    @model.setter
    def model(self, model: Any) -> None:
        self._tokenizer.model = model

    @property
    def normalizer(self) -> Any:
        """As `Tokenizer.normalizer`."""
        return self._tokenizer.normalizer

    @normalizer.setter
    def normalizer(self, normalizer: Any) -> None:
        self._tokenizer.normalizer = normalizer

    @property
    def pre_tokenizer(self) -> Any:
        """As `Tokenizer.pre_tokenizer`."""
        return self._tokenizer.pre_tokenizer

    @pre_tokenizer.setter
    def pre_tokenizer(self, pre_tokenizer: Any) -> None:
        self._tokenizer.pre_tokenizer = pre_tokenizer

    @property
    def post_processor(self) -> Any:
        """As `Tokenizer.post_processor`."""
        return self._tokenizer.post_processor

    @post_processor.setter
    def post_processor(self, post_processor: Any) -> None:
        self._tokenizer.post_processor = post_processor

    @property
    def decoder(self) -> Any:
        """As `Tokenizer.decoder`."""
        return self._tokenizer.decoder

    @decoder.setter
    def decoder(self, decoder: Any) -> None:
        self._tokenizer.decoder = decoder

"""The calls that turn text into `Encoding` objects, columns and counts.

The core checks the texts and does the work; a good call costs one Python frame here, and one look whether
there is a core. A tokenizer's own truncation and padding go along as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from fasttok import _core
from fasttok._core import Encoding
from fasttok.pipeline import Pipeline
from fasttok.settings import Specials, core_specials, core_truncation
from fasttok.tokenizer_json import check_size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fasttok._core import Surrogates
    from fasttok.batch import TokenBatch

__all__ = ["EncodeCalls"]


class EncodeCalls(Pipeline):
    """The calls that encode; a base of `Tokenizer`."""

    __slots__ = ()

    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> Encoding:
        """Encodes one text, or a pair.

        Args:
            sequence: a str; with `is_pretokenized` a list or tuple of str.
            pair: the second sequence, of the same form.
            is_pretokenized: whether the sequences are lists of words.
            add_special_tokens: whether the post-processor adds its special tokens.
            specials: special tokens in the text: "parse" them (or not, with `encode_special_tokens`), take
                them as "text", "error", or the collection of those to parse.
            surrogates: lone surrogates: "error", or "replace" by U+FFFD.

        Raises:
            TypeError: "TextInputSequence must be str", "PreTokenizedInputSequence must be Union[List[str],
                Tuple[str]]".
            ValueError: a special token with specials="error"; a stride that is not below the effective
                length.
            Exception: an unknown word, and the vocabulary lacks the unknown token.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).encode(["a", "b"], is_pretokenized=True).ids
        [1, 0]
        """
        core, truncation, padding, own = self._now()
        return core.encode(
            sequence,
            pair,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=truncation,
            padding=padding,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
        )

    def encode_ids(self, text: str, add_special_tokens: bool = True) -> list[int]:
        """The ids of `encode(text, add_special_tokens=…)`, by the shortest way: for one short text at a time.

        Args:
            text: a str.
            add_special_tokens: whether the post-processor adds its special tokens.

        Raises:
            As `encode`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).encode_ids("a")
        [1]
        """
        return self.encode(text, add_special_tokens=add_special_tokens).ids

    def encode_bytes(self, data: bytes, add_special_tokens: bool = True) -> Encoding:
        """Encodes bytes: UTF-8 as `encode` its text; any others by a byte-level model only.

        Args:
            data: bytes. Where they are not UTF-8, each byte that belongs to no character is a character by
                itself, neither letter nor digit nor white space; tokens of a word with such bytes have the
                offsets of the word.
            add_special_tokens: as in `encode`.

        Raises:
            TypeError: not bytes. ValueError: not UTF-8, and the model is not byte-level, or the vocabulary
                has no token for one of the bytes that belong to no character.

        >>> from fasttok import Tokenizer
        >>> ranks = b"YQ== 0\\n/w== 1\\n9A== 2\\ngA== 3\\n"
        >>> Tokenizer.from_buffer(ranks, pattern=r"(?s).").encode_bytes(b"a\\xff").ids
        [0, 1]
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data is {type(data).__name__}; expected bytes")
        data = bytes(data)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            from fasttok.encode_bytes import encode_bytes

            return encode_bytes(self, data, add_special_tokens)  # type: ignore[arg-type]
        return self.encode(text, add_special_tokens=add_special_tokens)

    def encode_batch(
        self,
        input: Sequence[Any] | npt.NDArray[Any],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> list[Encoding]:
        """Encodes a batch; padding to the longest row works here.

        Args:
            input: a list, tuple or NumPy array (str, object) of rows; a row is a str or a pair (str, str),
                with `is_pretokenized` a list or tuple of str, or a pair of two such.
            is_pretokenized, add_special_tokens, specials, surrogates: as in `encode`.
            num_threads: None = `fasttok.get_num_threads()`.

        Raises:
            TypeError: "TextEncodeInput must be Union[…", with the row and its type; else as `encode`.

        >>> from fasttok import Tokenizer, models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> [row.ids for row in tokenizer.encode_batch(["a", ("a", "b")])]
        [[1], [1, 0]]
        """
        core, truncation, padding, own = self._now()
        return core.encode_batch(
            input,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=truncation,
            padding=padding,
            fast=False,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    def encode_batch_fast(
        self,
        input: Sequence[Any] | npt.NDArray[Any],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        *,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> list[Encoding]:
        """Encodes a batch to ids: offsets are (0, 0), word ids None, the texts of tokens "" (those of special
        tokens apart).

        Args:
            As in `encode_batch`.

        Raises:
            As `encode_batch`.

        >>> from fasttok import Tokenizer, models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> [row.ids for row in tokenizer.encode_batch_fast(["a", "b"])]
        [[1], [0]]
        """
        core, truncation, padding, own = self._now()
        return core.encode_batch(
            input,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            truncation=truncation,
            padding=padding,
            fast=True,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    async def async_encode(
        self, sequence: Any, pair: Any = None, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> Encoding:
        """`encode` in a thread, awaitable.

        >>> from fasttok import Tokenizer, models
        >>> import asyncio
        >>> asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode("a")).ids
        [1]
        """
        from asyncio import to_thread

        return await to_thread(self.encode, sequence, pair, is_pretokenized, add_special_tokens)

    async def async_encode_batch(
        self, input: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """`encode_batch` in a thread, awaitable.

        >>> from fasttok import Tokenizer, models
        >>> import asyncio
        >>> len(asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode_batch(["a"])))
        1
        """
        from asyncio import to_thread

        return await to_thread(self.encode_batch, input, is_pretokenized, add_special_tokens)

    async def async_encode_batch_fast(
        self, input: Sequence[Any], is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """`encode_batch_fast` in a thread, awaitable.

        >>> from fasttok import Tokenizer, models
        >>> import asyncio
        >>> len(asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_encode_batch_fast(["a"])))
        1
        """
        from asyncio import to_thread

        return await to_thread(self.encode_batch_fast, input, is_pretokenized, add_special_tokens)

    def encode_batch_flat(
        self,
        inputs: Sequence[Any] | npt.NDArray[Any],
        *,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        truncation: int | Mapping[str, Any] | None = None,
        offsets: Literal[False, "char", "byte"] | None = False,
        type_ids: bool = False,
        word_ids: bool = False,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> TokenBatch:
        """Encodes a batch into flat NumPy columns; padding is never applied.

        Args:
            inputs: as `input` in `encode_batch`; a text may also be UTF-8 bytes.
            is_pretokenized, add_special_tokens, specials, surrogates, num_threads: as in `encode_batch`.
            truncation: the largest number of tokens, or a dict as `truncation`; None = the tokenizer's own
                setting.
            offsets: "char" or "byte" for (start, end) of every token.
            type_ids, word_ids: whether these columns are wanted.

        Raises:
            ValueError: another value of `offsets` or in `truncation`; else as `encode_batch`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).encode_batch_flat(["a", "b"]).ids.tolist()
        [1, 0]
        """
        if offsets not in (None, False, "char", "byte"):
            raise ValueError(f'offsets is {offsets!r}; expected False, "char" or "byte"')
        core, own_truncation, _, own = self._now()
        cut = own_truncation if truncation is None else core_truncation(truncation)
        policy = own if specials == "parse" else core_specials(specials)
        columns = core.encode_batch_flat(
            inputs,
            is_pretokenized,
            add_special_tokens,
            cut,
            offsets or None,
            type_ids,
            word_ids,
            policy,
            surrogates,
            num_threads,
        )

        padding = self._padding_dict
        return _token_batch()(
            *columns,
            core=core,
            padding=None if padding is None else (padding["pad_id"], padding["pad_type_id"]),
            inputs=inputs,
            settings={
                "is_pretokenized": is_pretokenized,
                "add_special_tokens": add_special_tokens,
                "truncation": cut,
                "specials": policy,
                "surrogates": surrogates,
            },
        )

    def count(
        self,
        text: str | bytes,
        *,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> int:
        """The number of tokens of a text, truncation and padding apart.

        Args:
            text: a str, or its bytes in UTF-8.
            add_special_tokens, specials, surrogates: as in `encode`.

        Raises:
            As `encode`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).count("a")
        1
        """
        core, _, _, own = self._now()
        return core.count(
            text,
            add_special_tokens=add_special_tokens,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
        )

    def count_batch(
        self,
        texts: Sequence[Any] | npt.NDArray[Any],
        *,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
        num_threads: int | None = None,
    ) -> npt.NDArray[np.int64]:
        """The numbers of tokens of a batch, int64[rows], truncation and padding apart.

        Args:
            texts: as `inputs` in `encode_batch_flat`.
            is_pretokenized, add_special_tokens, specials, surrogates, num_threads: as in `encode_batch`.

        Raises:
            As `encode_batch`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).count_batch(["a", "b"]).tolist()
        [1, 1]
        """
        core, _, _, own = self._now()
        return core.count_batch(
            texts,
            is_pretokenized=is_pretokenized,
            add_special_tokens=add_special_tokens,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
            num_threads=num_threads,
        )

    def fits(
        self,
        text: str | bytes,
        max_tokens: int,
        *,
        add_special_tokens: bool = True,
        specials: Specials = "parse",
        surrogates: Surrogates = "error",
    ) -> bool:
        """Whether a text has at most `max_tokens` tokens; stops reading as soon as it has more.

        Args:
            text: a str, or its bytes in UTF-8.
            max_tokens: 0 or more.
            add_special_tokens, specials, surrogates: as in `encode`.

        Raises:
            OverflowError: `max_tokens` is negative; else as `encode`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).fits("a", 1)
        True
        """
        core, _, _, own = self._now()
        return core.fits(
            text,
            check_size("max_tokens", max_tokens),
            add_special_tokens=add_special_tokens,
            specials=own if specials == "parse" else core_specials(specials),
            surrogates=surrogates,
        )

    def post_process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """Truncates, adds the special tokens, pads: what `encode` does last.

        Args:
            encoding, pair: one encoding, or two, without special tokens.
            add_special_tokens: whether the post-processor adds its special tokens.

        Raises:
            TypeError: not an `Encoding`.

        >>> from fasttok import Tokenizer, models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
        >>> tokenizer.post_process(tokenizer.encode("a"), tokenizer.encode("b")).ids
        [1, 0]
        """
        for value in (encoding,) if pair is None else (encoding, pair):
            if not isinstance(value, Encoding):
                raise TypeError(f"'{type(value).__name__}' object is not an instance of 'Encoding'")
        core, truncation, padding, _ = self._now()
        return core.post_process(
            encoding,
            pair,
            add_special_tokens=add_special_tokens,
            truncation=truncation,
            padding=padding,
        )


@cache
def _token_batch() -> type[TokenBatch]:
    """The class, imported when it is first wanted, with NumPy."""
    from fasttok.batch import TokenBatch

    return TokenBatch


_core.add_lean_calls(EncodeCalls)

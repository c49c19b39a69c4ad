"""`Encoding`: text to tokens and back by ranks, as `tiktoken.core`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from fasttok import _core
from fasttok.tiktoken.unstable import completions_of, with_last_spaces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Encoding", "raise_disallowed_special_token"]

_NONE: AbstractSet[str] = frozenset()


class Encoding:
    """A vocabulary of ranked tokens with the pattern that cuts texts, and special tokens.

    Args:
        name: what the encoding is called.
        pat_str: the pattern in the syntax of Rust's fancy-regex; what it does not match is left out.
        mergeable_ranks: token -> rank, its id, from 0 to 2^32 - 1; pairs of low rank merge first.
        special_tokens: token -> id.
        explicit_n_vocab: where given, the number of all tokens, and one more than the greatest id.

    Raises:
        ValueError: a pattern that is wrong or that fasttok cannot run, no ranks; FormatError (a ValueError):
        two tokens of one rank. TypeError, OverflowError: a token or rank of a wrong type or out of range.
        AssertionError: `explicit_n_vocab` is wrong.

    >>> enc = Encoding(
    ...     "ab", pat_str=".+", mergeable_ranks={b"a": 0, b"b": 1, b"ab": 2}, special_tokens={"<s>": 3}
    ... )
    >>> enc, enc.encode("aab"), enc.n_vocab
    (<Encoding 'ab'>, [0, 2], 4)

    Mirrors `tiktoken.Encoding`. A byte that no token has is a KeyError where a text needs it (a panic there).
    Where one special token begins another, the longer one is found (tiktoken takes either, by a hash table).
    """

    __slots__ = ("__dict__", "__weakref__", "_core")

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ) -> None:
        self.name = name
        self._pat_str = pat_str
        self._mergeable_ranks = mergeable_ranks
        self._special_tokens = special_tokens
        self.max_token_value = max(max(mergeable_ranks.values()), max(special_tokens.values(), default=0))
        if explicit_n_vocab:
            count = len(mergeable_ranks) + len(special_tokens)
            assert count == explicit_n_vocab, f"{count} tokens; explicit_n_vocab is {explicit_n_vocab}"
            assert self.max_token_value == explicit_n_vocab - 1, (
                f"the greatest id is {self.max_token_value}; explicit_n_vocab is {explicit_n_vocab}"
            )
        self._special_token_values = set(special_tokens.values())
        self._pattern = _core.Regex.from_rust(pat_str)
        self._core = _core.RankEncoding(mergeable_ranks, special_tokens, self._pattern, "auto")
        self._all_special = _core.SpecialTokens(special_tokens)

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    # Encoding.

    def encode_ordinary(self, text: str) -> list[int]:
        """The ids of a text whose special tokens are plain text.

        Raises:
            TypeError: not a str. KeyError: a byte that no token has.

        >>> _example().encode_ordinary("ab<s>")
        [256, 60, 115, 62]

        Lone surrogates become U+FFFD, pairs are joined.
        """
        try:
            return self._core.encode(text, None)
        except UnicodeEncodeError:
            return self._core.encode(_without_surrogates(text), None)

    def encode(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = _NONE,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[int]:
        """The ids of a text.

        Args:
            text: a str; lone surrogates become U+FFFD, pairs are joined.
            allowed_special: the special tokens that may become their ids; "all" = all of them.
            disallowed_special: texts that may not occur; "all" = the special tokens that are not allowed, ()
                = none: then special tokens that are not allowed are plain text.

        Raises:
            ValueError: a disallowed text occurs. TypeError, KeyError: as `encode_ordinary`.

        >>> _example().encode("ab<s>", allowed_special={"<s>"})
        [256, 257]
        >>> _example().encode("<s>")
        Traceback (most recent call last):
        ...
        ValueError: Encountered text corresponding to disallowed special token '<s>'...
        """
        if (
            allowed_special is _NONE
            and disallowed_special == "all"
            and (ids := self._core.encode_plain(text)) is not None
        ):
            return ids
        allowed = self._policy(text, allowed_special, disallowed_special)
        try:
            return self._core.encode(text, allowed)
        except UnicodeEncodeError:
            return self._core.encode(_without_surrogates(text), allowed)

    def encode_to_numpy(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = _NONE,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> npt.NDArray[np.uint32]:
        """As `encode`, but a read-only array; UnicodeEncodeError for a lone surrogate.

        >>> _example().encode_to_numpy("abc")
        array([256,  99], dtype=uint32)
        """
        return self._core.encode_array(text, self._policy(text, allowed_special, disallowed_special))

    def encode_ordinary_batch(self, text: Iterable[str], *, num_threads: int | None = 8) -> list[list[int]]:
        """As `encode_ordinary` of each text.

        Args:
            text: the texts.
            num_threads: at most so many threads, and no more than `fasttok.get_num_threads()`, which None is.

        Raises:
            ValueError: num_threads < 1. TypeError: a row that is no str, by its number.

        >>> _example().encode_ordinary_batch(["ab", "c"])
        [[256], [99]]
        """
        return self._encode_batch(list(text), None, num_threads)

    def encode_batch(
        self,
        text: Iterable[str],
        *,
        num_threads: int | None = 8,
        allowed_special: Literal["all"] | AbstractSet[str] = _NONE,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> list[list[int]]:
        """As `encode` of each text; `num_threads` as in `encode_ordinary_batch`.

        >>> _example().encode_batch(["ab", "<s>"], allowed_special="all")
        [[256], [257]]
        """
        texts = list(text)
        allowed, disallowed = self._sets(allowed_special, disallowed_special)
        if disallowed is not None:
            for row in texts:
                _check(row, disallowed)
        return self._encode_batch(texts, allowed, num_threads)

    def _encode_batch(
        self, texts: list[str], allowed: _core.SpecialTokens | None, num_threads: int | None
    ) -> list[list[int]]:
        _check_threads(num_threads)
        threads = _core.get_num_threads()
        if num_threads is not None:  # the reference hands None on to a pool, which chooses
            threads = min(num_threads, threads)
        try:
            return self._core.encode_batch(texts, allowed, threads)
        except UnicodeEncodeError:
            return self._core.encode_batch([_without_surrogates(text) for text in texts], allowed, threads)

    def encode_with_unstable(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = _NONE,
        disallowed_special: Literal["all"] | Collection[str] = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """The ids of the part of a text that stays when more text follows, and the ways to go on.

        Args as `encode`.

        Returns:
            The stable ids, and lists of ids, each of which begins with the rest of the text; their order says
            nothing.

        >>> _example().encode_with_unstable("cb a")
        ([99, 98, 32], [[97], [256]])

        Raises as `encode`, and UnicodeEncodeError for a lone surrogate.
        """
        allowed = self._policy(text, allowed_special, disallowed_special)
        ids, last = self._encode_last(text, allowed)
        if last == 0:
            return ids, []
        last = with_last_spaces(ids, last, self._mergeable_bytes)
        rest = self._core.decode_bytes(ids[len(ids) - last :])
        return ids[: len(ids) - last], completions_of(
            rest,
            self._sorted_bytes,
            self.encode_ordinary,
            self._core.merge_piece,
            self.decode_bytes,
            self._mergeable_ranks.__getitem__,
        )

    def _encode_last(self, text: str, allowed: _core.SpecialTokens | None) -> tuple[list[int], int]:
        """The ids, and how many come from the last match of the pattern (0 behind a special token)."""
        ids = self._core.encode(text, allowed)
        begin = 0
        while allowed is not None and (place := allowed.find(text, begin)) is not None:
            begin = place[1]
        matches = self._pattern.find_all(text[begin:])
        if not matches:
            return ids, 0
        first, end = matches[-1]
        return ids, len(self._core.encode_piece(text[begin:][first:end].encode()))

    def _mergeable_bytes(self, token: int) -> bytes | None:
        return self._bytes_by_rank.get(token)

    @cached_property
    def _bytes_by_rank(self) -> dict[int, bytes]:
        return {rank: token for token, rank in self._mergeable_ranks.items()}

    def encode_single_token(self, text_or_bytes: str | bytes) -> int:
        """The id of one token, a special one or not.

        Raises:
            KeyError: there is no such token. UnicodeEncodeError: a lone surrogate.

        >>> _example().encode_single_token("ab"), _example().encode_single_token(b"<s>")
        (256, 257)
        """
        token = text_or_bytes.encode() if isinstance(text_or_bytes, str) else text_or_bytes
        if not isinstance(token, bytes):
            raise TypeError(f"'{type(token).__name__}' object is not an instance of 'bytes'")
        if (rank := self._mergeable_ranks.get(token)) is not None:
            return rank
        try:
            return self._special_tokens[token.decode()]
        except (KeyError, UnicodeDecodeError):
            raise KeyError(token) from None

    # Decoding.

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """The bytes of tokens, one after the other.

        Raises:
            KeyError: an id that no token has. OverflowError: one that is not of 32 bits.

        >>> _example().decode_bytes([256, 99])
        b'abc'
        """
        return self._core.decode_bytes(tokens)

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        """The text of tokens.

        Args:
            tokens: ids.
            errors: what becomes of bytes that are not UTF-8, as in `bytes.decode`.

        Raises as `decode_bytes`; UnicodeDecodeError under errors="strict".

        >>> _example().decode([256, 99, 255])
        'abc\ufffd'
        """
        return self._core.decode(tokens, errors)

    def decode_single_token_bytes(self, token: int) -> bytes:
        """The bytes of one token; KeyError where there is none.

        >>> _example().decode_single_token_bytes(256)
        b'ab'
        """
        return self._core.decode_token(token)

    def decode_tokens_bytes(self, tokens: Sequence[int]) -> list[bytes]:
        """The bytes of each token.

        >>> _example().decode_tokens_bytes([256, 99])
        [b'ab', b'c']
        """
        return [self._core.decode_token(token) for token in tokens]

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        """The text, and for each token the index of the first character that has bytes of it.

        Raises as `decode_bytes`, and UnicodeDecodeError where the bytes are not UTF-8.

        >>> _example().decode_with_offsets([256, 195, 169, 99])
        ('abéc', [0, 2, 2, 3])
        """
        parts = self.decode_tokens_bytes(tokens)
        begun = accumulate((sum((byte & 0xC0) != 0x80 for byte in part) for part in parts), initial=0)
        offsets = [
            max(0, before - ((part[0] & 0xC0) == 0x80)) for part, before in zip(parts, begun, strict=False)
        ]
        return b"".join(parts).decode(), offsets

    def decode_batch(
        self, batch: Iterable[Sequence[int]], *, errors: str = "replace", num_threads: int | None = 8
    ) -> list[str]:
        """As `decode` of each; `num_threads` is accepted for compatibility.

        >>> _example().decode_batch([[256], [99]])
        ['ab', 'c']
        """
        _check_threads(num_threads)
        return [self._core.decode(tokens, errors) for tokens in batch]

    def decode_bytes_batch(
        self, batch: Iterable[Sequence[int]], *, num_threads: int | None = 8
    ) -> list[bytes]:
        """As `decode_bytes` of each; `num_threads` is accepted for compatibility.

        >>> _example().decode_bytes_batch([[256], [99]])
        [b'ab', b'c']
        """
        _check_threads(num_threads)
        return [self._core.decode_bytes(tokens) for tokens in batch]

    # The vocabulary.

    def token_byte_values(self) -> list[bytes]:
        """The bytes of all tokens that are not special, sorted.

        >>> _example().token_byte_values()[97:100]
        [b'a', b'ab', b'b']
        """
        return list(self._sorted_bytes)

    @cached_property
    def _sorted_bytes(self) -> list[bytes]:
        return sorted(self._mergeable_ranks)

    @property
    def eot_token(self) -> int:
        """The id of "<|endoftext|>"; KeyError where there is none."""
        return self._special_tokens["<|endoftext|>"]

    @cached_property
    def special_tokens_set(self) -> set[str]:
        """The special tokens."""
        return set(self._special_tokens)

    def is_special_token(self, token: int) -> bool:
        """Whether an id is a special token's.

        >>> _example().is_special_token(257)
        True
        """
        assert isinstance(token, int)
        return token in self._special_token_values

    @property
    def n_vocab(self) -> int:
        """One more than the greatest id."""
        return self.max_token_value + 1

    @property
    def engine(self) -> str:
        """What encodes: "byte_bpe", or "generic"."""
        return self._core.engine

    # What tiktoken has for tests and its own use.

    def _encode_single_piece(self, text_or_bytes: str | bytes) -> list[int]:
        """The ids of bytes that the pattern does not cut."""
        piece = text_or_bytes.encode() if isinstance(text_or_bytes, str) else text_or_bytes
        return self._core.encode_piece(piece)

    def _encode_bytes(self, text: bytes) -> list[int]:
        """The ids of bytes that need not be UTF-8: what is not belongs to the last piece before it."""
        try:
            return self._core.encode(text.decode(), None)
        except UnicodeDecodeError as error:
            valid = error.start
        ids, last = self._encode_last(text[:valid].decode(), None)
        last = with_last_spaces(ids, last, self._mergeable_bytes)
        rest = self._core.decode_bytes(ids[len(ids) - last :]) + text[valid:]
        return ids[: len(ids) - last] + self._core.encode_piece(rest)

    def _encode_only_native_bpe(self, text: str) -> list[int]:
        """The ids, the pattern run over the text by itself."""
        pieces = (text[begin:end] for begin, end in self._pattern.find_all(text))
        return [token for piece in pieces for token in self._core.encode_piece(piece.encode())]

    # Policy on special tokens.

    def _sets(
        self, allowed: object, disallowed: object
    ) -> tuple[_core.SpecialTokens | None, _core.SpecialTokens | None]:
        """What to look for as special tokens, and what may not occur."""
        if allowed is _NONE and disallowed == "all":
            return None, self._all_special
        if isinstance(allowed, str) and allowed == "all":
            if isinstance(disallowed, str) and disallowed == "all":
                return self._all_special, None
            allowed = self.special_tokens_set
        if isinstance(disallowed, str) and disallowed == "all":
            disallowed = self.special_tokens_set - allowed  # type: ignore[operator]
        rejected: frozenset[str] = frozenset(disallowed) if disallowed else frozenset()  # type: ignore[call-overload]
        if "" in rejected:  # every text has it
            raise_disallowed_special_token("")
        found = self._finder(rejected)
        if not isinstance(allowed, AbstractSet):
            raise TypeError(f"'{type(allowed).__name__}' object is not an instance of 'set'; allowed_special")
        return self._finder(self.special_tokens_set & allowed), found

    def _finder(self, tokens: AbstractSet[str]) -> _core.SpecialTokens | None:
        if not tokens:
            return None
        if tokens == self.special_tokens_set:
            return self._all_special
        return _core.SpecialTokens({token: self._special_tokens.get(token, 0) for token in tokens})

    def _policy(self, text: str, allowed: object, disallowed: object) -> _core.SpecialTokens | None:
        parse, reject = self._sets(allowed, disallowed)
        if reject is not None:
            _check(text, reject)
        return parse

    # Pickling: a registered encoding by its name, any other by what it is made of.

    def __getstate__(self) -> object:
        from fasttok.tiktoken.registry import ENCODINGS

        if self is ENCODINGS.get(self.name):
            return self.name
        return {
            "name": self.name,
            "pat_str": self._pat_str,
            "mergeable_ranks": self._mergeable_ranks,
            "special_tokens": self._special_tokens,
        }

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, str):
            from fasttok.tiktoken.registry import get_encoding

            registered = get_encoding(state)
            self.__dict__ = registered.__dict__
            self._core = registered._core
            return
        self.__init__(**state)  # type: ignore[misc]


_core.add_lean_encoding_calls(Encoding)  # encode_ordinary of one short text, without a Python frame


def _check_threads(num_threads: int | None) -> None:
    if num_threads is not None and num_threads <= 0:
        raise ValueError(f"num_threads is {num_threads}; expected 1 or more")


def _without_surrogates(text: str) -> str:
    """Pairs of surrogates joined, lone ones as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _check(text: str, disallowed: _core.SpecialTokens) -> None:
    if (place := disallowed.find(text, 0)) is not None:
        raise_disallowed_special_token(text[slice(*place)])


def raise_disallowed_special_token(token: str) -> NoReturn:
    """Raise the ValueError for a special token in a text.

    >>> raise_disallowed_special_token("<s>")
    Traceback (most recent call last):
    ...
    ValueError: Encountered text corresponding to disallowed special token '<s>'...

    Mirrors `tiktoken.core.raise_disallowed_special_token`, whose first sentence programs look for.
    """
    raise ValueError(
        f"Encountered text corresponding to disallowed special token {token!r}.\n"
        f"To encode it as a special token, pass `allowed_special={{{token!r}, ...}}`; as plain text, "
        f"`disallowed_special=(enc.special_tokens_set - {{{token!r}}})`, or `disallowed_special=()` for all "
        "special tokens.\n"
    )


def _example() -> Encoding:
    ranks = {**{bytes([b]): b for b in range(256)}, b"ab": 256}
    return Encoding("example", pat_str=r"\w+|\W", mergeable_ranks=ranks, special_tokens={"<s>": 257})

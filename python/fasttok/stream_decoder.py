"""`StreamDecoder`: text from ids that come one by one, no character lost, repeated or cut."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

from fasttok import decoders, models, pre_tokenizers

if TYPE_CHECKING:
    from fasttok.tokenizer import Tokenizer

__all__ = ["StreamDecoder"]


@final
class StreamDecoder:
    """Decodes ids as they come, each in constant time.

    Args:
        tokenizer: a `Tokenizer` (or a class that wraps one, as `GPT2Tokenizer`) with the decoder ByteLevel,
            WordPiece, Metaspace or none, or a `fasttok.tiktoken.Encoding`.
        skip_special_tokens: leave special tokens out; an Encoding has no such choice and keeps them.

    Raises:
        ValueError: another decoder, whose text may change with what follows; use `decoders.DecodeStream`.

    All that `push` and a last `flush` return, joined, is what `decode` makes of all the ids.

    >>> from fasttok import Tokenizer, models
    >>> tokenizer = Tokenizer(models.BPE({"ä": 0, "½": 1, "ł": 2, "a": 3}, []))
    >>> tokenizer.decoder = decoders.ByteLevel()
    >>> stream = StreamDecoder(tokenizer)
    >>> [stream.push(id) for id in (3, 0, 1)], stream.flush()
    (['a', '', ''], '�')
    """

    __slots__ = ("_bytes", "_bytes_of", "_text_of")

    def __init__(self, tokenizer: Any, *, skip_special_tokens: bool = True) -> None:
        self._bytes = codecs.getincrementaldecoder("utf-8")("replace")
        self._bytes_of: Callable[[int], bytes] | None = None
        tokenizer = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if hasattr(tokenizer, "decode_single_token_bytes"):
            self._bytes_of = tokenizer.decode_single_token_bytes
            return
        decoder = tokenizer.decoder
        if isinstance(tokenizer.model, models.SentencePiece) and decoder is None:
            raise ValueError(
                "a SentencePiece model decodes a text as a whole; StreamDecoder takes ByteLevel, "
                "WordPiece, Metaspace or no decoder, DecodeStream any"
            )
        if isinstance(decoder, decoders.ByteLevel):
            self._bytes_of = _BytesOfTokens(tokenizer, skip_special_tokens)
        elif decoder is None or isinstance(decoder, decoders.WordPiece | decoders.Metaspace):
            self._text_of = _TextOfTokens(tokenizer, skip_special_tokens)
        else:
            raise ValueError(
                f"the text of a tokenizer with the decoder {type(decoder).__name__} may change with what "
                "follows; StreamDecoder takes ByteLevel, WordPiece, Metaspace or none, DecodeStream any"
            )

    def push(self, id: int) -> str:
        """The text that `id` completes; what is not yet a character waits.

        Raises:
            TypeError, OverflowError: not an id. KeyError: an Encoding has no such token; a Tokenizer leaves
            it out.

        >>> from fasttok.tiktoken.core import _example
        >>> stream = StreamDecoder(_example())
        >>> stream.push(0xC3), stream.push(0xA9), stream.push(256)
        ('', 'é', 'ab')
        """
        if self._bytes_of is None:
            return self._text_of(id)
        return self._bytes.decode(self._bytes_of(id))

    def flush(self, errors: str = "replace") -> str:
        """The text of what still waits; then the decoder is as new.

        Args:
            errors: what becomes of an unfinished character, as in `bytes.decode`.

        Raises:
            UnicodeDecodeError: an unfinished character under errors="strict"; it is dropped.

        >>> from fasttok.tiktoken.core import _example
        >>> stream = StreamDecoder(_example())
        >>> stream.push(0xC3), stream.flush(), stream.flush()
        ('', '�', '')
        """
        if self._bytes_of is None:
            self._text_of.begin()
            return ""
        rest, _ = self._bytes.getstate()
        self._bytes.reset()
        return rest.decode(errors=errors)


def _special(tokenizer: Tokenizer) -> set[str]:
    return {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}


class _BytesOfTokens(dict[int, bytes]):
    """The bytes of the ids that were asked for, of a tokenizer with the ByteLevel decoder."""

    def __init__(self, tokenizer: Tokenizer, skip_special_tokens: bool) -> None:
        super().__init__()
        self._token_of = tokenizer.id_to_token
        self._left_out = _special(tokenizer) if skip_special_tokens else set()
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        plain = [c for c in alphabet if ord(c) < 0x100]
        others = sorted({chr(b) for b in range(256)}.difference(plain))
        self._byte_of = {ord(c): ord(c) for c in plain} | {0x100 + i: ord(c) for i, c in enumerate(others)}

    def __call__(self, id: int) -> bytes:
        return self[id]

    def __missing__(self, id: int) -> bytes:
        token = self._token_of(id)
        if token is None or token in self._left_out:
            found = b""
        elif all(ord(c) in self._byte_of for c in token):
            found = bytes(self._byte_of[ord(c)] for c in token)
        else:
            found = token.encode()
        self[id] = found
        return found


class _TextOfTokens:
    """The texts of tokens in turn, for decoders that treat the first token and all others each alike."""

    def __init__(self, tokenizer: Tokenizer, skip_special_tokens: bool) -> None:
        self._token_of = tokenizer.id_to_token
        self._decoder = tokenizer.decoder
        self._left_out = _special(tokenizer) if skip_special_tokens else set()
        self._is_first = True

    def begin(self) -> None:
        self._is_first = True

    def __call__(self, id: int) -> str:
        token = self._token_of(id)
        if token is None or token in self._left_out:
            return ""
        first, self._is_first = self._is_first, False
        if self._decoder is None:
            return token if first else " " + token
        text: str = self._decoder.decode([token] if first else ["", token])
        return text

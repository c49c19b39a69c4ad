"""The Unigram model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self, final

from fasttok import _core
from fasttok.model_base import Model
from fasttok.tokenizer_json import (
    USIZE_MAX,
    Field,
    Node,
    Scores,
    Struct,
    check_bool,
    check_float,
    check_size,
    check_str,
    dump,
)

__all__ = ["Unigram"]


def _check_alpha(name: str, value: object) -> float | None:
    return None if value is None else check_float(name, value)


def _check_nbest(name: str, value: object) -> int | None:
    return None if value is None else check_size(name, value)


@final
class Unigram(Model):
    """Of all ways to cut a text into pieces, the one with the highest sum of scores.

    Args:
        vocab: (piece, score) of each id; None is [("<unk>", 0.0)] with unk_id 0.
        unk_id: the id of the unknown piece; without one an unknown character is an error.
        byte_fallback: whether an unknown part becomes its bytes, "<0x00>" to "<0xFF>", where the
            vocabulary has them.
        alpha: not None and not 0: draw a way at random, better ones more often the larger it is
            (`fasttok.set_seed`).
        nbest_size: draw among that many of the best ways; None or 0 is all of them.

    Raises:
        TypeError: `vocab` is not a sequence of (str, float). OverflowError: a negative number.
        ValueError: `unk_id` without `vocab`. Exception: an unk_id beyond the vocabulary.

    >>> unigram = Unigram([("<unk>", 0.0), ("ab", -1.0), ("a", -2.0)], unk_id=0)
    >>> [token.as_tuple() for token in unigram.tokenize("aabb")]
    [(2, 'a', (0, 1)), (1, 'ab', (1, 3)), (0, 'b', (3, 4))]

    Mirrors `tokenizers.models.Unigram`; as there, neither JSON nor pickles hold `alpha` and `nbest_size`.
    """

    __slots__ = ("_alpha", "_byte_fallback", "_compiled", "_nbest_size", "_tables", "_unk_id")

    KIND: ClassVar[str] = "Unigram"

    _tables: _core.UnigramTables
    _unk_id: int | None
    _byte_fallback: bool
    _compiled: tuple[tuple[Any, ...], _core.Unigram] | None  # the settings that it was compiled with, too

    alpha = Field(_check_alpha, "How much better ways are drawn more often; None and 0 take the best.")
    nbest_size = Field(_check_nbest, "Among how many of the best ways is drawn; None and 0: all.")

    def __init__(
        self,
        vocab: Sequence[tuple[str, float]] | None = None,
        unk_id: int | None = None,
        byte_fallback: bool | None = None,
        alpha: float | None = None,
        nbest_size: int | None = None,
    ) -> None:
        super().__init__()
        self._unk_id = None if unk_id is None else check_size("unk_id", unk_id)
        self._byte_fallback = byte_fallback is not None and check_bool("byte_fallback", byte_fallback)
        if vocab is None:
            if unk_id is not None:
                raise ValueError("`vocab` and `unk_id` must be both specified")
            vocab, self._unk_id, self._byte_fallback = [("<unk>", 0.0)], 0, False
        self._tables = _tables_of(vocab, self._unk_id)
        self._compiled = None
        self.alpha = alpha
        self.nbest_size = nbest_size

    def _clear_cache(self) -> None:
        """Does nothing; for compatibility."""

    def _resize_cache(self, capacity: int) -> None:
        """Does nothing; for compatibility."""
        check_size("capacity", capacity)

    def _spec(self) -> _core.Unigram:
        settings = (self._byte_fallback, self._alpha, self._nbest_size)
        if (held := self._compiled) is None or held[0] != settings:
            self._compiled = held = (settings, _core.Unigram(self._tables, *settings))
        return held[1]

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        for slot in Unigram.__slots__:
            setattr(copy, slot, getattr(self, slot, None))
        return copy

    def _vocab_size(self) -> int:
        return self._tables.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._tables.get_vocab()

    def _files(self) -> dict[str, str]:
        return {"unigram.json": dump(self._json(), pretty=True)}

    def _fields(self) -> dict[str, object]:
        pieces = Scores(self._tables.get_pieces())
        return {"unk_id": self._unk_id, "vocab": pieces, "byte_fallback": self._byte_fallback}

    def _struct(self) -> Struct:
        fields = {**self._fields(), "vocab": self._tables.get_pieces()}
        return Struct(self.KIND, fields)

    def _load(self, node: Node) -> None:
        unk_node = node.get("unk_id")
        unk_id = None if unk_node is None else unk_node.uint(USIZE_MAX)
        fallback = "byte_fallback" in node.fields() and node["byte_fallback"].flag()
        vocab = node["vocab"]
        pieces = vocab.value
        if not isinstance(pieces, list):
            vocab.expected("a list")
        if not all(_is_plain(piece) for piece in pieces):
            pieces = [_piece_of(item) for item in vocab]
        try:
            tables = _core.UnigramTables(pieces, unk_id)
        except UnicodeEncodeError:
            vocab.fail("a lone surrogate")
        except Exception as error:
            node.fail(str(error))
        self._tables, self._unk_id, self._byte_fallback = tables, unk_id, fallback
        self._alpha = self._nbest_size = None
        self._compiled = None


def _is_plain(piece: object) -> bool:
    return type(piece) is list and len(piece) == 2 and type(piece[0]) is str and type(piece[1]) is float


def _piece_of(node: Node) -> tuple[str, float]:
    parts = list(node)
    if len(parts) != 2:
        node.fail(f"expected [piece, score], found a list of {len(parts)}")
    return (parts[0].text(), parts[1].number())


def _tables_of(vocab: object, unk_id: int | None) -> _core.UnigramTables:
    if isinstance(vocab, str) or not isinstance(vocab, Sequence):
        raise TypeError(f"vocab: '{type(vocab).__name__}' object is not an instance of 'Sequence'")
    for i, item in enumerate(vocab):
        if not isinstance(item, tuple):
            raise TypeError(f"vocab[{i}]: '{type(item).__name__}' object is not an instance of 'tuple'")
        if len(item) != 2:
            raise ValueError(f"vocab[{i}]: expected tuple of length 2, but got tuple of length {len(item)}")
        check_str(f"vocab[{i}][0]", item[0])
        check_float(f"vocab[{i}][1]", item[1])
    try:
        return _core.UnigramTables(list(vocab), unk_id)
    except (TypeError, ValueError, OverflowError):
        raise
    except Exception as error:
        raise Exception(f"Error while loading Unigram: {error}") from None

"""The BPE model of rank files."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NoReturn, Self, final

from fasttok import _core
from fasttok.byte_chars import bytes_of, characters_of
from fasttok.errors import FormatError, InputError
from fasttok.model_base import Model, check_text, vocab_of_node
from fasttok.tokenizer_json import U32_MAX, Node, check_size

if TYPE_CHECKING:
    from fasttok.trainers import Trainer

__all__ = ["RankBPE"]


@final
class RankBPE(Model):
    """Byte pair encoding by ranks: of all neighbours whose concatenation is a token, those of the lowest rank
    merge first; a word that is a token is taken whole.

    Args:
        ranks: token -> rank, which is its id (0 to 2^32 - 1), no rank twice.
        special_tokens: text -> id of tokens that are no part of the merges; `token_to_id` knows them, so that
            a tokenizer's `add_special_tokens` gives them these ids.

    Raises:
        InputError: a wrong token or id. FormatError: two tokens of one rank.

    >>> model = RankBPE({b"a": 0, b"b": 1, b"ab": 2}, {"<s>": 7})
    >>> [token.value for token in model.tokenize("abb")], model.token_to_id("<s>")
    (['ab', 'b'], 7)

    fasttok's own: equals tiktoken's merges, which no list of pairs can say in general (where "aa" is a token,
    "aaa" has two pairs that make it, and the left one merges, whatever they are). Tokens are written in the
    characters of byte-level models, as by `pre_tokenizers.ByteLevel`. In tokenizer.json it is "RankBPE",
    which `tokenizers` does not know.
    """

    __slots__ = ("_compiled", "_special_tokens")

    KIND: ClassVar[str] = "RankBPE"

    _compiled: _core.RankBpe
    _special_tokens: dict[str, int]

    def __init__(
        self, ranks: Mapping[bytes, int] | None = None, special_tokens: Mapping[str, int] | None = None
    ) -> None:
        super().__init__()
        vocab: dict[str, int] = {}
        for token, rank in (ranks or {}).items():
            if not isinstance(token, bytes):
                raise InputError(f"ranks: the key {token!r} is {type(token).__name__}; expected bytes")
            vocab[characters_of(token)] = _id("rank", token, rank)
        self._special_tokens = {
            str(token): _id("id", token, id) for token, id in (special_tokens or {}).items()
        }
        self._compiled = _core.RankBpe(vocab)

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, a special one or not; None if there is none.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> RankBPE({b" a": 0}).token_to_id("Ġa")
        0
        """
        check_text(token)
        id = self._compiled.token_to_id(token)
        return self._special_tokens.get(token) if id is None else id

    def get_trainer(self) -> Trainer:
        """Not there: NotImplementedError."""
        _no_trainer()

    def _spec(self) -> _core.RankBpe:
        return self._compiled

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        copy._compiled, copy._special_tokens = self._compiled, self._special_tokens
        return copy

    def _vocab_size(self) -> int:
        return self._compiled.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._compiled.get_vocab()

    def _files(self) -> dict[str, str]:
        lines = (
            f"{base64.b64encode(bytes_of(token)).decode()} {rank}\n"
            for token, rank in self._get_vocab().items()
        )
        return {"vocab.tiktoken": "".join(lines)}

    def _fields(self) -> dict[str, object]:
        return {"vocab": self._get_vocab(), "special_tokens": self._special_tokens}

    def _load(self, node: Node) -> None:
        vocab, specials = vocab_of_node(node["vocab"]), vocab_of_node(node["special_tokens"])
        for token in vocab:
            try:
                bytes_of(token)
            except UnicodeEncodeError:
                node["vocab"].fail(f"{token[:60]!r} has a character that stands for no byte")
        try:
            core = _core.RankBpe(vocab)
        except FormatError as error:
            node["vocab"].fail(str(error))
        self._compiled, self._special_tokens = core, dict(specials)


def _id(name: str, token: object, value: object) -> int:
    try:
        return check_size(name, value, U32_MAX)
    except (TypeError, OverflowError) as error:
        raise InputError(f"{token!r}: {error}") from None


def _no_trainer() -> NoReturn:
    raise NotImplementedError("RankBPE has no trainer; train a BPE, whose merges have ranks")

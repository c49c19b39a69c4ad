"""Trainers: how a vocabulary will be learned. So far they hold their settings; training comes in a later
issue.

Upstream behaviour mirrored: the settings, their properties, `repr` and pickles of `tokenizers.trainers`
0.23.3. An initial alphabet keeps the order in which it was given (upstream shuffles it).
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as SequenceOf
from typing import Any, ClassVar, NoReturn, final

from fasttok.added_token import AddedToken
from fasttok.model_base import warn_unknown
from fasttok.tokenizer_json import (
    Bare,
    Component,
    Field,
    Node,
    Struct,
    check_bool,
    check_float,
    check_optional_str,
    check_sequence,
    check_size,
    check_str,
    parse_state,
    render,
)

__all__ = [
    "BpeTrainer",
    "ParityBpeTrainer",
    "Trainer",
    "UnigramTrainer",
    "WordLevelTrainer",
    "WordPieceTrainer",
]

PLAN = (
    "training is planned for a later issue (the trainers); train with another tool so far, and load its "
    "tokenizer.json"
)


def _check_optional_size(name: str, value: object) -> int | None:
    return None if value is None else check_size(name, value)


def _check_special_tokens(name: str, value: object) -> list[AddedToken]:
    """Copies, made special and not normalized."""
    if not isinstance(value, list):
        raise TypeError(f"{name}: '{type(value).__name__}' object is not an instance of 'list'")
    tokens = []
    for i, token in enumerate(value):
        if isinstance(token, str):
            token = AddedToken(token)
        elif not isinstance(token, AddedToken):
            raise TypeError(
                f"special_tokens must be a List[Union[str, AddedToken]]; "
                f"{name}[{i}] is {type(token).__name__}"
            )
        fields = {**token._fields(), "special": True}
        if token._normalized is None:
            fields["normalized"] = False
        tokens.append(AddedToken(**fields))
    return tokens


def _check_alphabet(name: str, value: object) -> list[str]:
    """The first character of each, once."""
    texts = enumerate(check_sequence(value))
    return list(dict.fromkeys(text[0] for i, text in texts if check_str(f"{name}[{i}]", text)))


_FORMATS = {"indicatif": "Indicatif", "json": "JsonLines", "silent": "Silent"}


def _check_format(name: str, value: object) -> str:
    text = check_str(name, value)
    return text if text in _FORMATS else "indicatif"


class Trainer(Component):
    """The base of all trainers but `ParityBpeTrainer`; it cannot be created itself.

    >>> isinstance(BpeTrainer(), Trainer)
    True
    """

    __slots__ = ()

    def _json(self) -> dict[str, object]:
        return {self.KIND: self._fields()}

    def __setstate__(self, state: bytes) -> None:
        self._load(parse_state(state, f"{self.KIND} state")[self.KIND])

    def _struct(self) -> Struct:
        return Struct(self.KIND, {name: _shown(name, value) for name, value in self._fields().items()})

    def __repr__(self) -> str:
        return f"{self.KIND}({render(self._struct(), short=False)})"

    def __str__(self) -> str:
        return f"{self.KIND}({render(self._struct(), short=True)})"


def _shown(name: str, value: Any) -> object:
    """A value of tokenizer.json as `repr` shows it."""
    if name == "progress_format":
        return Bare(value)
    if name == "special_tokens":
        return [Struct("AddedToken", token) for token in value]
    if name == "bpe_trainer":
        return Struct("BpeTrainer", {inner: _shown(inner, item) for inner, item in value.items()})
    return value


class _WordCountingTrainer(Trainer):
    """What all but Unigram's have in common."""

    __slots__ = ("_min_frequency", "_show_progress", "_special_tokens", "_vocab_size")

    vocab_size = Field(check_size, "How many tokens the vocabulary is to have, special ones counted.")
    min_frequency = Field(check_size, "How often a pair must be met to be merged, or a word to be kept.")
    show_progress = Field(check_bool, "Whether progress is shown.")
    special_tokens = Field(_check_special_tokens, "What comes first in the vocabulary.")

    def _token_fields(self) -> list[dict[str, Any]]:
        return [token._fields() for token in self._special_tokens]

    def _load_common(self, node: Node) -> None:
        self._vocab_size = node["vocab_size"].uint(2**64 - 1)
        self._min_frequency = node["min_frequency"].uint(2**64 - 1)
        self._show_progress = node["show_progress"].flag()
        self._special_tokens = [AddedToken._from_node(item) for item in node["special_tokens"]]


class _PairTrainer(_WordCountingTrainer):
    """What BPE's and WordPiece's have in common: the settings of the one that merges pairs."""

    __slots__ = (
        "_continuing_subword_prefix",
        "_end_of_word_suffix",
        "_initial_alphabet",
        "_limit_alphabet",
        "_max_token_length",
        "_progress_format",
    )

    _max_token_length: int | None

    limit_alphabet = Field(_check_optional_size, "How many characters are kept at most; None: all.")
    initial_alphabet = Field(_check_alphabet, "Characters that are kept in any case.")
    continuing_subword_prefix = Field(check_optional_str, "What pieces inside a word begin with.")
    end_of_word_suffix = Field(check_optional_str, "What the last piece of a word ends with.")

    def _pair_fields(self) -> dict[str, object]:
        return {
            "min_frequency": self._min_frequency,
            "vocab_size": self._vocab_size,
            "show_progress": self._show_progress,
            "progress_format": _FORMATS[self._progress_format],
            "special_tokens": self._token_fields(),
            "limit_alphabet": self.limit_alphabet,
            "initial_alphabet": self._initial_alphabet,
            "continuing_subword_prefix": self.continuing_subword_prefix,
            "end_of_word_suffix": self.end_of_word_suffix,
            "max_token_length": self._max_token_length,
            "words": {},
        }

    def _load_pairs(self, node: Node) -> None:
        self._load_common(node)
        formats = {name: key for key, name in _FORMATS.items()}
        self._progress_format = node["progress_format"].choice(formats)
        for key in ("limit_alphabet", "max_token_length"):
            item = node.get(key)
            setattr(self, "_" + key, None if item is None else item.uint(2**64 - 1))
        for key in ("continuing_subword_prefix", "end_of_word_suffix"):
            item = node.get(key)
            setattr(self, "_" + key, None if item is None else item.text())
        self._initial_alphabet = [item.text() for item in node["initial_alphabet"]]


@final
class BpeTrainer(_PairTrainer):
    """The settings of BPE training.

    Args:
        vocab_size: how many tokens the vocabulary is to have, special ones and characters counted.
        min_frequency: how often a pair must be met to be merged.
        show_progress: whether progress is shown.
        progress_format: "indicatif" (a bar), "json" (a line for each step) or "silent".
        special_tokens: what comes first in the vocabulary.
        limit_alphabet: how many characters are kept at most; None: all.
        initial_alphabet: characters that are kept in any case; of longer str the first one.
        continuing_subword_prefix: what pieces inside a word begin with.
        end_of_word_suffix: what the last piece of a word ends with.
        max_token_length: no token is longer, in characters; None: any.

    Raises:
        TypeError, OverflowError: wrong types, negative numbers. An unknown keyword gives a UserWarning only.

    >>> BpeTrainer(vocab_size=100, special_tokens=["<s>"]).special_tokens[0].special
    True

    Mirrors `tokenizers.trainers.BpeTrainer`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "BpeTrainer"

    progress_format = Field(_check_format, '"indicatif", "json" or "silent".')
    max_token_length = Field(_check_optional_size, "No token is longer, in characters; None: any.")

    def __init__(
        self,
        *,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        show_progress: bool = True,
        progress_format: str = "indicatif",
        special_tokens: list[str | AddedToken] | None = None,
        limit_alphabet: int | None = None,
        initial_alphabet: SequenceOf[str] | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        max_token_length: int | None = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        warn_unknown(unknown)
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.show_progress = show_progress
        self.progress_format = progress_format
        self.special_tokens = [] if special_tokens is None else special_tokens  # type: ignore[assignment]
        self.limit_alphabet = limit_alphabet
        self.initial_alphabet = [] if initial_alphabet is None else initial_alphabet  # type: ignore[assignment]
        self.continuing_subword_prefix = continuing_subword_prefix
        self.end_of_word_suffix = end_of_word_suffix
        self.max_token_length = max_token_length

    def get_word_count(self) -> int:
        """The number of different words that were fed; 0 so far.

        >>> BpeTrainer().get_word_count()
        0
        """
        return 0

    def _fields(self) -> dict[str, object]:
        return self._pair_fields()

    def _load(self, node: Node) -> None:
        self._load_pairs(node)


@final
class WordPieceTrainer(_PairTrainer):
    """The settings of WordPiece training, which is BPE training with a prefix.

    Args:
        vocab_size, min_frequency, show_progress, special_tokens, limit_alphabet, initial_alphabet: as in
            `BpeTrainer`.
        continuing_subword_prefix: what pieces inside a word begin with.
        end_of_word_suffix: what the last piece of a word ends with.

    Raises:
        TypeError, OverflowError: wrong types, negative numbers. An unknown keyword gives a UserWarning only.

    >>> WordPieceTrainer().continuing_subword_prefix
    '##'

    Mirrors `tokenizers.trainers.WordPieceTrainer`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "WordPieceTrainer"

    def __init__(
        self,
        *,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        show_progress: bool = True,
        special_tokens: list[str | AddedToken] | None = None,
        limit_alphabet: int | None = None,
        initial_alphabet: SequenceOf[str] | None = None,
        continuing_subword_prefix: str | None = "##",
        end_of_word_suffix: str | None = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        warn_unknown(unknown)
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.show_progress = show_progress
        self.special_tokens = [] if special_tokens is None else special_tokens  # type: ignore[assignment]
        self.limit_alphabet = limit_alphabet
        self.initial_alphabet = [] if initial_alphabet is None else initial_alphabet  # type: ignore[assignment]
        self.continuing_subword_prefix = continuing_subword_prefix
        self.end_of_word_suffix = end_of_word_suffix
        self._progress_format, self._max_token_length = "indicatif", None

    def _fields(self) -> dict[str, object]:
        return {"bpe_trainer": self._pair_fields()}

    def _load(self, node: Node) -> None:
        self._load_pairs(node["bpe_trainer"])


@final
class WordLevelTrainer(_WordCountingTrainer):
    """The settings of WordLevel training: the most frequent words.

    Args:
        vocab_size, show_progress, special_tokens: as in `BpeTrainer`.
        min_frequency: how often a word must be met to be kept.

    Raises:
        TypeError, OverflowError: wrong types, negative numbers. An unknown keyword gives a UserWarning only.

    >>> WordLevelTrainer(vocab_size=100).vocab_size
    100

    Mirrors `tokenizers.trainers.WordLevelTrainer`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "WordLevelTrainer"

    def __init__(
        self,
        *,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        show_progress: bool = True,
        special_tokens: list[str | AddedToken] | None = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        warn_unknown(unknown)
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.show_progress = show_progress
        self.special_tokens = [] if special_tokens is None else special_tokens  # type: ignore[assignment]

    def _fields(self) -> dict[str, object]:
        return {
            "min_frequency": self._min_frequency,
            "vocab_size": self._vocab_size,
            "show_progress": self._show_progress,
            "special_tokens": self._token_fields(),
            "words": {},
        }

    def _load(self, node: Node) -> None:
        self._load_common(node)


@final
class UnigramTrainer(Trainer):
    """The settings of Unigram training.

    Args:
        vocab_size, show_progress, special_tokens, initial_alphabet: as in `BpeTrainer`.
        shrinking_factor: what share of the pieces stays in each round of pruning.
        unk_token: the unknown piece.
        max_piece_length: no piece is longer, in characters.
        n_sub_iterations: rounds of expectation and maximization between two of pruning.
        seed_size: how many pieces training begins with.

    Raises:
        TypeError, OverflowError: wrong types, negative numbers. An unknown keyword gives a UserWarning only.

    >>> UnigramTrainer().vocab_size
    8000

    Mirrors `tokenizers.trainers.UnigramTrainer`.
    """

    __slots__ = ("_initial_alphabet", "_rest", "_show_progress", "_special_tokens", "_vocab_size")

    KIND: ClassVar[str] = "UnigramTrainer"

    _rest: dict[str, Any]  # what cannot be read back

    vocab_size = Field(check_size, "How many pieces the vocabulary is to have.")
    show_progress = Field(check_bool, "Whether progress is shown.")
    special_tokens = Field(_check_special_tokens, "What comes first in the vocabulary.")
    initial_alphabet = Field(_check_alphabet, "Characters that are kept in any case.")

    def __init__(
        self,
        *,
        vocab_size: int = 8000,
        show_progress: bool = True,
        special_tokens: list[str | AddedToken] | None = None,
        initial_alphabet: SequenceOf[str] | None = None,
        shrinking_factor: float = 0.75,
        unk_token: str | None = None,
        max_piece_length: int = 16,
        n_sub_iterations: int = 2,
        seed_size: int = 1_000_000,
        **unknown: object,
    ) -> None:
        super().__init__()
        warn_unknown(unknown)
        self.vocab_size = vocab_size
        self.show_progress = show_progress
        self.special_tokens = [] if special_tokens is None else special_tokens  # type: ignore[assignment]
        self.initial_alphabet = [] if initial_alphabet is None else initial_alphabet  # type: ignore[assignment]
        self._rest = {
            "n_sub_iterations": check_size("n_sub_iterations", n_sub_iterations),
            "shrinking_factor": check_float("shrinking_factor", shrinking_factor),
            "unk_token": check_optional_str("unk_token", unk_token),
            "max_piece_length": check_size("max_piece_length", max_piece_length),
            "seed_size": check_size("seed_size", seed_size),
        }

    def _fields(self) -> dict[str, object]:
        rest = self._rest
        return {
            "show_progress": self._show_progress,
            "vocab_size": self._vocab_size,
            "n_sub_iterations": rest["n_sub_iterations"],
            "shrinking_factor": rest["shrinking_factor"],
            "special_tokens": [token._fields() for token in self._special_tokens],
            "initial_alphabet": self._initial_alphabet,
            "unk_token": rest["unk_token"],
            "max_piece_length": rest["max_piece_length"],
            "seed_size": rest["seed_size"],
            "words": {},
        }

    def _load(self, node: Node) -> None:
        unk = node.get("unk_token")
        self._rest = {
            "shrinking_factor": node["shrinking_factor"].number(),
            "unk_token": None if unk is None else unk.text(),
            **{
                key: node[key].uint(2**64 - 1)
                for key in ("n_sub_iterations", "max_piece_length", "seed_size")
            },
        }
        self._vocab_size = node["vocab_size"].uint(2**64 - 1)
        self._show_progress = node["show_progress"].flag()
        self._special_tokens = [AddedToken._from_node(item) for item in node["special_tokens"]]
        self._initial_alphabet = [item.text() for item in node["initial_alphabet"]]


def _check_variant(name: str, value: object) -> str:
    if check_str(name, value) not in ("base", "window"):
        raise ValueError(f"Unknown variant '{value}'. Use 'base' or 'window'.")
    return str(value)


def _check_tokens_of_parity(name: str, value: object) -> list[AddedToken]:
    return _check_special_tokens(name, [] if value is None else value)


def _check_alphabet_of_parity(name: str, value: object) -> list[str]:
    return _check_alphabet(name, [] if value is None else value)


@final
class ParityBpeTrainer(Component):
    """The settings of BPE training that treats several languages alike.

    Args:
        num_merges: how many merges are learned.
        variant: "base" or "window"; it can be read, not set.
        min_frequency: how often a pair must be met to be merged.
        ratio: the share of each language; it cannot be read back.
        global_merges: how many merges are learned on all languages together, at first.
        window_size: of "window", how many merges it looks back.
        alpha: of "window", how uneven the languages may become in it.
        total_symbols: whether symbols are counted instead of merges.
        special_tokens, show_progress, limit_alphabet, initial_alphabet, continuing_subword_prefix,
        end_of_word_suffix,
            max_token_length: as in `BpeTrainer`.

    Raises:
        TypeError, OverflowError: wrong types, negative numbers. ValueError: another variant.

    >>> ParityBpeTrainer(10).variant
    'base'

    Mirrors `tokenizers.trainers.ParityBpeTrainer`, which is no `Trainer` there either.
    """

    __slots__ = (
        "_alpha",
        "_continuing_subword_prefix",
        "_end_of_word_suffix",
        "_global_merges",
        "_initial_alphabet",
        "_limit_alphabet",
        "_max_token_length",
        "_min_frequency",
        "_num_merges",
        "_ratio",
        "_show_progress",
        "_special_tokens",
        "_total_symbols",
        "_variant",
        "_window_size",
    )

    KIND: ClassVar[str] = "ParityBpeTrainer"

    _variant: str
    _ratio: list[float] | None

    num_merges = Field(check_size, "How many merges are learned.")
    min_frequency = Field(check_size, "How often a pair must be met to be merged.")
    global_merges = Field(check_size, "How many merges are learned on all languages together.")
    window_size = Field(check_size, "How many merges the window holds.")
    alpha = Field(check_float, "How uneven the languages may become in the window.")
    total_symbols = Field(check_bool, "Whether symbols are counted instead of merges.")
    show_progress = Field(check_bool, "Whether progress is shown.")
    special_tokens = Field(_check_tokens_of_parity, "What comes first in the vocabulary.")
    limit_alphabet = Field(_check_optional_size, "How many characters are kept at most; None: all.")
    initial_alphabet = Field(_check_alphabet_of_parity, "Characters that are kept in any case.")
    continuing_subword_prefix = Field(check_optional_str, "What pieces inside a word begin with.")
    end_of_word_suffix = Field(check_optional_str, "What the last piece of a word ends with.")
    max_token_length = Field(_check_optional_size, "No token is longer, in characters; None: any.")

    def __init__(
        self,
        num_merges: int = 32000,
        variant: str = "base",
        min_frequency: int = 0,
        ratio: SequenceOf[float] | None = None,
        global_merges: int = 0,
        window_size: int = 100,
        alpha: float = 2.0,
        total_symbols: bool = False,
        special_tokens: list[str | AddedToken] | None = None,
        show_progress: bool = True,
        limit_alphabet: int | None = None,
        initial_alphabet: SequenceOf[str] | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        max_token_length: int | None = None,
    ) -> None:
        super().__init__()
        self._variant = _check_variant("variant", variant)
        self._ratio = (
            None if ratio is None else [check_float(f"ratio[{i}]", share) for i, share in enumerate(ratio)]
        )
        self.num_merges = num_merges
        self.min_frequency = min_frequency
        self.global_merges = global_merges
        self.window_size = window_size
        self.alpha = alpha
        self.total_symbols = total_symbols
        self.special_tokens = special_tokens  # type: ignore[assignment]
        self.show_progress = show_progress
        self.limit_alphabet = limit_alphabet
        self.initial_alphabet = initial_alphabet  # type: ignore[assignment]
        self.continuing_subword_prefix = continuing_subword_prefix
        self.end_of_word_suffix = end_of_word_suffix
        self.max_token_length = max_token_length

    @property
    def variant(self) -> str:
        """ "base" or "window"."""
        return self._variant

    def train_from_iterator(
        self,
        tokenizer: Any,
        train_iterators: Iterable[Any],
        dev_iterators: Iterable[Any] | None = None,
        ratio: SequenceOf[float] | None = None,
    ) -> NoReturn:
        """Trains a tokenizer's model; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(PLAN)

    def _state(self) -> dict[str, Any]:
        """The arguments of the constructor; special tokens by their content, as upstream."""
        return {
            "num_merges": self.num_merges,
            "variant": self._variant,
            "min_frequency": self.min_frequency,
            "global_merges": self.global_merges,
            "window_size": self.window_size,
            "alpha": self.alpha,
            "total_symbols": self.total_symbols,
            "show_progress": self.show_progress,
            "ratio": self._ratio,
            "special_tokens": [token.content for token in self.special_tokens],
            "limit_alphabet": self.limit_alphabet,
            "initial_alphabet": self.initial_alphabet,
            "continuing_subword_prefix": self.continuing_subword_prefix,
            "end_of_word_suffix": self.end_of_word_suffix,
            "max_token_length": self.max_token_length,
        }

    def __getstate__(self) -> dict[str, Any]:  # type: ignore[override]
        return self._state()

    def __setstate__(self, state: dict[str, Any]) -> None:  # type: ignore[override]
        self.__init__(**state)

    def __repr__(self) -> str:
        total = str(self.total_symbols).lower()
        return (
            f'ParityBpeTrainer(num_merges={self.num_merges}, variant="{self._variant}", '
            f"min_frequency={self.min_frequency}, global_merges={self.global_merges}, "
            f"window_size={self.window_size}, alpha={render(self.alpha, short=False)}, "
            f"total_symbols={total})"
        )

    __str__ = __repr__

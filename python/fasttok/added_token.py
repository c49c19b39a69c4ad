"""Added tokens: pieces of text that are recognised before normalization and tokenization, and their ids.

`AddedToken` is the description, equal to the reference's class. `AddedVocabulary` assigns the ids, literally
as the reference does it; it never changes once built (`with_tokens` gives a new one), so that a compiling
thread may read it at any time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, final

from fasttok.tokenizer_json import U32_MAX, Node, check_bool, check_str

if TYPE_CHECKING:
    from fasttok._core import AddedTokenEntry
    from fasttok.models import Model

__all__ = ["AddedToken"]


@final
class AddedToken:
    """A token added to a vocabulary, and how it is found in the text.

    Args:
        content: the text of the token; None is "".
        single_word: match only where no word character stands on either side.
        lstrip: take the whitespace on the left along.
        rstrip: take the whitespace on the right along.
        normalized: match in the normalized text instead of the original; when not given, the opposite of
            `special`.
        special: drop it in `decode(skip_special_tokens=True)`.

    Raises:
        TypeError: `content` is not a str or a flag not a bool. An unknown keyword gives a UserWarning only.

    >>> AddedToken("<mask>", lstrip=True)
    AddedToken("<mask>", rstrip=False, lstrip=True, single_word=False, normalized=True, special=False)
    >>> str(AddedToken("<mask>")), AddedToken("[X]", special=True).normalized
    ('<mask>', False)

    Mirrors `tokenizers.AddedToken` 0.23.3: equality and hash over all six fields, all comparisons of order
    False.
    """

    __slots__ = ("_content", "_lstrip", "_normalized", "_rstrip", "_single_word", "_special")

    _normalized: bool | None  # None: not given, follows `special`

    def __init__(
        self,
        content: str | None = None,
        *,
        single_word: bool = False,
        lstrip: bool = False,
        rstrip: bool = False,
        normalized: bool | None = None,
        special: bool = False,
        **unknown: object,
    ) -> None:
        for name in unknown:
            warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=2)
        self._content = "" if content is None else check_str("content", content)
        self._single_word = check_bool("single_word", single_word)
        self._lstrip = check_bool("lstrip", lstrip)
        self._rstrip = check_bool("rstrip", rstrip)
        self._normalized = None if normalized is None else check_bool("normalized", normalized)
        self._special = check_bool("special", special)

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'fasttok.AddedToken' is not an acceptable base type")

    @property
    def content(self) -> str:
        """The text of the token."""
        return self._content

    @content.setter
    def content(self, value: str) -> None:
        self._content = check_str("content", value)

    @property
    def special(self) -> bool:
        """Whether `decode(skip_special_tokens=True)` drops it."""
        return self._special

    @special.setter
    def special(self, value: bool) -> None:
        self._special = check_bool("special", value)

    @property
    def single_word(self) -> bool:
        """Whether it matches only where no word character stands on either side."""
        return self._single_word

    @property
    def lstrip(self) -> bool:
        """Whether it takes the whitespace on its left along."""
        return self._lstrip

    @property
    def rstrip(self) -> bool:
        """Whether it takes the whitespace on its right along."""
        return self._rstrip

    @property
    def normalized(self) -> bool:
        """Whether it matches in the normalized text instead of the original."""
        return not self._special if self._normalized is None else self._normalized

    def _fields(self) -> dict[str, Any]:
        return {
            "content": self._content,
            "single_word": self._single_word,
            "lstrip": self._lstrip,
            "rstrip": self._rstrip,
            "normalized": self.normalized,
            "special": self._special,
        }

    def _key(self) -> tuple[str, bool, bool, bool, bool, bool]:
        return (self._content, self._single_word, self._lstrip, self._rstrip, self.normalized, self._special)

    def _copy(self) -> AddedToken:
        copy = AddedToken.__new__(AddedToken)
        copy._content, copy._special, copy._normalized = self._content, self._special, self.normalized
        copy._single_word, copy._lstrip, copy._rstrip = self._single_word, self._lstrip, self._rstrip
        return copy

    @classmethod
    def _from_node(cls, node: Node) -> AddedToken:
        """The token of an object that holds no id, as trainers save them."""
        return cls(node["content"].text(), **{name: node[name].flag() for name in _FLAGS})

    @classmethod
    def _read_all(cls, items: list[Any], place: Callable[[int], Node]) -> tuple[list[int], list[AddedToken]]:
        """The ids and the tokens of objects of tokenizer.json, of which there may be hundreds of thousands;
        `place` gives the node of one, for the error."""
        ids, tokens = [], []
        new = cls.__new__
        for i, fields in enumerate(items):
            try:
                id, content, special = fields["id"], fields["content"], fields["special"]
                single_word, lstrip, rstrip = fields["single_word"], fields["lstrip"], fields["rstrip"]
                normalized = fields["normalized"]
                plain = (
                    type(id) is int
                    and 0 <= id <= U32_MAX
                    and type(content) is str
                    and type(single_word) is type(lstrip) is type(rstrip) is bool
                    and type(normalized) is type(special) is bool
                )
            except (KeyError, TypeError, IndexError):
                plain = False
            if not plain:
                node = place(i)
                node["id"].uint()
                for name in _FLAGS:
                    node[name].flag()
                node["content"].text()
            token = new(cls)
            token._content, token._normalized, token._special = content, normalized, special
            token._single_word, token._lstrip, token._rstrip = single_word, lstrip, rstrip
            ids.append(id)
            tokens.append(token)
        return ids, tokens

    def __str__(self) -> str:
        return self._content

    def __repr__(self) -> str:
        return (
            f'AddedToken("{self._content}", rstrip={self._rstrip}, lstrip={self._lstrip}, '
            f"single_word={self._single_word}, normalized={self.normalized}, special={self._special})"
        )

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, AddedToken) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __lt__(self, other: AddedToken) -> bool:
        return False if isinstance(other, AddedToken) else NotImplemented

    __le__ = __gt__ = __ge__ = __lt__

    def __getstate__(self) -> dict[str, Any]:
        return self._fields()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)


_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


class AddedVocabulary:
    """The added tokens of one tokenizer and their ids, as the reference keeps them.

    A token that is added again takes its new flags and keeps its id; once special, it stays special for
    decoding and for `encode_special_tokens`, until the tokenizer is saved and loaded.
    """

    __slots__ = ("ids", "special_contents", "tokens")

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.tokens: dict[int, AddedToken] = {}  # in the order of addition
        self.special_contents: set[str] = set()

    def with_tokens(self, tokens: Sequence[AddedToken], model: Model) -> tuple[AddedVocabulary, int]:
        """This vocabulary with `tokens` added, and how many of them were new or changed. From now on nobody
        changes the objects."""
        new = AddedVocabulary()
        new.ids, new.tokens = self.ids.copy(), self.tokens.copy()
        new.special_contents = self.special_contents.copy()
        return new, new._add(tokens, model)

    def _add(self, tokens: Sequence[AddedToken], model: Model) -> int:
        # The first free id is settled here, before a token of `tokens` may take a higher one of the model.
        next_id = max(model._vocab_size(), max(self.tokens, default=-1) + 1)
        added = 0
        ids, known, token_to_id = self.ids, self.tokens, model.token_to_id
        for token in tokens:
            content = token._content
            id = ids.get(content)
            if not content or (id is not None and known[id] == token):
                continue
            if id is None:
                id = token_to_id(content)
            if id is None:
                id = next_id
                next_id += 1
            ids[content] = id
            known[id] = token
            if token._special:
                self.special_contents.add(content)
            added += 1
        return added

    def entries(self) -> list[AddedTokenEntry]:
        """What the core matches: (content, id, single_word, lstrip, rstrip, normalized, special) of each."""
        special = self.special_contents
        return [
            (t._content, id, t._single_word, t._lstrip, t._rstrip, t.normalized, t._content in special)
            for id, t in self.tokens.items()
        ]

    def to_json(self) -> list[dict[str, Any]]:
        return [{"id": id, **self.tokens[id]._fields()} for id in sorted(self.tokens)]

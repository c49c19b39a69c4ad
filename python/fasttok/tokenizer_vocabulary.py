"""The vocabulary of a tokenizer: the model's tokens and those that were added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from fasttok.added_token import AddedToken
from fasttok.pipeline import Pipeline
from fasttok.tokenizer_json import check_bool, check_id

__all__ = ["VocabularyCalls"]


class VocabularyCalls(Pipeline):
    """The calls that look tokens up and add them; a base of `Tokenizer`."""

    __slots__ = ()

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, added tokens first; None if there is none.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).token_to_id("a")
        1
        """
        if not isinstance(token, str):
            raise TypeError(f"'{type(token).__name__}' object is not an instance of 'str'")
        id = self._added.ids.get(token)
        return self._model.token_to_id(token) if id is None else id

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, added tokens first; None if there is none.

        As upstream, an added token that is searched in the normalized text gives its normalized content.

        Raises:
            TypeError: not an int. OverflowError: beyond 32 bits.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).id_to_token(1)
        'a'
        """
        token = self._added.tokens.get(check_id("id", id))
        if token is None:
            return self._model.id_to_token(id)
        normalizer = self._normalizer
        return (
            token.content
            if normalizer is None or not token.normalized
            else normalizer.normalize_str(token.content)
        )

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """The vocabulary: token -> id.

        Args:
            with_added_tokens: whether added tokens are in it.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).get_vocab()
        {'[UNK]': 0, 'a': 1}
        """
        vocab = self._model._get_vocab()
        if check_bool("with_added_tokens", with_added_tokens):
            vocab.update(self._added.ids)
        return vocab

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """The number of tokens in `get_vocab`.

        Args:
            with_added_tokens: whether added tokens count.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).get_vocab_size()
        2
        """
        size = self._model._vocab_size()
        if check_bool("with_added_tokens", with_added_tokens):
            size += sum(self._model.token_to_id(token) is None for token in self._added.ids)
        return size

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """The added tokens by id, in the order of ids; the objects are copies.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer.from_buffer(b"[UNK]\\n").get_added_tokens_decoder()[0].special
        True
        """
        tokens = self._added.tokens
        return {id: tokens[id]._copy() for id in sorted(tokens)}

    def add_tokens(self, tokens: Sequence[str | AddedToken]) -> int:
        """Adds tokens that are found in the text before anything else.

        Args:
            tokens: str (searched in the normalized text) or `AddedToken`. One that the vocabulary has keeps
                its id, others get ids after the largest; empty ones are ignored.

        Returns:
            How many were new, or changed their flags.

        Raises:
            TypeError: not a list of these; nothing is added then.

        >>> from fasttok import Tokenizer, models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
        >>> tokenizer.add_tokens(["new", "new"]), tokenizer.token_to_id("new")
        (1, 1)
        """
        return self._add(tokens, special=False)

    def add_special_tokens(self, tokens: Sequence[str | AddedToken]) -> int:
        """Adds special tokens: searched in the original text, left out by `decode(skip_special_tokens=True)`.

        Args:
            tokens: str or `AddedToken`; such an object becomes special itself.

        Returns:
            How many were new, or changed their flags.

        Raises:
            TypeError: not a list of these; nothing is added then.

        >>> from fasttok import Tokenizer, models
        >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "[SEP]": 1}))
        >>> tokenizer.add_special_tokens(["[SEP]"]), tokenizer.encode("[SEP]").tokens
        (1, ['[SEP]'])
        """
        return self._add(tokens, special=True)

    def _add(self, tokens: Any, special: bool) -> int:
        if not isinstance(tokens, list | tuple):
            found = "'None'" if tokens is None else f"'{type(tokens).__name__}' object"
            raise TypeError(f"{found} is not an instance of 'list'")
        checked: list[AddedToken] = []
        for i, token in enumerate(tokens):
            if isinstance(token, str):
                try:
                    checked.append(AddedToken(token, special=special))
                except UnicodeEncodeError:
                    self._refuse(i, token, "str with a lone surrogate")
            elif isinstance(token, AddedToken):
                if special:
                    token.special = True
                checked.append(token._copy())
            else:
                self._refuse(i, token, type(token).__name__)
        self._added, added = self._added.with_tokens(checked, self._model)
        self._invalidate()
        return added

    @staticmethod
    def _refuse(i: int, token: object, what: str) -> NoReturn:
        raise TypeError(
            f"Input must be a List[Union[str, AddedToken]]; tokens[{i}] is {what} ({str(token)[:60]!r})"
        )

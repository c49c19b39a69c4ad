"""The special tokens of a transformers-shaped tokenizer: `pad_token`, `pad_token_id`, … and the tokens added
by users.

A named token is kept as text (or AddedToken) in `_special_tokens_map`; its id is looked up when asked for, so
that a name may be given to a token before the token exists. Mirrors transformers 5.23's handling, where they
are served by `__getattr__`; here each is a descriptor, so that type checkers and editors know them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from fasttok.tokenizer import AddedToken, Tokenizer

__all__ = ["SpecialTokens"]

_log = logging.getLogger("fasttok")


class _TokenName:
    """Descriptor of `NAME_token`: its text or None; accepts str, AddedToken or None."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, tokenizer: None, owner: type) -> _TokenName: ...
    @overload
    def __get__(self, tokenizer: SpecialTokens, owner: type) -> str | None: ...
    def __get__(self, tokenizer: SpecialTokens | None, owner: type) -> _TokenName | str | None:
        return self if tokenizer is None else tokenizer._named_token(self._name)

    def __set__(self, tokenizer: SpecialTokens, value: str | AddedToken | None) -> None:
        tokenizer._set_named_token(self._name, value)


class _TokenId:
    """Descriptor of `NAME_token_id`: the id of the token or None; accepts an id or None."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name.removesuffix("_id")

    @overload
    def __get__(self, tokenizer: None, owner: type) -> _TokenId: ...
    @overload
    def __get__(self, tokenizer: SpecialTokens, owner: type) -> int | None: ...
    def __get__(self, tokenizer: SpecialTokens | None, owner: type) -> _TokenId | int | None:
        if tokenizer is None:
            return self
        token = tokenizer._named_token(self._name)
        return None if token is None else tokenizer._token_id(token)

    def __set__(self, tokenizer: SpecialTokens, value: int | None) -> None:
        tokenizer._set_named_token(
            self._name, None if value is None else tokenizer._tokenizer.id_to_token(value)
        )


class SpecialTokens:
    """The named, extra and added tokens of a tokenizer; a base of `PreTrainedTokenizerBase`."""

    #: Names of the tokens with a role; a tokenizer with more of them has its own list.
    SPECIAL_TOKENS_ATTRIBUTES: list[str] = [  # noqa: RUF012 (the reference's class attribute, replaced, never changed)
        "bos_token",
        "eos_token",
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
    ]

    _tokenizer: Tokenizer
    _special_tokens_map: dict[str, str | AddedToken | None]
    _extra_special_tokens: list[str | AddedToken]
    verbose: bool

    bos_token = _TokenName()
    eos_token = _TokenName()
    unk_token = _TokenName()
    sep_token = _TokenName()
    pad_token = _TokenName()
    cls_token = _TokenName()
    mask_token = _TokenName()
    bos_token_id = _TokenId()
    eos_token_id = _TokenId()
    unk_token_id = _TokenId()
    sep_token_id = _TokenId()
    pad_token_id = _TokenId()
    cls_token_id = _TokenId()
    mask_token_id = _TokenId()

    def _named_token(self, name: str) -> str | None:
        token = self._special_tokens_map.get(name)
        if token is None:
            if self.verbose:
                _log.error("Using %s, but it is not set yet.", name)
            return None
        return str(token)

    def _set_named_token(self, name: str, value: str | AddedToken | None) -> None:
        if value is not None and not isinstance(value, str | AddedToken):
            raise ValueError(
                f"Cannot set a non-string value as the {name}: it is {type(value).__name__}; expected str "
                "or AddedToken"
            )
        self._special_tokens_map[name] = value

    def _token_id(self, token: str) -> int | None:
        """The id of a token, the unknown token's id where it has none, None where neither has."""
        index = self._tokenizer.token_to_id(token)
        if index is not None:
            return index
        unknown = self._special_tokens_map.get("unk_token")
        return None if unknown is None else self._tokenizer.token_to_id(str(unknown))

    def _set_model_specific_tokens(self, tokens: dict[str, str | AddedToken]) -> None:
        """Named tokens beyond the usual seven (`image_token`, …), readable and settable as attributes."""
        for name, value in tokens.items():
            if not isinstance(value, str | AddedToken):
                raise TypeError(
                    f"Special token {name} has to be either str or AddedToken but got: {type(value)}"
                )
            self._special_tokens_map[name] = value
        self.SPECIAL_TOKENS_ATTRIBUTES = [*self.SPECIAL_TOKENS_ATTRIBUTES, *tokens]

    if not TYPE_CHECKING:  # a type checker that saw these would accept every attribute

        def __getattr__(self, name: str) -> Any:
            # Reached where the normal look-up fails: the names of model-specific tokens.
            if not name.startswith("_"):
                base = name.removesuffix("_id")
                if base in self.__dict__.get("_special_tokens_map", ()):
                    token = self._named_token(base)
                    return token if base == name or token is None else self._token_id(token)
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")

        def __setattr__(self, name: str, value: Any) -> None:
            if name in self.SPECIAL_TOKENS_ATTRIBUTES and name not in SpecialTokens.SPECIAL_TOKENS_ATTRIBUTES:
                self._set_named_token(name, value)
            else:
                object.__setattr__(self, name, value)

    @property
    def extra_special_tokens(self) -> list[str]:
        """Special tokens without a role (str); settable with str or AddedToken."""
        return [str(token) for token in self._extra_special_tokens]

    @extra_special_tokens.setter
    def extra_special_tokens(self, value: Sequence[str | AddedToken] | None) -> None:
        if value is not None and not isinstance(value, list | tuple):
            raise ValueError(f"extra_special_tokens must be a list or tuple, got {type(value)}")
        self._extra_special_tokens = [] if value is None else list(value)

    @property
    def extra_special_tokens_ids(self) -> list[int | None]:
        """The ids of `extra_special_tokens`; settable with ids."""
        return [self._token_id(token) for token in self.extra_special_tokens]

    @extra_special_tokens_ids.setter
    def extra_special_tokens_ids(self, value: Sequence[int] | None) -> None:
        tokens = [self._tokenizer.id_to_token(index) for index in value or ()]
        self._extra_special_tokens = [token for token in tokens if token is not None]

    # v4's name of the same list.
    @property
    def additional_special_tokens(self) -> list[str]:
        """v4's name of `extra_special_tokens`."""
        return self.extra_special_tokens

    @additional_special_tokens.setter
    def additional_special_tokens(self, value: Sequence[str | AddedToken] | None) -> None:
        self.extra_special_tokens = value

    @property
    def additional_special_tokens_ids(self) -> list[int | None]:
        """v4's name of `extra_special_tokens_ids`."""
        return self.extra_special_tokens_ids

    @property
    def special_tokens_map(self) -> dict[str, str]:
        """The named tokens that are set, by name; those without a role are in `extra_special_tokens`."""
        named = ((name, self._special_tokens_map.get(name)) for name in self.SPECIAL_TOKENS_ATTRIBUTES)
        return {name: str(token) for name, token in named if token is not None}

    @property
    def all_special_tokens(self) -> list[str]:
        """Every special token once: the named ones, then the extra ones."""
        return list(dict.fromkeys([*self.special_tokens_map.values(), *self.extra_special_tokens]))

    @property
    def all_special_ids(self) -> list[int | None]:
        """The ids of `all_special_tokens`."""
        return [self._token_id(token) for token in self.all_special_tokens]

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """The added tokens by id, sorted by id; special tokens are added tokens too."""
        return self._tokenizer.get_added_tokens_decoder()

    @property
    def added_tokens_encoder(self) -> dict[str, int]:
        """The ids of the added tokens by text, sorted by id."""
        return {token.content: index for index, token in sorted(self.added_tokens_decoder.items())}

    def get_added_vocab(self) -> dict[str, int]:
        """The ids of the added tokens by text, sorted by id (the same as `added_tokens_encoder`)."""
        return self.added_tokens_encoder

    def add_tokens(
        self, new_tokens: str | AddedToken | Sequence[str | AddedToken], special_tokens: bool = False
    ) -> int:
        """Add tokens that are found in a text before it is split; new ones get ids after the last.

        Args:
            new_tokens: one or several tokens; a token that exists gets the new flags and keeps its id.
            special_tokens: the tokens are special: skipped by `decode(skip_special_tokens=True)`, not
            normalized.

        Returns:
            How many tokens are new in the vocabulary.

        Raises:
            TypeError: a token is neither str nor AddedToken.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer().add_tokens(["<a>", "<b>"])
        2
        """
        if not new_tokens:
            return 0
        tokens: list[Any] = list(new_tokens) if isinstance(new_tokens, list | tuple) else [new_tokens]
        if special_tokens:
            return self._tokenizer.add_special_tokens(tokens)
        return self._tokenizer.add_tokens(tokens)

    def add_special_tokens(
        self,
        special_tokens_dict: dict[str, str | AddedToken | Sequence[str | AddedToken]],
        replace_extra_special_tokens: bool = True,
    ) -> int:
        """Give tokens a role, and add those that the vocabulary lacks.

        Args:
            special_tokens_dict: token by role (`pad_token`, …); under `extra_special_tokens` (v4:
                `additional_special_tokens`) a list of tokens without a role.
            replace_extra_special_tokens: the list replaces the earlier one (whose tokens stay in the
                vocabulary) instead of extending it.

        Returns:
            How many tokens are new in the vocabulary.

        Raises:
            ValueError: an unknown role, or a token that is neither str nor AddedToken.

        >>> from fasttok.presets import BertTokenizer
        >>> tokenizer = BertTokenizer()
        >>> tokenizer.add_special_tokens({"bos_token": "<s>"}), tokenizer.bos_token_id
        (1, 5)
        """
        roles = dict(special_tokens_dict or {})
        if "additional_special_tokens" in roles and not roles.get("extra_special_tokens"):
            roles["extra_special_tokens"] = roles.pop("additional_special_tokens")
        allowed = [*self.SPECIAL_TOKENS_ATTRIBUTES, "extra_special_tokens"]
        added: list[str | AddedToken] = []
        for role, value in roles.items():
            if role not in allowed:
                raise ValueError(f"Key {role} is not a valid special token. Valid keys are: {allowed}")
            if role == "extra_special_tokens":
                if not isinstance(value, list | tuple) or not all(
                    isinstance(t, str | AddedToken) for t in value
                ):
                    raise ValueError(
                        f"Tokens {value} for key {role} should all be str or AddedToken instances"
                    )
                known = () if replace_extra_special_tokens else self.extra_special_tokens
                tokens = [_special(token) for token in value if str(token) not in known]
                if replace_extra_special_tokens and tokens:
                    self._extra_special_tokens = list(tokens)
                else:
                    self._extra_special_tokens.extend(tokens)
                added.extend(tokens)
            else:
                if not isinstance(value, str | AddedToken):
                    raise ValueError(
                        f"Token {value} for key {role} should be a str or an AddedToken instance"
                    )
                token = _special(value)
                self._set_named_token(role, token)
                added.append(token)
        return self.add_tokens(added, special_tokens=True)


def _special(token: str | AddedToken) -> AddedToken:
    return AddedToken(token, normalized=False, special=True) if isinstance(token, str) else token

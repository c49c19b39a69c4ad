"""The calls of a tokenizer that turn conversations into ids: `apply_chat_template` and its kin.

Mirrors transformers 5.23; how templates run is in `chat_template`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fasttok.batch_encoding import BatchEncoding
from fasttok.chat_template import literal_text, render
from fasttok.decoding_calls import DecodingCalls
from fasttok.legacy import LegacyCalls

__all__ = ["ChatCalls"]

# Private characters around a special token that a user wrote, while a template runs.
_BEGIN, _END = "\U000f0000", "\U000f0001"


class ChatCalls(LegacyCalls, DecodingCalls):
    """The calls for conversations; a base of `PreTrainedTokenizerBase`."""

    chat_template: str | dict[str, str] | None
    chat_control_tokens: Sequence[str] | None

    def apply_chat_template(
        self,
        conversation: Any,
        tools: Sequence[Any] | None = None,
        documents: Sequence[dict[str, str]] | None = None,
        chat_template: str | None = None,
        add_generation_prompt: bool = False,
        continue_final_message: bool | str = False,
        tokenize: bool = True,
        sanitize_control_tokens: bool = False,
        padding: bool | str = False,
        truncation: bool = False,
        max_length: int | None = None,
        return_tensors: str | None = None,
        return_dict: bool = True,
        return_assistant_tokens_mask: bool = False,
        tokenizer_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A conversation, or a batch of them, as the model was taught to read it: ids, or text.

        Args:
            conversation: messages (dicts with "role" and "content"), or a list of such lists.
            tools: JSON schemas (dict), or functions with type hints and docstrings.
            documents: dicts with "title" and "text".
            chat_template: Jinja's source, or the name of one of the model's templates; None is the model's.
            add_generation_prompt: end with what opens the model's turn.
            continue_final_message: leave the last message open; a str is the field of it that goes on.
            tokenize: False gives the text.
            sanitize_control_tokens: control tokens that the messages contain are plain text.
            padding, truncation, max_length, return_tensors: as in `__call__`.
            return_dict: False gives the ids alone.
            return_assistant_tokens_mask: "assistant_masks", 1 for what the template marks as the model's.
            tokenizer_kwargs: further arguments of `__call__`.
            kwargs: what else the template sees.

        Returns:
            A BatchEncoding; list of ids with `return_dict=False`; str with `tokenize=False`; lists of these
            for a batch.

        Raises:
            ValueError: no template, no message, or arguments that exclude each other.
            ImportError: jinja2 is missing (the extra `jinja2`) or older than 3.1.6.

        >>> from fasttok.presets import BertTokenizer
        >>> template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\\n{% endfor %}"
        >>> chat = [{"role": "user", "content": "hi"}]
        >>> BertTokenizer().apply_chat_template(chat, chat_template=template, tokenize=False)
        'user: hi\\n'

        Mirrors transformers 5.23.
        """
        if return_assistant_tokens_mask and not (return_dict and tokenize):
            raise ValueError(
                "`return_assistant_tokens_mask=True` requires `return_dict=True` and `tokenize=True`"
            )
        template = self.get_chat_template(chat_template, tools)
        if isinstance(conversation, list | tuple) and not conversation:
            raise ValueError(
                "Cannot apply chat template to an empty conversation. Provide at least one message."
            )
        batched = isinstance(conversation, list | tuple) and (
            isinstance(conversation[0], list | tuple) or hasattr(conversation[0], "messages")
        )
        chats: Any = [
            [{key: value for key, value in message.items() if value is not None} for message in chat]
            for chat in (conversation if batched else [conversation])
        ]
        if continue_final_message and add_generation_prompt:
            raise ValueError(
                "continue_final_message and add_generation_prompt are not compatible. Use "
                "continue_final_message when you want the model to continue the final message, and "
                "add_generation_prompt when you want to add a header that will prompt it to start a new "
                "assistant message instead."
            )
        if continue_final_message and return_assistant_tokens_mask:
            raise ValueError("continue_final_message is not compatible with return_assistant_tokens_mask.")
        if sanitize_control_tokens:
            if not tokenize or return_assistant_tokens_mask:
                raise ValueError(
                    "`sanitize_control_tokens=True` requires `tokenize=True` and is not compatible with "
                    "`return_assistant_tokens_mask=True`."
                )
            control = _any_of(self._control_tokens(template))
            chats, tools, documents, kwargs = (_marked(v, control) for v in (chats, tools, documents, kwargs))
        rendered = render(
            chats,
            template,
            tools=tools,
            documents=documents,
            add_generation_prompt=add_generation_prompt,
            continue_final_message=continue_final_message,
            track_generation=return_assistant_tokens_mask,
            variables={**self.special_tokens_map, **kwargs},
        )
        texts = [chat.text for chat in rendered]
        if not tokenize:
            return texts if batched else texts[0]
        options: dict[str, Any] = {
            "padding": padding,
            "truncation": truncation,
            "max_length": max_length,
            "return_tensors": return_tensors,
            **(tokenizer_kwargs or {}),
        }
        if sanitize_control_tokens:
            encoded = self._encode_marked(texts, batched, **options)
        else:
            encoded = self(texts if batched else texts[0], add_special_tokens=False, **options)
        if return_assistant_tokens_mask:
            axis = batched or return_tensors is not None
            rows = encoded["input_ids"] if axis else [encoded["input_ids"]]
            masks = [
                _mask(encoded, i, len(row), chat.generated)
                for i, (row, chat) in enumerate(zip(rows, rendered, strict=False))
            ]
            encoded["assistant_masks"] = masks if axis else masks[0]
            if return_tensors is not None:
                encoded.convert_to_tensors(return_tensors)
        return encoded if return_dict else encoded["input_ids"]

    def get_chat_template(self, chat_template: str | None = None, tools: Sequence[Any] | None = None) -> str:
        """The template that `apply_chat_template` runs with these arguments.

        Raises:
            ValueError: there is none, or there are several and none is the default.

        >>> from fasttok.presets import BertTokenizer
        >>> BertTokenizer(chat_template="{{ messages }}").get_chat_template()
        '{{ messages }}'
        """
        own = self.chat_template
        if isinstance(own, dict):
            if chat_template is not None:
                return own.get(chat_template, chat_template)
            if tools is not None and "tool_use" in own:
                return own["tool_use"]
            if "default" in own:
                return own["default"]
            raise ValueError(
                "This model has multiple chat templates with no default specified! Please either pass a chat "
                "template or the name of the template you wish to use to the `chat_template` argument. "
                f"Available template names are {sorted(own)}."
            )
        if chat_template is not None:
            return chat_template
        if own is None:
            raise ValueError(
                "Cannot use chat template functions because tokenizer.chat_template is not set and no "
                "template argument was passed!"
            )
        return own

    def encode_message_with_chat_template(
        self,
        message: dict[str, str],
        conversation_history: list[dict[str, str]] | None = None,
        **kwargs: Any,
    ) -> list[int]:
        """The ids that one more message adds: those behind what the history alone gives.

        Args:
            message: the message.
            conversation_history: the messages before it.
            kwargs: as in `apply_chat_template`.

        Raises:
            ValueError: `add_generation_prompt` is given.

        >>> from fasttok.presets import BertTokenizer
        >>> tokenizer = BertTokenizer(chat_template="{% for m in messages %}{{ m.content }} {% endfor %}")
        >>> say = lambda text: {"role": "user", "content": text}
        >>> tokenizer.encode_message_with_chat_template(say("[MASK]"), [say("[SEP]")])
        [4]
        """
        if "add_generation_prompt" in kwargs:
            raise ValueError(
                "`encode_message_with_chat_template` does not support `add_generation_prompt`. Please add "
                "the generation prompt separately."
            )

        def ids_of(messages: list[dict[str, str]]) -> list[int]:
            ids: list[int] = self.apply_chat_template(messages, return_dict=False, **kwargs)
            return ids

        if not conversation_history:
            return ids_of([message])
        ids, before = ids_of([*conversation_history, message]), ids_of(conversation_history)
        same = 0
        while same < min(len(ids), len(before)) and ids[same] == before[same]:
            same += 1
        return ids[same:]

    def _control_tokens(self, template: str) -> list[str]:
        """The special tokens, and the added ones that only a template should write."""
        if self.chat_control_tokens is not None:
            listed = set(self.chat_control_tokens)
            return [t.content for t in self.added_tokens_decoder.values() if t.special or t.content in listed]
        text = literal_text(template)
        return [
            token.content
            for token in self.added_tokens_decoder.values()
            if token.special or (token.content in text and not token.content.isspace())
        ]

    def _encode_marked(self, texts: list[str], batched: bool, **options: Any) -> BatchEncoding:
        """Texts with marks around what is plain text, whatever it looks like."""
        padding, max_length = options.pop("padding"), options.pop("max_length")
        truncation, tensors = options.pop("truncation"), options.pop("return_tensors")
        multiple, side = options.pop("pad_to_multiple_of", None), options.pop("padding_side", None)
        want_mask = options.pop("return_attention_mask", None)
        verbose = options.pop("verbose", True)
        if options:
            raise TypeError(
                f"sanitize_control_tokens=True does not go with tokenizer_kwargs {', '.join(sorted(options))}"
            )
        pad, cut, length = self._strategies(padding, truncation, max_length, multiple, verbose)
        rows = [self._ids_of_marked(text) for text in texts]
        if cut != "do_not_truncate" and length is not None:
            rows = [row[:length] if self.truncation_side == "right" else row[-length:] for row in rows]
        columns = {"input_ids": rows if batched or tensors else rows[0]}
        return self.pad(
            columns,
            padding=pad if pad != "do_not_pad" else False,
            max_length=length,
            pad_to_multiple_of=multiple,
            padding_side=side,
            return_attention_mask=want_mask,
            return_tensors=tensors,
        )

    def _ids_of_marked(self, text: str) -> list[int]:
        tokens = list(self.added_tokens_encoder)
        marks = re.compile(f"{_BEGIN}({_any_of(tokens).pattern}){_END}|[{_BEGIN}{_END}]")
        newline = self.encode("\n", add_special_tokens=False)

        def ids_of(piece: str, is_plain: bool) -> list[int]:
            ids: list[int] = (
                self._ids_without_added_tokens(piece)
                if is_plain
                else self.encode(piece, add_special_tokens=False)
            )
            return ids

        first, *others = marks.split(text)
        ids = ids_of(first, False)
        for number, piece in enumerate(others):
            if not piece:
                continue
            is_plain = number % 2 == 0
            # Behind a newline, where no model puts a space before a text.
            found = ids_of("\n" + piece, is_plain)
            found = found[len(newline) :] if found[: len(newline)] == newline else ids_of(piece, is_plain)
            if is_plain and self.convert_tokens_to_ids(piece) in found:
                raise ValueError(f"Can't sanitize {piece!r}: the tokenizer produces it from plain text")
            ids += found
        return ids

    def _ids_without_added_tokens(self, text: str) -> list[int]:
        backend = self._tokenizer
        if backend.normalizer is not None:
            text = backend.normalizer.normalize_str(text)
        words = [text]
        if backend.pre_tokenizer is not None:
            words = [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(text)]
        return [token.id for word in words for token in backend.model.tokenize(word)]


def _mask(encoded: BatchEncoding, row: int, length: int, places: list[tuple[int, int]]) -> list[int]:
    mask = [0] * length
    for begin, end in places:
        first, last = encoded.char_to_token(row, begin), encoded.char_to_token(row, end - 1)
        if first is None:  # truncated
            break
        for token in range(first, last + 1 if last else length):
            mask[token] = 1
    return mask


def _any_of(tokens: Sequence[str]) -> re.Pattern[str]:
    """A pattern of any of the tokens, longer ones first."""
    return re.compile("|".join(map(re.escape, sorted(tokens, key=len, reverse=True))) or "(?!)")


def _marked(value: Any, control: re.Pattern[str]) -> Any:
    """`value` with marks around the control tokens in its strings; keys are left alone."""
    if isinstance(value, str):
        return control.sub(f"{_BEGIN}\\g<0>{_END}", value.replace(_BEGIN, "").replace(_END, ""))
    if isinstance(value, dict):
        return {key: _marked(item, control) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, control) for item in value]
    return value

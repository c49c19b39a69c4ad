"""Chat templates: a conversation to a text, by the Jinja template that comes with a model.

Templates are code from strangers, so they run in Jinja's immutable sandbox, and all that they see is rebuilt
from plain JSON types. Jinja is needed only here (the extra `jinja2`).

Mirrors `render_jinja_template` of transformers 5.23: the same filters, functions and extensions, the same
treatment of reasoning fields, of unfinished last messages and of `{% generation %}` blocks.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from threading import local
from typing import Any

import numpy as np

from fasttok.chat_tools import json_schema

__all__ = ["Rendered", "literal_text", "render"]

Message = dict[str, Any]

# Names that a message's reasoning goes by; the first is the one that templates read.
_REASONING = ("reasoning_content", "thinking", "reasoning")
_CONTINUE_TAG = "CONTINUE_FINAL_MESSAGE_TAG "
_OLDEST_JINJA = (3, 1, 6)  # older ones let templates out of the sandbox


@dataclasses.dataclass(slots=True)
class Rendered:
    """A conversation as text, and where the model's own words are in it: (begin, end) in characters."""

    text: str
    generated: list[tuple[int, int]]


def render(
    conversations: Iterable[Any],
    template: str,
    *,
    tools: Iterable[Any] | None = None,
    documents: Iterable[Any] | None = None,
    add_generation_prompt: bool = False,
    continue_final_message: bool | str = False,
    track_generation: bool = False,
    variables: Mapping[str, Any],
) -> list[Rendered]:
    """The texts of conversations.

    Args:
        conversations: lists of messages (dict, dataclass or pydantic model).
        template: Jinja's source.
        tools: JSON schemas (dict) or functions; documents: dicts.
        add_generation_prompt: the template is to open the model's turn.
        continue_final_message: the text ends with the last message, unfinished; a str is the field of it
            that goes on, True is "content".
        track_generation: note where `{% generation %}` blocks are.
        variables: what else the template sees.

    Raises:
        ImportError: Jinja is missing or too old. TypeError, ValueError: an argument is wrong.
        jinja2.exceptions.TemplateError: the template is wrong, or refuses.
    """
    if track_generation and not re.search(r"\{\%-?\s*generation\s*-?\%\}", template):
        warnings.warn(
            "return_assistant_tokens_mask==True but chat template does not contain `{% generation %}` "
            "keyword.",
            UserWarning,
            stacklevel=3,
        )
    compiled = _compiled(template)
    seen = {
        "tools": None if tools is None else _plain([_tool(tool) for tool in tools]),
        "documents": None if documents is None else _plain([_document(item) for item in documents]),
        "add_generation_prompt": add_generation_prompt,
        **_plain(dict(variables)),
    }
    return [
        _render(compiled, template, chat, seen, continue_final_message, track_generation)
        for chat in conversations
    ]


def _render(
    compiled: Any, template: str, chat: Any, seen: dict[str, Any], goes_on: bool | str, track: bool
) -> Rendered:
    messages = _messages(chat)
    ending = ""
    if goes_on:
        ending = _leave_open(messages, goes_on if isinstance(goes_on, str) else "content", template)
    generated: list[tuple[int, int]] = []
    if track:
        blocks: list[str] = []
        with compiled.environment.tracking(blocks, generated):
            blocks.extend(compiled.generate(messages=messages, **seen))  # block by block: the tracker counts
        text = "".join(blocks)
    else:
        text = compiled.render(messages=messages, **seen)
    if goes_on:
        text = _cut_at_tag(text, ending)
    return Rendered(text, generated)


def _messages(chat: Any) -> list[Message]:
    """A fresh copy of plain data; reasoning under the names that templates read."""
    messages = _plain(getattr(chat, "messages", chat))
    for position, message in enumerate(messages):
        if not isinstance(message, dict):
            raise TypeError(
                f"Chat messages should be dicts, dataclasses or pydantic models, but got {message!r}."
            )
        reasoning = next((message[key] for key in _REASONING if message.get(key) is not None), None)
        if reasoning is not None:
            messages[position] = {"thinking": reasoning, **message, "reasoning_content": reasoning}
    return list(messages)


def _leave_open(messages: list[Message], field: str, template: str) -> str:
    """Puts a tag behind the text of the last message, and returns that text."""
    if not messages:
        raise ValueError("continue_final_message is set but the conversation is empty!")
    last = messages[-1]
    final = last.get(field)
    if final is None:
        raise ValueError(f'continue_final_message is set but the final message has no "{field}" to continue!')
    fields = [name for name in _REASONING if last.get(name) == final] if field in _REASONING else [field]
    if not any(name in template for name in fields):
        raise ValueError(
            f'continue_final_message is set to "{field}" but this is not an accepted field in the '
            "chat_template"
        )
    if not isinstance(final, list | tuple):
        for name in fields:
            last[name] = last[name] + _CONTINUE_TAG
        return str(final)
    for block in reversed(final):
        if "text" in block:
            text = str(block["text"])
            block["text"] = text + _CONTINUE_TAG
            return text
    raise ValueError(
        "continue_final_message is set but we could not find any text to continue in the final message!"
    )


def _cut_at_tag(text: str, ending: str) -> str:
    tag = _CONTINUE_TAG.strip()
    if ending.strip() not in text or tag not in text:
        raise ValueError(
            "continue_final_message is set but the final message does not appear in the chat after applying "
            "the chat template! This can happen if the chat template deletes portions of the final message. "
            "Please verify the chat template and final message in your chat to ensure they are compatible."
            f"Final message to continue: {ending.strip()}\nRendered chat:\n{text}"
        )
    at = text.rindex(tag)
    kept = text[:at]
    # A template that strips messages has taken the tag's space away, and with it that of the message.
    return kept if text.startswith(_CONTINUE_TAG, at) else kept.rstrip()


def _tool(tool: Any) -> Any:
    if isinstance(tool, dict):
        return tool
    if inspect.isfunction(tool) or inspect.ismethod(tool):
        return json_schema(tool)
    raise ValueError(
        "Tools should either be a JSON schema, or a callable function with type hints "
        "and a docstring suitable for auto-conversion to a schema."
    )


def _document(document: Any) -> Any:
    if not isinstance(document, dict):
        raise TypeError("Documents should be a list of dicts with 'title' and 'text' keys!")
    return document


def _plain(value: Any) -> Any:
    """`value` out of JSON's types alone; what is none of them becomes the name of its type."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if callable(getattr(value, "model_dump", None)):  # pydantic
        return _plain(value.model_dump())
    return f"<{type(value).__name__}>"


@lru_cache
def literal_text(template: str) -> str:
    """What a template writes itself: its text and its strings, joined by U+0000."""
    from jinja2 import nodes

    tree = _compiled(template).environment.parse(template)
    texts = {node.data for node in tree.find_all(nodes.TemplateData)}
    texts |= {node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)}
    return "\0".join(texts)


@lru_cache
def _compiled(template: str) -> Any:
    try:
        import jinja2
    except ImportError as error:
        raise ImportError(
            "apply_chat_template requires jinja2 to be installed: `pip install fasttok-native[jinja2]`"
        ) from error
    version = tuple(int(number) for number in re.findall(r"\d+", jinja2.__version__)[:3])
    if version < _OLDEST_JINJA:
        raise ImportError(
            "apply_chat_template requires jinja2>=3.1.6 to be installed; older versions let templates out of "
            f"the sandbox. Your version is {jinja2.__version__}."
        )
    return _environment().from_string(template)


def _environment() -> Any:
    import jinja2
    from jinja2.exceptions import SecurityError, TemplateError
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}…{% endgeneration %}`: what the model is to write; notes where it is."""

        tags = {"generation"}  # noqa: RUF012 (as Jinja has it)

        def __init__(self, environment: Any) -> None:
            super().__init__(environment)
            environment.extend(tracking=self.tracking)
            self._now = local()  # a compiled template serves all threads

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return jinja2.nodes.CallBlock(self.call_method("_note"), [], [], body).set_lineno(line)

        def _note(self, caller: Any) -> Any:
            text = caller()
            if (noted := getattr(self._now, "noted", None)) is not None:
                blocks, places = noted
                begin = sum(map(len, blocks))
                places.append((begin, begin + len(text)))
            return text

        @contextmanager
        def tracking(self, blocks: list[str], places: list[tuple[int, int]]) -> Iterator[None]:
            self._now.noted = (blocks, places)
            try:
                yield
            finally:
                self._now.noted = None

    class PlainDict:
        """`dict(…)` without its attributes."""

        def __call__(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
            return dict(*args, **kwargs)

        def fromkeys(self, *args: Any) -> dict[Any, Any]:
            return dict.fromkeys(*args)

    class PlainNamespace(jinja2.utils.Namespace):
        """`namespace(…)` that takes no names that begin with an underscore."""

        def __init__(*args: Any, **kwargs: Any) -> None:  # no name of an argument is taken from kwargs
            self, *rest = args
            values = dict(*rest, **kwargs)
            for name in values:
                check_name(name)
            jinja2.utils.Namespace.__init__(self, values)

        def __setitem__(self, name: str, value: Any) -> None:
            check_name(name)
            super().__setitem__(name, value)

    def check_name(name: Any) -> None:
        if isinstance(name, str) and name.startswith("_"):
            raise SecurityError(
                "Chat templates cannot store underscore-prefixed attributes on a namespace, but got "
                f"{name!r}. Please rename the attribute."
            )

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(  # Jinja's own escapes HTML
        x: Any,
        ensure_ascii: bool = False,
        indent: Any = None,
        separators: Any = None,
        sort_keys: bool = False,
    ) -> str:
        return json.dumps(
            x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    def strftime_now(format: str) -> str:
        return datetime.now().strftime(format)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals.update(
        raise_exception=raise_exception,
        strftime_now=strftime_now,
        dict=PlainDict(),
        namespace=PlainNamespace,
    )
    return environment

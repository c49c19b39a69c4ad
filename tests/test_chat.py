"""Chat templates against transformers 5.23: the same texts, ids, masks and errors."""

from __future__ import annotations

import dataclasses
import enum
import threading
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import tokenizers
import transformers
from transformers.utils import get_json_schema

import fasttok
from fasttok.chat_tools import json_schema

pytest.importorskip("jinja2")

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message.role == 'assistant' %}{% generation %}{{ message['content'] }}{% endgeneration %}"
    "{% else %}{{ message['content'] }}{% endif %}{{ '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
STRIPPING = "{%- for m in messages %}\n  {{- m.role }}: {{ m.content | trim }}\n{%- endfor %}"
TOOLS = (
    "{{ bos_token }}{% if tools %}{{ tools | tojson(indent=2) }}{% endif %}"
    "{% for d in documents or [] %}[{{ d.title }}|{{ d.text }}]{% endfor %}"
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}"
    "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.thinking }}"
    "{% if loop.index == 5 %}{% break %}{% endif %}{{ m | tojson }}{% endfor %}{{ ns.n }}{{ extra }}"
)
CHATS: list[list[dict[str, Any]]] = [
    [{"role": "user", "content": "hi there <|im_end|> you"}],
    [
        {"role": "system", "content": "sei  höflich  "},
        {"role": "user", "content": "你好", "name": None},
        {"role": "assistant", "content": "hi, how are you? ", "reasoning": "let me think"},
    ],
    [{"role": "user", "content": [{"type": "text", "text": "a & <b>"}, {"type": "image"}]}],
]


class Unit(enum.Enum):
    C = "celsius"
    F = 2


def weather(city: str, unit: Unit, days: int | None = 3, kind: Literal["a", 1] = "a") -> dict[str, float]:
    """
    The weather to come,
    in a city.

    Args:
        city: The city,
            with its country
        unit: of temperature
        days: how many
        kind: a letter (choices: ["a", "b "])

    Returns:
        What comes.
    """
    return {}


def nested(
    a: list[tuple[int, str]], b: dict[str, list[float]], c: list[int] | str, d: Any, e: tuple
) -> object:  # type: ignore[type-arg]
    """Many types.

    Args:
        a: one
        b: two
        c: three
        d: four
        e: five
    """


def tokenizer_of(package: Any) -> Any:
    words = ["<unk>", "hi", "there", "how", "are", "you", "user", "assistant", "system", "let", "me", "think"]
    letters = [chr(c) for c in range(33, 127)]
    vocab = {word: id for id, word in enumerate([*words, *letters])}
    backend = package.Tokenizer(package.models.WordLevel(vocab, "<unk>"))
    backend.pre_tokenizer = package.pre_tokenizers.Whitespace()
    backend.add_special_tokens(["<s>", "<|im_start|>", "<|im_end|>", "<p>"])
    backend.add_tokens(["<think>", "</think>", "[X]"])
    return backend


def pair(**settings: Any) -> tuple[Any, Any]:
    settings = {"bos_token": "<s>", "unk_token": "<unk>", "pad_token": "<p>", **settings}
    ours = fasttok.PreTrainedTokenizerFast(tokenizer_object=tokenizer_of(fasttok), **settings)
    theirs = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer_of(tokenizers), **settings)
    return ours, theirs


def plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def outcome(tokenizer: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    try:
        return plain(getattr(tokenizer, method)(*args, **kwargs))
    except Exception as error:
        return type(error).__name__, str(error)[:60]


OPTIONS: list[dict[str, Any]] = [
    {},
    {"tokenize": False},
    {"tokenize": False, "add_generation_prompt": True},
    {"return_dict": False},
    {"continue_final_message": True},
    {"continue_final_message": True, "tokenize": False},
    {"continue_final_message": "reasoning_content", "tokenize": False},
    {"continue_final_message": True, "add_generation_prompt": True},
    {"return_assistant_tokens_mask": True},
    {"return_assistant_tokens_mask": True, "return_tensors": "np", "padding": True},
    {"return_assistant_tokens_mask": True, "truncation": True, "max_length": 7},
    {"return_assistant_tokens_mask": True, "return_dict": False},
    {"sanitize_control_tokens": True},
    {"sanitize_control_tokens": True, "truncation": True, "max_length": 5, "padding": "max_length"},
    {"sanitize_control_tokens": True, "tokenize": False},
    {"padding": "max_length", "max_length": 40, "return_tensors": "np"},
    {"tokenizer_kwargs": {"return_offsets_mapping": True}},
    {"tools": [weather, {"type": "function"}], "documents": [{"title": "t", "text": "<x>"}], "extra": 5},
    {"tools": [5]},
    {"documents": ["no"]},
    {"extra": np.float64(2), "tokenize": False},
    {"extra": object(), "tokenize": False, "bos_token": "B"},
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("template", [CHATML, STRIPPING, TOOLS, "{{ raise_exception('no') }}", "{% if %}"])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "+".join(options) or "plain")
def test_all_options(template: str, options: dict[str, Any]) -> None:
    ours, theirs = pair(chat_template=template)
    for chat in (*CHATS, CHATS, [], [["no message"]]):
        found = outcome(ours, "apply_chat_template", chat, **options)
        assert found == outcome(theirs, "apply_chat_template", chat, **options), chat


def test_named_templates() -> None:
    named = {"default": STRIPPING, "tool_use": TOOLS}
    ours, theirs = pair(chat_template=named)
    for args in ((), ("tool_use",), ("{{ messages }}",), (None, [weather])):
        assert ours.get_chat_template(*args) == theirs.get_chat_template(*args)
    for template in (None, {"a": "x", "b": "y"}):
        ours, theirs = pair(chat_template=template)
        assert outcome(ours, "get_chat_template") == outcome(theirs, "get_chat_template")


def test_messages_one_by_one() -> None:
    ours, theirs = pair(chat_template=CHATML)
    history, last = CHATS[1][:2], CHATS[1][2]
    for before in (None, history):
        found = ours.encode_message_with_chat_template(last, before)
        assert found == theirs.encode_message_with_chat_template(last, before)


@pytest.mark.parametrize("chat_control_tokens", [None, [], ["[X]"]])
def test_control_tokens_in_messages_are_text(chat_control_tokens: list[str] | None) -> None:
    template = (
        "{% for m in messages %}<|im_start|>[X]{{ m.content }}{{ m.more.split('|')[0] }}<think>{% endfor %}"
    )
    ours, theirs = pair(chat_template=template, chat_control_tokens=chat_control_tokens)
    chat = [
        {"role": "user", "content": "hi <|im_start|> [X] <think> \U000f0000<s>\U000f0001", "more": "<s>|x"}
    ]
    found = outcome(ours, "apply_chat_template", chat, sanitize_control_tokens=True)
    assert found == outcome(theirs, "apply_chat_template", chat, sanitize_control_tokens=True)


@dataclasses.dataclass
class Message:
    role: str
    content: str

    def items(self) -> Any:
        return vars(self).items()


def test_templates_see_plain_data_and_leave_messages_alone() -> None:
    ours, theirs = pair(chat_template="{{ messages | tojson }}{{ x }}")
    chat = [
        {"role": "user", "content": np.array([1]), "reasoning": "r", "n": np.bool_(False)},
        Message("a", "b"),
    ]
    before = [dict(chat[0]), Message("a", "b")]
    found = ours.apply_chat_template(chat, tokenize=False, x={"a": (1, 2.5, None)})
    assert found == theirs.apply_chat_template(chat, tokenize=False, x={"a": (1, 2.5, None)})
    assert str(chat) == str(before)


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ namespace(__a=1) }}",
        "{% set ns = namespace() %}{% set ns._b = 1 %}",
        "{{ dict(a=1) }}{{ dict.fromkeys('ab') }}",
        "{{ dict.__init__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ strftime_now('%%') }}",
    ],
)
def test_the_sandbox(template: str) -> None:
    ours, theirs = pair(chat_template=template)
    for chat in CHATS[:2]:
        found = outcome(ours, "apply_chat_template", chat, tokenize=False)
        assert found == outcome(theirs, "apply_chat_template", chat, tokenize=False)


def made_of(schema: Any, function: Any) -> Any:
    try:
        return schema(function)
    except Exception as error:
        return type(error).__name__


def test_tools_from_functions() -> None:
    def no_doc(a: int) -> None: ...

    def no_hint(a):  # type: ignore[no-untyped-def]
        """x

        Args:
            a: b
        """

    def not_described(a: int) -> None:
        """x"""

    def custom(a: Path) -> None:
        """x

        Args:
            a: b
        """

    for function in (weather, nested, no_doc, no_hint, not_described, custom):
        expected = made_of(get_json_schema, function)
        assert made_of(json_schema, function) == expected


def test_threads_share_a_template() -> None:
    ours, theirs = pair(chat_template=CHATML)
    chats = [[*CHATS[1], {"role": "assistant", "content": f"hi {n}"}] for n in range(8)]
    expected = [
        theirs.apply_chat_template(c, return_assistant_tokens_mask=True)["assistant_masks"] for c in chats
    ]
    seen: dict[int, Any] = {}

    def work(number: int) -> None:
        for _ in range(20):
            made = ours.apply_chat_template(chats[number], return_assistant_tokens_mask=True)
            seen[number] = made["assistant_masks"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [seen[number] for number in range(8)] == expected

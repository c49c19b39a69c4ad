"""Byte-level tokenizer.json files of all published shapes, from the first tokens of a rank file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import tokenizers as reference
from tests.parity.regex_cases import PUBLISHED

from fasttok.pre_tokenizers import ByteLevel

Json = dict[str, Any]


def byte_chars() -> list[str]:
    """The visible character of each byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    chars = [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]
    assert set(chars) == set(ByteLevel.alphabet())
    return chars


def split(name: str, behavior: str = "Isolated", invert: bool = False) -> Json:
    pattern = {"Regex": PUBLISHED[name]}
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(use_regex: bool = False, add_prefix_space: bool = False) -> Json:
    return {
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


# Pre-tokenizers, and what else differs.
SHAPES: dict[str, tuple[list[Json], Json]] = {
    "gpt2": ([byte_level(True)], {}),
    "roberta": ([byte_level(True, True)], {}),
    "gpt-neox": ([byte_level(True)], {"normalizer": {"type": "NFC"}}),
    "cl100k": ([split("cl100k-old"), byte_level()], {}),
    "cl100k-new": ([split("cl100k"), byte_level()], {}),
    "o200k": ([split("o200k"), byte_level()], {}),
    "llama3": ([split("llama3"), byte_level()], {"ignore_merges": True}),
    "qwen2": ([split("qwen2"), byte_level()], {"normalizer": {"type": "NFC"}}),
    "deepseek-llm": (
        [
            *(split(f"deepseek-llm-{part}") for part in ("newlines", "letters", "punctuation", "end", "cjk")),
            {"type": "Digits", "individual_digits": True},
            byte_level(),
        ],
        {},
    ),
    "deepseek-v3": (
        [split("deepseek-v3-numbers"), split("deepseek-v3-cjk"), split("deepseek-v3"), byte_level()],
        {},
    ),
    "starcoder": ([{"type": "Digits", "individual_digits": True}, byte_level(True)], {}),
    "bloom": ([split("bloom"), byte_level()], {}),
    "clip": ([split("clip-hf", "Removed", True), byte_level(True)], {}),
}


def small_model(ranks: Path, size: int) -> tuple[dict[str, int], list[list[str]]]:
    """Vocabulary and merges of the first `size` tokens; all pairs that make a token merge."""
    chars = byte_chars()
    vocab: dict[str, int] = {}
    merges: list[list[str]] = []
    for line in ranks.read_bytes().splitlines()[:size]:
        token, rank = line.split()
        text = "".join(chars[byte] for byte in base64.b64decode(token))
        vocab[text] = int(rank)
        pairs = [[text[:at], text[at:]] for at in range(1, len(text))]
        merges += sorted(
            (pair for pair in pairs if pair[0] in vocab and pair[1] in vocab),
            key=lambda pair: (vocab[pair[0]], vocab[pair[1]]),
        )
    for char in chars:
        vocab.setdefault(char, len(vocab))
    return vocab, merges


def clip_model(texts: list[str], size: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A vocabulary of CLIP's kind and its merges, trained on texts: with every byte at the end of a word."""
    chars = byte_chars()
    trained = reference.Tokenizer(reference.models.BPE(end_of_word_suffix="</w>"))
    trained.normalizer = reference.normalizers.Lowercase()
    trained.pre_tokenizer = reference.pre_tokenizers.Sequence(
        [
            reference.pre_tokenizers.Split(reference.Regex(PUBLISHED["clip"]), "removed", invert=True),
            reference.pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = reference.trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=chars, end_of_word_suffix="</w>", show_progress=False
    )
    trained.train_from_iterator(texts, trainer)
    vocab = trained.get_vocab()
    for token in (*(char + "</w>" for char in chars), "<|startoftext|>", "<|endoftext|>"):
        vocab.setdefault(token, len(vocab))
    merges = json.loads(trained.to_str())["model"]["merges"]
    return vocab, [(left, right) for left, right in merges]


def tokenizer_json(shape: str, vocab: dict[str, int], merges: list[list[str]]) -> str:
    pre_tokenizers, more = SHAPES[shape]
    added = [("<|endoftext|>", True, False), ("<|im_start|>", True, False), ("  \t", False, True)]
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {
                    "id": len(vocab) + i,
                    "content": content,
                    "single_word": False,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": normalized,
                    "special": special,
                }
                for i, (content, special, normalized) in enumerate(added)
            ],
            "normalizer": more.get("normalizer"),
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": pre_tokenizers},
            "post_processor": byte_level(False),
            "decoder": byte_level(True),
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": more.get("ignore_merges", False),
                "vocab": vocab,
                "merges": merges,
            },
        }
    )

"""OpenAI's encodings: where their rank files are, their patterns and special tokens.

Facts of tiktoken 0.14 (`tiktoken_ext.openai_public`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fasttok.tiktoken.load import data_gym_to_mergeable_bpe_ranks, load_tiktoken_bpe

__all__ = ["ENCODING_CONSTRUCTORS"]

_SITE = "https://openaipublic.blob.core.windows.net"
_HASHES = {
    "r50k_base": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
    "p50k_base": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
_END_OF_TEXT = "<|endoftext|>"
_END_OF_PROMPT = "<|endofprompt|>"
_FILL_IN = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")

r50k_pat_str = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
_CL100K_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_O200K_PATTERN = "|".join(
    (
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


def _ranks(name: str) -> dict[bytes, int]:
    return load_tiktoken_bpe(f"{_SITE}/encodings/{name}.tiktoken", expected_hash=_HASHES[name])


def gpt2() -> dict[str, Any]:
    return {
        "name": "gpt2",
        "explicit_n_vocab": 50257,
        "pat_str": r50k_pat_str,
        "mergeable_ranks": data_gym_to_mergeable_bpe_ranks(
            vocab_bpe_file=f"{_SITE}/gpt-2/encodings/main/vocab.bpe",
            encoder_json_file=f"{_SITE}/gpt-2/encodings/main/encoder.json",
            vocab_bpe_hash="1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
            encoder_json_hash="196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
        ),
        "special_tokens": {_END_OF_TEXT: 50256},
    }


def r50k_base() -> dict[str, Any]:
    return {
        "name": "r50k_base",
        "explicit_n_vocab": 50257,
        "pat_str": r50k_pat_str,
        "mergeable_ranks": _ranks("r50k_base"),
        "special_tokens": {_END_OF_TEXT: 50256},
    }


def p50k_base() -> dict[str, Any]:
    return {
        "name": "p50k_base",
        "explicit_n_vocab": 50281,
        "pat_str": r50k_pat_str,
        "mergeable_ranks": _ranks("p50k_base"),
        "special_tokens": {_END_OF_TEXT: 50256},
    }


def p50k_edit() -> dict[str, Any]:
    return {
        "name": "p50k_edit",
        "pat_str": r50k_pat_str,
        "mergeable_ranks": _ranks("p50k_base"),
        "special_tokens": {_END_OF_TEXT: 50256} | {name: 50281 + i for i, name in enumerate(_FILL_IN)},
    }


def cl100k_base() -> dict[str, Any]:
    return {
        "name": "cl100k_base",
        "pat_str": _CL100K_PATTERN,
        "mergeable_ranks": _ranks("cl100k_base"),
        "special_tokens": {
            _END_OF_TEXT: 100257,
            **{name: 100258 + i for i, name in enumerate(_FILL_IN)},
            _END_OF_PROMPT: 100276,
        },
    }


def o200k_base() -> dict[str, Any]:
    return {
        "name": "o200k_base",
        "pat_str": _O200K_PATTERN,
        "mergeable_ranks": _ranks("o200k_base"),
        "special_tokens": {_END_OF_TEXT: 199999, _END_OF_PROMPT: 200018},
    }


def o200k_harmony() -> dict[str, Any]:
    named = {
        199998: "startoftext",
        199999: "endoftext",
        200002: "return",
        200003: "constrain",
        200005: "channel",
        200006: "start",
        200007: "end",
        200008: "message",
        200012: "call",
    }
    base = o200k_base()
    special = {f"<|{named.get(i, f'reserved_{i}')}|>": i for i in range(199998, 201088)}
    return {**base, "name": "o200k_harmony", "special_tokens": {**base["special_tokens"], **special}}


ENCODING_CONSTRUCTORS: dict[str, Callable[[], dict[str, Any]]] = {
    "gpt2": gpt2,
    "r50k_base": r50k_base,
    "p50k_base": p50k_base,
    "p50k_edit": p50k_edit,
    "cl100k_base": cl100k_base,
    "o200k_base": o200k_base,
    "o200k_harmony": o200k_harmony,
}

"""Chains of normalizers and pre-tokenizers, built from one JSON in fasttok and in the reference, on one text.

What is compared: the splits, with offsets in both referentials and units, after the normalizer, after the
pre-tokenizer, and cut into single characters; then the columns of the whole tokenizer, and its ids alone
(which take another way through the core). Where the reference panics there is nothing to compare with. Which
of two added tokens that normalize to the same text it finds, it leaves to chance: a difference counts only
where none of several tokenizers that it makes agrees. Left out is Prepend(""), after which it may hang in a
callback.
"""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import tokenizers as reference

import fasttok

Node = dict[str, Any]

TRIES = 12  # tokenizers that the reference makes before a difference counts

BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
SCHEMES = ("always", "never", "first")
TEXTS = (" ", "a", "ab", "é", "中", "\u0301", "--", ".", "")
REGEXES = (r"\s+", "a", "[aeiou]+", "^", "(?=b)", "x*", r"\d", "", "é", ".", r" ?\p{L}+", r"(?<=a)b|\n")
CONTENTS = ("", "_", "xy", "é", "中文")

# Characters that some stage treats in a way of its own, and neighbours that matter to them.
PIECES = (
    *"abesABÉé \t\n.中文ア一ーя1٣'▁_ßſΣxİö",
    *("\r\n", "  ", "--", "'s", "23", "\x00", "\x01", "\ufeff", "\u00ad", "\u200b", "\u200d", "ﬁ", "①"),
    *("\u0301", "\u0323", "\u0327", "\u0344", "\u0345", "\u0f73", "한", "가", "\u1112", "\u1161", "\u11ab"),
    *("👍", "🏽", "👨\u200d👩\u200d👧", "©\u200d©\u0300", "\u0600", "🇨🇭", "\U0001d7ce"),
    *("क", "\u094d", "ष", "\u0915\u093f", "\u0915\u094d\u0915\u0300"),
)

RULES = {
    **{"\t": " ", "ﬁ": "fi", "é": "e", "\u00ad": "", "①": "1", "ab": "x", "\u0301": "", "가": "xyz", "A": ""},
    **{
        "e\u0301": "é",
        "👍": "ok",
        "\u200b": " ",
        "क": "k",
        "\r\n": "N",
        "B": "bb",
        "中": "中国人",
        "©": "(c)",
    },
}


def charsmap(rules: dict[str, str]) -> bytes:
    """The bytes of a charsmap with these rules: a double array, then the replacements."""
    trie: dict[Any, Any] = {}
    replacements = b""
    for key, value in rules.items():
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[None] = len(replacements)
        replacements += value.encode() + b"\0"
    units = {0: 0}

    def place(node: dict[Any, Any], at: int) -> None:
        labels = [0 if byte is None else byte for byte in node]
        base = 1
        while base in bases or any(base ^ label in units for label in labels):
            base += 1
        bases.add(base)
        units[at] |= (at ^ base) << 10 | (None in node) << 8
        for byte, child in node.items():
            units[base ^ (byte or 0)] = 1 << 31 | child if byte is None else byte
        for byte, child in node.items():
            if byte is not None:
                place(child, base ^ byte)

    bases: set[int] = set()
    place(trie, 0)
    array = b"".join(units.get(i, 0).to_bytes(4, "little") for i in range(max(units) + 256))
    return len(array).to_bytes(4, "little") + array + replacements


def charsmap_of(rules: dict[str, str]) -> str:
    """As tokenizer.json has it."""
    return b64encode(charsmap(rules)).decode()


CHARSMAP = charsmap_of(RULES)


VOCAB = "[UNK]|a|b|##a|##b|e|##e|s|##s| |## |▁|##▁|Ġ|##Ġ|中|a b"
MODEL: Node = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": {piece: id for id, piece in enumerate(VOCAB.split("|"))},
}


def random_normalizer(rng: random.Random, depth: int = 0) -> Node:
    flag = lambda: rng.random() < 0.5  # noqa: E731
    kind = rng.randrange(13)
    if kind == 0:
        return {
            "type": "BertNormalizer",
            "clean_text": flag(),
            "handle_chinese_chars": flag(),
            "strip_accents": rng.choice([None, True, False]),
            "lowercase": flag(),
        }
    if kind == 1:
        return {"type": "Strip", "strip_left": flag(), "strip_right": flag()}
    if kind == 2:
        return {"type": "Prepend", "prepend": rng.choice(["▁", " ", "ab", "é"])}
    if kind == 3:
        pattern = rng.choice([{"String": rng.choice(TEXTS)}, {"Regex": rng.choice(REGEXES)}])
        return {"type": "Replace", "pattern": pattern, "content": rng.choice(CONTENTS)}
    if kind == 4:
        return {"type": "Precompiled", "precompiled_charsmap": CHARSMAP}
    if kind == 5 and depth < 2:
        parts = [random_normalizer(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {"type": "Sequence", "normalizers": parts}
    plain = ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "StripAccents", "ByteLevel")
    return {"type": rng.choice(plain)}


def random_pre_tokenizer(rng: random.Random, depth: int = 0) -> Node:
    flag = lambda: rng.random() < 0.5  # noqa: E731
    kind = rng.randrange(12)
    if kind == 0:
        return {"type": "ByteLevel", "add_prefix_space": flag(), "trim_offsets": True, "use_regex": flag()}
    if kind == 1:
        return {"type": "CharDelimiterSplit", "delimiter": rng.choice("a ▁中")}
    if kind == 2:
        return {"type": "Digits", "individual_digits": flag()}
    if kind == 3:
        return {"type": "FixedLength", "length": rng.randrange(1, 6)}
    if kind in (4, 5):
        scheme = rng.choice(SCHEMES)
        return {
            "type": "Metaspace",
            "replacement": rng.choice("▁_ "),
            "prepend_scheme": scheme,
            "split": flag(),
        }
    if kind == 6:
        return {"type": "Punctuation", "behavior": rng.choice(BEHAVIORS)}
    if kind == 7:
        pattern = rng.choice([{"String": rng.choice(TEXTS)}, {"Regex": rng.choice(REGEXES)}])
        return {"type": "Split", "pattern": pattern, "behavior": rng.choice(BEHAVIORS), "invert": flag()}
    if kind == 8 and depth < 2:
        parts = [random_pre_tokenizer(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {"type": "Sequence", "pretokenizers": parts}
    return {"type": rng.choice(("UnicodeScripts", "Whitespace", "WhitespaceSplit", "BertPreTokenizer"))}


def random_added_tokens(rng: random.Random) -> list[Node]:
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    contents = rng.sample(["a b", "A", "é", "<s>", "中"], rng.randrange(3))
    ids = iter(range(len(MODEL["vocab"]), 100))
    return [
        {
            "id": id if (id := MODEL["vocab"].get(content)) is not None else next(ids),
            "content": content,
            **{flag: rng.random() < 0.4 for flag in flags},
        }
        for content in contents
    ]


def random_text(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(14)))


def tokenizer_json(
    normalizer: Node | None, pre_tokenizer: Node | None, added: list[Node] | None = None
) -> str:
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": added or [],
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": None,
            "decoder": None,
            "model": MODEL,
        }
    )


def random_chain(rng: random.Random) -> str:
    normalizer = random_normalizer(rng) if rng.random() < 0.8 else None
    pre_tokenizer = random_pre_tokenizer(rng) if rng.random() < 0.8 else None
    return tokenizer_json(normalizer, pre_tokenizer, random_added_tokens(rng))


def all_splits(text: Any) -> list[Any]:
    return [text.get_splits(where, unit) for where in ("original", "normalized") for unit in ("byte", "char")]


def stages(package: ModuleType, tokenizer: Any, text: str) -> list[Any]:
    """What each stage makes of a text, as far as offsets and splits can tell."""
    seen = []
    pre_tokenized = package.PreTokenizedString(text)
    normalizer, pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    if normalizer is not None:
        pre_tokenized.normalize(normalizer.normalize)
        seen.append(all_splits(pre_tokenized))
        seen.append(normalizer.normalize_str(text))
    if pre_tokenizer is not None:
        pre_tokenizer.pre_tokenize(pre_tokenized)
        seen.append(all_splits(pre_tokenized))
        seen.append(pre_tokenizer.pre_tokenize_str(text))
    package.pre_tokenizers.FixedLength(1).pre_tokenize(pre_tokenized)
    seen.append(all_splits(pre_tokenized))
    return seen


def rows(tokenizer: Any, text: str) -> list[Any]:
    encoding = tokenizer.encode(text)
    return [encoding.ids, encoding.tokens, encoding.offsets, encoding.word_ids]


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives; for an exception "error", for a panic None."""
    try:
        return call()
    except Exception:
        return "error"
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        return None


def difference(chain: str, texts: list[str]) -> str | None:
    """What differs first, or None."""
    theirs = outcome(lambda: reference.Tokenizer.from_str(chain))
    ours = outcome(lambda: fasttok.Tokenizer.from_str(chain))
    if theirs is None:
        return None
    if isinstance(theirs, str) or isinstance(ours, str):
        return None if theirs == ours else f"one cannot load {chain}"
    if theirs.to_str() != ours.to_str():
        return f"saved as {ours.to_str()}, not {theirs.to_str()}"
    for text in texts:
        for what, expected, found in (
            (
                "stages",
                lambda one, t=text: stages(reference, one, t),
                lambda t=text: stages(fasttok, ours, t),
            ),
            ("columns", lambda one, t=text: rows(one, t), lambda t=text: rows(ours, t)),
            (
                "ids",
                lambda one, t=text: one.encode(t).ids,
                lambda t=text: ours.encode_batch_flat([t]).ids.tolist(),
            ),
        ):
            wanted = outcome(lambda get=expected: get(theirs))
            if wanted is None or wanted == (got := outcome(found)):
                continue
            again = (reference.Tokenizer.from_str(chain) for _ in range(TRIES))
            if any(outcome(lambda get=expected, one=one: get(one)) in (got, None) for one in again):
                continue  # chance
            return f"{what} of {text!a}: {got!a}, not {wanted!a}, in {chain}"
    return None


def outcomes(chain: str, texts: list[str]) -> list[Any]:
    """What fasttok makes of the texts, alone."""
    ours = outcome(lambda: fasttok.Tokenizer.from_str(chain))
    if isinstance(ours, str):
        return [ours]
    return [
        outcome(get) for t in texts for get in (partial(stages, fasttok, ours, t), partial(rows, ours, t))
    ]

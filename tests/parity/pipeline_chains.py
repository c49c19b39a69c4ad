"""Whole random pipelines, built from one JSON in fasttok and in the reference: every stage is drawn.

`text_chains` gives the normalizer and the pre-tokenizer, `random_models` the model; post-processor, decoder,
added tokens, truncation and padding are drawn here. What is compared: the file as it is written again, the
vocabulary, all columns of single texts, pairs, pretokenized ones and batches, and what `decode` and
`DecodeStream` make of the ids and of random ones.

Where the reference panics there is nothing to compare with. What it leaves to chance differs between two
tokenizers that it makes of one file, so a difference counts only if none of several is like ours.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

import tokenizers as reference

import fasttok
from parity.compare import columns
from parity.random_models import KINDS
from parity.text_chains import Node, outcome, random_normalizer, random_pre_tokenizer, random_text

TRIES = 12  # tokenizers that the reference makes before a difference counts
TOKENS = ("a", "b", "é", "中", "[X]", "ab", "▁", "Ġ")


def _flag(rng: random.Random) -> bool:
    return rng.random() < 0.5


def _token(rng: random.Random) -> list[Any]:
    return [rng.choice(TOKENS), rng.randrange(40)]


def random_template(rng: random.Random) -> Node:
    tokens = {
        name: {"id": name, "ids": [i, i + 3], "tokens": [name, name + "2"]} for i, name in enumerate("XY")
    }
    tokens["[X]"] = {"id": "[X]", "ids": [5], "tokens": ["[X]"]}

    def special() -> Node:
        return {"SpecialToken": {"id": rng.choice(list(tokens)), "type_id": rng.randrange(3)}}

    def sequence(name: str) -> Node:
        return {"Sequence": {"id": name, "type_id": rng.randrange(3)}}

    single = [sequence("A"), *(special() for _ in range(rng.randrange(3)))]
    pair = [sequence("A"), sequence("B"), *(special() for _ in range(rng.randrange(4)))]
    if rng.random() < 0.1:
        single.append(sequence("A"))
    rng.shuffle(single)
    rng.shuffle(pair)
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def random_post_processor(rng: random.Random, depth: int = 0) -> Node:
    kind = rng.randrange(5)
    if kind == 0:
        return {"type": "BertProcessing", "sep": _token(rng), "cls": _token(rng)}
    if kind == 1:
        return {
            "type": "RobertaProcessing",
            "sep": _token(rng),
            "cls": _token(rng),
            "trim_offsets": _flag(rng),
            "add_prefix_space": _flag(rng),
        }
    if kind == 2:
        return {
            "type": "ByteLevel",
            "add_prefix_space": _flag(rng),
            "trim_offsets": _flag(rng),
            "use_regex": _flag(rng),
        }
    if kind == 3 and depth < 1:
        parts = [random_post_processor(rng, depth + 1) for _ in range(rng.randrange(3))]
        return {"type": "Sequence", "processors": parts}
    return random_template(rng)


def random_decoder(rng: random.Random, depth: int = 0) -> Node:
    kind = rng.randrange(10)
    text = lambda: rng.choice(("a", " ", "▁", "##", "", "é", "ab"))  # noqa: E731
    if kind == 0:
        return {"type": "BPEDecoder", "suffix": text()}
    if kind == 1:
        return {"type": "ByteFallback"}
    if kind == 2:
        return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    if kind == 3:
        return {
            "type": "CTC",
            "pad_token": text(),
            "word_delimiter_token": text(),
            "cleanup": _flag(rng),
        }
    if kind == 4:
        return {"type": "Fuse"}
    if kind == 5:
        return {
            "type": "Metaspace",
            "replacement": rng.choice("▁_a"),
            "prepend_scheme": rng.choice(("always", "never", "first")),
            "split": _flag(rng),
        }
    if kind == 6:
        pattern = rng.choice([{"String": text()}, {"Regex": rng.choice(("a+", r"\s", "^", "b|", "é?"))}])
        return {"type": "Replace", "pattern": pattern, "content": text()}
    if kind == 7:
        return {
            "type": "Strip",
            "content": rng.choice(" ▁ab"),
            "start": rng.randrange(3),
            "stop": rng.randrange(3),
        }
    if kind == 8 and depth < 1:
        parts = [random_decoder(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {"type": "Sequence", "decoders": parts}
    return {"type": "WordPiece", "prefix": text(), "cleanup": _flag(rng)}


def random_added_tokens(rng: random.Random, model: Node, normalizer: Node | None) -> list[Node]:
    """A few tokens; none that the normalizer makes nothing of, with which the reference may not return."""
    vocab = model["vocab"]
    ids = dict(vocab) if isinstance(vocab, dict) else {piece: i for i, (piece, _) in enumerate(vocab)}
    new = len(ids)  # what the reference gives, also where that fills a hole
    made = []
    for content in rng.sample(["a b", "A", "é", "<s>", "中", " ", "ab", "[X]", "e\u0301"], rng.randrange(4)):
        if content not in ids:
            if new in ids.values():
                continue  # two tokens on one id: chance
            ids[content] = new
            new += 1
        flags = {
            name: rng.random() < 0.4 for name in ("single_word", "lstrip", "rstrip", "normalized", "special")
        }
        if normalizer and flags["normalized"] and not _normalized(normalizer, content):
            continue
        made.append({"id": ids[content], "content": content, **flags})
    return made


def _normalized(normalizer: Node, content: str) -> str:
    text = json.dumps(
        {"version": "1.0", "normalizer": normalizer, "model": {"type": "BPE", "vocab": {}, "merges": []}}
    )
    made = outcome(lambda: reference.Tokenizer.from_str(text).normalizer.normalize_str(content))
    return made if isinstance(made, str) else ""


def random_truncation(rng: random.Random) -> Node | None:
    if rng.random() < 0.6:
        return None
    return {
        "direction": rng.choice(("Left", "Right")),
        "max_length": rng.choice((0, 1, 3, 5, 8, 12)),
        "strategy": rng.choice(("LongestFirst", "OnlyFirst", "OnlySecond")),
        "stride": rng.choice((0, 0, 1, 2)),
    }


def random_padding(rng: random.Random) -> Node | None:
    if rng.random() < 0.6:
        return None
    return {
        "strategy": rng.choice(("BatchLongest", {"Fixed": rng.choice((0, 4, 10))})),
        "direction": rng.choice(("Left", "Right")),
        "pad_to_multiple_of": rng.choice((None, None, 0, 3)),
        "pad_id": rng.randrange(5),
        "pad_type_id": rng.randrange(3),
        "pad_token": rng.choice(("[PAD]", "", "é")),
    }


def random_pipeline(rng: random.Random) -> str:
    model = json.loads(KINDS[rng.choice(list(KINDS))](rng)(fasttok.models).__getstate__())
    normalizer = random_normalizer(rng) if rng.random() < 0.6 else None
    return json.dumps(
        {
            "version": "1.0",
            "truncation": random_truncation(rng),
            "padding": random_padding(rng),
            "added_tokens": random_added_tokens(rng, model, normalizer),
            "normalizer": normalizer,
            "pre_tokenizer": random_pre_tokenizer(rng) if rng.random() < 0.7 else None,
            "post_processor": random_post_processor(rng) if rng.random() < 0.7 else None,
            "decoder": random_decoder(rng) if rng.random() < 0.8 else None,
            "model": model,
        }
    )


def streamed(package: ModuleType, tokenizer: Any, ids: list[int], skip: bool) -> list[Any]:
    stream = package.decoders.DecodeStream(skip_special_tokens=skip)
    return [stream.step(tokenizer, id) for id in ids]


def calls(
    package: ModuleType, tokenizer: Any, texts: list[str], rng: random.Random
) -> dict[str, Callable[[], Any]]:
    """The calls to compare, by name."""
    first, second = texts[0], texts[1]
    words = [text for text in texts if text]
    vocabulary = tokenizer.get_vocab()
    ids = [rng.choice(sorted(vocabulary.values()) or [0]) for _ in range(8)] + [10**6]
    rows: list[Any] = [*texts, (first, second), (second, first)]
    found: dict[str, Callable[[], Any]] = {
        "vocabulary": lambda: (vocabulary, tokenizer.get_vocab(False), tokenizer.get_vocab_size()),
        "added": lambda: [(id, repr(t)) for id, t in tokenizer.get_added_tokens_decoder().items()],
        "special": lambda: [tokenizer.num_special_tokens_to_add(pair) for pair in (False, True)],
        "pair": lambda: columns(tokenizer.encode(first, second)),
        "words": lambda: columns(tokenizer.encode(words, is_pretokenized=True)),
        "word pair": lambda: columns(tokenizer.encode(words, words[:1], is_pretokenized=True)),
        "batch": lambda: [columns(row) for row in tokenizer.encode_batch(rows)],
        "fast": lambda: [columns(row) for row in tokenizer.encode_batch_fast(rows, add_special_tokens=False)],
    }
    for text in texts:
        found[f"plain {text!a}"] = lambda text=text: columns(tokenizer.encode(text))
        found[f"bare {text!a}"] = lambda text=text: columns(tokenizer.encode(text, add_special_tokens=False))
    for skip in (False, True):
        found[f"decode {ids} {skip}"] = lambda skip=skip: tokenizer.decode(ids, skip_special_tokens=skip)
        found[f"stream {ids} {skip}"] = lambda skip=skip: streamed(package, tokenizer, ids, skip)
    found["decode text"] = lambda: [tokenizer.decode(row.ids) for row in tokenizer.encode_batch(texts)]
    return found


def difference(pipeline: str, texts: list[str], seed: int) -> str | None:
    """What differs first, or None; `texts` has two or more, `seed` draws the ids that are decoded."""

    def theirs() -> Any:
        return outcome(lambda: reference.Tokenizer.from_str(pipeline))

    other = theirs()
    ours = outcome(lambda: fasttok.Tokenizer.from_str(pipeline))
    if other is None:
        return None
    if isinstance(other, str) or isinstance(ours, str):
        return None if other == ours else f"one cannot load {pipeline}"
    if other.to_str() != ours.to_str():
        return f"saved as {ours.to_str()}, not {other.to_str()}"
    found = calls(fasttok, ours, texts, random.Random(seed))
    for name, wanted in calls(reference, other, texts, random.Random(seed)).items():
        if (expected := outcome(wanted)) is None or (mine := outcome(found[name])) == expected:
            continue
        again = (theirs() for _ in range(TRIES))
        if any(
            outcome(calls(reference, one, texts, random.Random(seed))[name]) in (mine, None) for one in again
        ):
            continue  # chance
        return f"{name} of {texts!a}: {mine!a}, not {expected!a}, in {pipeline}"
    return None


def outcomes(pipeline: str, texts: list[str], seed: int) -> list[Any]:
    """What fasttok answers to each call, alone."""
    ours = outcome(lambda: fasttok.Tokenizer.from_str(pipeline))
    if isinstance(ours, str):
        return [ours]
    return [outcome(call) for call in calls(fasttok, ours, texts, random.Random(seed)).values()]


def random_case(rng: random.Random) -> tuple[str, list[str], int]:
    return random_pipeline(rng), [random_text(rng) for _ in range(4)], rng.randrange(10**6)

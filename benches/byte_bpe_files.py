"""A byte-level model as tokenizer.json and as rank file: of the one, the other is made.

tokenizer.json has the merges that the ranks imply: for each token, the two that its bytes have become when
only lower ranks have merged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import corpora
from corpora import Model

BUNDLED_TOKENS = 2_000


def byte_characters() -> list[str]:
    """The visible character of each byte."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


def ranks_of(data: bytes) -> dict[bytes, int]:
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}


def merged(ranks: dict[bytes, int], token: bytes) -> list[bytes]:
    """The parts of a token when all pairs of lower ranks have merged, the lowest first."""
    parts = [token[i : i + 1] for i in range(len(token))]
    limit = ranks[token]
    while True:
        pairs = [ranks.get(a + b, limit) for a, b in pairwise(parts)]
        lowest = min(pairs)
        if lowest >= limit:
            return parts
        at = pairs.index(lowest)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]


def merges_of(ranks: dict[bytes, int]) -> Iterator[tuple[bytes, bytes] | None]:
    """By rank; None: no two tokens make this one."""
    for token in sorted(ranks, key=ranks.__getitem__):
        if len(token) > 1:
            parts = merged(ranks, token)
            yield (parts[0], parts[1]) if len(parts) == 2 else None


def document(model: Model, ranks: dict[bytes, int]) -> dict[str, Any]:
    chars = byte_characters()

    def text(token: bytes) -> str:
        return "".join([chars[byte] for byte in token])

    merges = list(merges_of(ranks))
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": model.pattern}, "behavior": "Isolated", "invert": False}
    return {
        "version": "1.0",
        "normalizer": model.normalizer and {"type": model.normalizer},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": None,
        "decoder": {**byte_level, "use_regex": True},
        "added_tokens": [],
        "model": {
            "type": "BPE",
            "vocab": {text(token): rank for token, rank in ranks.items()},
            "merges": [[text(a), text(b)] for a, b in filter(None, merges)],
            "ignore_merges": None in merges,
        },
    }


def ranks_of_json(text: str) -> dict[bytes, int]:
    """Its tokens that are no special ones; their ids are in the order of the merges."""
    byte_of = {char: byte for byte, char in enumerate(byte_characters())}
    root = json.loads(text)
    special = {token["content"] for token in root["added_tokens"]}
    vocab = root["model"]["vocab"].items()
    return {bytes(map(byte_of.__getitem__, token)): id for token, id in vocab if token not in special}


def trained() -> dict[bytes, int]:
    """Ranks of the bundled sample."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=BUNDLED_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tok.train_from_iterator((corpora.BUNDLED / "sample.txt").read_text("utf-8").split("\n"), trainer)
    return ranks_of_json(tok.to_str())


def make(model: Model, json_file: Path, rank_file: Path) -> None:
    """Write both."""
    if model.vocab is not None and model.vocab.suffix == ".json":
        text = model.vocab.read_text("utf-8")
        ranks = ranks_of_json(text)
    else:
        ranks = trained() if model.vocab is None else ranks_of(model.vocab.read_bytes())
        text = json.dumps(document(model, ranks))
    json_file.write_text(text, "utf-8")
    lines = (base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks.items())
    rank_file.write_bytes(b"".join(lines))

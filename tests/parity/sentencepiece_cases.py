"""Models and texts for the comparison with sentencepiece 0.2.3, and the comparison itself."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import sentencepiece as reference

import fasttok.sentencepiece as spm

SHARED = (
    "llama2/tokenizer.model",
    "pangu-alpha/vocab.model",
    "t5-nai/spiece.model",
    "xlnet-base-cased/spiece.model",
)
TYPES = ("unigram", "bpe", "word", "char")

WORDS = [
    *(
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "lazy",
        "dog",
        "while",
        "tokenizers",
        "tokenize",
        "tokens",
    ),
    *("and", "models", "model", "words", "naïve", "café", "résumé", "straße", "ﬁn", "12", "123", "1,234"),
    *(
        "中国",
        "中文",
        "中国人",
        "我们",
        "我们的",
        "今天",
        "天气",
        "很好",
        "東京",
        "ﾃｽﾄ",
        "テスト",
        "カタカナ",
        "ＡＢＣ",
        "１２３",
    ),
]

ALPHABET = (
    *(
        "a",
        "b",
        "ab",
        " ",
        "  ",
        "   ",
        "▁",
        "▁▁",
        "the",
        "ing",
        "中",
        "国",
        "中国",
        "ｽﾅｯﾌﾟﾘﾝｸﾞ",
        "\u3000",
        "SC-40",
    ),
    *(
        "ﬁ",
        "é",
        "e\u0301",
        "\0",
        "\n",
        "\t",
        "Ａ",
        "😀",
        "\u200d",
        "ก",
        "\ufe30",
        "\ufeff",
        "한글",
        "1",
        "23",
        ".",
    ),
    *("<s>", "<unk>", "</s>", "<mask>", "<ma", "[X]", "[X]]", "\ufffd", "\x85", "İ", "<0x41>", "ﷺ", "㍿"),
)


@cache
def trained(kind: str, byte_fallback: bool = False, symbols: bool = False, **more: Any) -> bytes:
    """A small model that sentencepiece trains on seeded sentences."""
    rng = random.Random(7)
    lines = [" ".join(rng.choices(WORDS, k=rng.randrange(3, 12))) for _ in range(300)]
    settings: dict[str, Any] = {
        "vocab_size": 420 if byte_fallback else 180,
        "model_type": kind,
        "num_threads": 1,
    }
    settings |= {"byte_fallback": byte_fallback, "hard_vocab_limit": False, "minloglevel": 2} | more
    if kind in ("word", "char"):
        settings["use_all_vocab"] = kind == "word"
    if symbols:
        settings["user_defined_symbols"] = ["<mask>", "<ma", "[X]", "中国", "a b", "▁▁"]
    written = io.BytesIO()
    reference.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=written, **settings)
    return written.getvalue()


def random_text(rng: random.Random, longest: int = 30) -> str:
    """Pieces of ALPHABET and words, with any other characters between them."""

    def part() -> str:
        if rng.random() < 0.5:
            return rng.choice(ALPHABET)
        if rng.random() < 0.6:
            return rng.choice(WORDS) + rng.choice(["", " "])
        return chr(
            rng.choice(
                [
                    rng.randrange(0x20, 0x7F),
                    rng.randrange(0x80, 0x3000),
                    rng.randrange(0x3000, 0xD800),
                    rng.randrange(0xE000, 0x20000),
                ]
            )
        )

    return "".join(part() for _ in range(rng.randrange(longest)))


class Pair:
    """One model in both."""

    def __init__(self, model: bytes) -> None:
        self.ours = spm.SentencePieceProcessor(model_proto=model)
        self.theirs = reference.SentencePieceProcessor(model_proto=model)

    def differences(self, text: str | bytes) -> Iterator[str]:
        """What differs on encoding a text."""
        for name in ("encode_as_ids", "encode_as_pieces"):
            if isinstance(text, bytes) and name == "encode_as_pieces":
                continue  # pieces of bytes need not be UTF-8
            ours, theirs = (getattr(each, name)(text) for each in (self.ours, self.theirs))
            if ours != theirs:
                yield f"{name}({text!a}): {ours} != {theirs}"
        ours, theirs = (
            each.encode(text, return_type="serialized_proto") for each in (self.ours, self.theirs)
        )
        if ours != theirs:
            yield f"serialized_proto of {text!a}: {ours!r} != {theirs!r}"
        ours, theirs = (each.normalize(text, with_offsets=True) for each in (self.ours, self.theirs))
        if ours != theirs:
            yield f"normalize({text!a}): {ours} != {theirs}"

    def batch_differences(self, texts: list[str]) -> Iterator[str]:
        """What differs on encoding many: ids, and messages with pieces, surfaces, places."""
        for kind in (int, "serialized_proto"):
            ours, theirs = (each.encode(texts, return_type=kind) for each in (self.ours, self.theirs))
            if ours != theirs:
                for text, mine, other in zip(texts, ours, theirs, strict=True):
                    if mine != other:
                        yield f"{kind} of {text[:200]!a}: {str(mine)[:500]} != {str(other)[:500]}"

    def n_best_differences(self, text: str, size: int = 10) -> Iterator[str]:
        """What differs between the best ways of a Unigram model, the bits of their scores included."""
        try:
            theirs = self.theirs.nbest_encode(text, nbest_size=size, return_type="serialized_proto")
        except RuntimeError:  # another kind of model
            return
        ours = self.ours.nbest_encode(text, nbest_size=size, return_type="serialized_proto")
        if ours != theirs:
            yield f"n-best of {text!a}: {ours!r} != {theirs!r}"

    def decoding_differences(self, rng: random.Random) -> Iterator[str]:
        """What differs on decoding random ids, and pieces of which some are none."""
        ids = [rng.randrange(len(self.theirs)) for _ in range(rng.randrange(12))]
        pieces = [self.theirs.id_to_piece(number) for number in ids]
        pieces += rng.choices(["a▁b", "▁", "zz", "<unk>", "<0x41>", "▁▁x"], k=rng.randrange(4))
        rng.shuffle(pieces)
        for items in (ids, pieces):
            for kind in (str, bytes, "serialized_proto", "offset_mapping"):
                ours, theirs = (each.decode(items, return_type=kind) for each in (self.ours, self.theirs))
                if ours != theirs:
                    yield f"decode({items}, {kind}): {ours!r} != {theirs!r}"

"""Random pipelines of the family that the engine metaspace runs, built from one JSON, and texts for them."""

from __future__ import annotations

import json
import random
from typing import Any

from parity.text_chains import CHARSMAP, PIECES, Node, charsmap_of

MARK = "▁"
LETTERS = (*"abcdefgh.'`\"1ＡéÉ中国的人", MARK, "👍", "e\u0301", "İ")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
CHARSMAPS = (
    CHARSMAP,
    charsmap_of(
        {"Ａ": "A", "\u3000": " ", "\t": " ", "ﬁ": "fi", "，": ",", "①": "1", "\u00ad": "", "▂": MARK}
    ),
    charsmap_of({"\r": " ", "\n": " ", "e\u0301": "é", "\u0301": "", "'": "’", "”": '"', " ": "  "}),
)


def random_steps(rng: random.Random) -> list[Node]:
    """Normalizers that go character by character, and some that do not."""
    replaced = ("``", "''", "a", "ab", "中国", "’", "▂", "aaa", "é", " ", "  ", "\U00020000b")
    steps: list[Node] = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        content = rng.choice(('"', "", "b", "é", MARK, " ", "xy"))
        steps.append({"type": "Replace", "pattern": {"String": rng.choice(replaced)}, "content": content})
    for name, chance in (("NFKD", 0.3), ("NFC", 0.1), ("NFKC", 0.1), ("NFD", 0.1), ("Nmt", 0.1)):
        if rng.random() < chance:
            steps.append({"type": name})
    if rng.random() < 0.4:
        steps.append({"type": "StripAccents"})
    if rng.random() < 0.3:
        steps.append({"type": "Lowercase"})
    if rng.random() < 0.6:
        steps.append({"type": "Precompiled", "precompiled_charsmap": rng.choice(CHARSMAPS)})
    if rng.random() < 0.3:
        rng.shuffle(steps)
    return steps


def random_stages(rng: random.Random) -> tuple[Node | None, Node | None]:
    """The normalizer and the pre-tokenizer."""
    steps = random_steps(rng)
    metaspace = {
        "type": "Metaspace",
        "replacement": MARK,
        "prepend_scheme": rng.choice(("always", "never", "first")),
        "split": rng.random() < 0.5,
    }
    kind = rng.randrange(3)
    pre_tokenizer: Node | None = metaspace
    if kind == 0:
        escape: list[Node] = [{"type": "Replace", "pattern": {"String": " "}, "content": MARK}]
        if rng.random() < 0.8:
            escape.append({"type": "Prepend", "prepend": MARK})
        rng.shuffle(escape)
        steps += escape
        pre_tokenizer = None
    elif kind == 1:
        metaspace.update(prepend_scheme="always", split=True)
        pre_tokenizer = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    normalizer: Node | None = {"type": "Sequence", "normalizers": steps} if steps else None
    if len(steps) == 1 and rng.random() < 0.5:
        normalizer = steps[0]
    return normalizer, pre_tokenizer


def random_unigram(rng: random.Random) -> Node:
    """Scores that tie, that are multiples of a power of two, or neither; pieces over marks; bytes."""
    pieces = [letter for letter in LETTERS if rng.random() < 0.7]
    letters = (*LETTERS, MARK, MARK, MARK)
    for _ in range(rng.choice((3, 30, 100))):
        pieces.append(
            rng.choice(("", MARK)) + "".join(rng.choices(letters, k=rng.choice((1, 2, 2, 3, 4, 9, 40))))
        )
    if rng.random() < 0.4:
        pieces += BYTES if rng.random() < 0.7 else BYTES[1:]
    pieces = list(dict.fromkeys(pieces))
    rng.shuffle(pieces)
    unk = rng.randrange(len(pieces) + 1)
    pieces.insert(unk, rng.choice(("<unk>", "<unk>", "ab<")))
    scores = rng.choice(
        (
            lambda: -float(rng.randrange(1, 5)),
            lambda: -rng.randrange(1, 1 << 24) * 2.0**-20,
            lambda: -rng.random() * 15,
            lambda: rng.choice((-0.1, -0.2, -0.30000000000000004, 0.0)),
        )
    )
    return {
        "type": "Unigram",
        "unk_id": unk,
        "vocab": [[piece, scores()] for piece in pieces],
        "byte_fallback": rng.random() < 0.5,
    }


def random_bpe(rng: random.Random) -> Node:
    tokens = [letter for letter in LETTERS if rng.random() < 0.85 and len(letter) == 1] or ["a"]
    merges: list[list[str]] = []
    for _ in range(rng.choice((0, 10, 60, 200))):
        left, right = rng.choice(tokens), rng.choice(tokens)
        if len(left + right) < 20 and [left, right] not in merges:
            merges.append([left, right])
            tokens.append(left + right)
    rng.shuffle(merges)
    if bytes_too := rng.random() < 0.6:
        tokens += BYTES
    tokens += ["<unk>", "a b", "ab" * 12, "\U00020000"]
    return {
        "type": "BPE",
        "unk_token": "<unk>" if rng.random() < 0.9 else None,
        "fuse_unk": rng.random() < 0.5,
        "byte_fallback": bytes_too and rng.random() < 0.9,
        "ignore_merges": rng.random() < 0.3,
        "vocab": {token: id for id, token in enumerate(dict.fromkeys(tokens))},
        "merges": merges,
    }


def random_added(rng: random.Random, size: int) -> list[Node]:
    added: list[Node] = []
    for content in rng.sample(("<s>", "</s>", "[X]", "<é>", "ab c", "中", "Ａ<", "<mask>"), rng.randrange(4)):
        flags = {name: rng.random() < 0.15 for name in ("single_word", "lstrip", "rstrip")}
        added.append(
            {
                "id": size + len(added),
                "content": content,
                **flags,
                "normalized": rng.random() < 0.4,
                "special": rng.random() < 0.5,
            }
        )
    return added


def random_pipeline(rng: random.Random) -> str:
    normalizer, pre_tokenizer = random_stages(rng)
    model = rng.choice((random_unigram, random_unigram, random_bpe))(rng)
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": random_added(rng, len(model["vocab"])),
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": None,
            "decoder": None,
            "model": model,
        }
    )


def random_text(rng: random.Random) -> str:
    """Short parts, some many times over: letters of the vocabularies, what normalizers meet, added tokens."""

    def part() -> str:
        kind = rng.randrange(8)
        if kind == 0:
            return rng.choice(PIECES)
        if kind == 1:
            return rng.choice(("<s>", "</s>", "[X]", "<é>", "<mask>", "<unk>", "ab<", "''", "``", "'`", MARK))
        if kind == 2:
            return rng.choice(
                (" ", " ", "  ", "\t", "\u3000", "\r\n", f" {MARK}", f"{MARK} ", "\xa0", "\x00")
            )
        return "".join(rng.choices(LETTERS, k=rng.choice((1, 2, 5, 9))))

    text = "".join(part() for _ in range(rng.choice((0, 1, 3, 10, 30))))
    if rng.random() < 0.1:  # long plain runs between, and words without an end
        text = rng.choice(
            (" the cat sat on the mat ", "ab" * 90, "中国" * 60, "a''b ", "e\u0301 ab  cd ")
        ).join([text] * rng.randrange(2, 6))
    return text


def columns_of(tokenizer: Any, texts: list[str], **options: Any) -> list[list[int]]:
    """All columns of a flat batch that there are."""
    batch = tokenizer.encode_batch_flat(texts, **options)
    columns = (batch.ids, batch.row_offsets, batch.offsets, batch.word_ids)
    return [column.tolist() for column in columns if column is not None]

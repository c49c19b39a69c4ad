"""Random models, in fasttok and in the reference, and words that meet their odd corners."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

Make = Callable[[ModuleType], Any]  # a model of the package's `models`

ALPHABET = ["a", "b", "c", "d", "é", "中", "😀", " ", "▁", "Ġ", "\n", "\x00"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def words(rng: random.Random, count: int) -> list[str]:
    """Words over the alphabet and a little beyond, of all lengths up to 40."""
    letters = [*ALPHABET, "z", "Z", "ø", "\u0301", "<", "unk", "<unk>", "ab"]
    return ["".join(rng.choices(letters, k=rng.choice([1, 2, 3, 5, 8, 40]))) for _ in range(count)]


def _maybe(rng: random.Random, value: Any, chance: float = 0.5) -> Any:
    return value if rng.random() < chance else None


def _ids(rng: random.Random, tokens: list[str]) -> dict[str, int]:
    """Distinct ids, with holes now and then."""
    tokens = list(dict.fromkeys(tokens))
    rng.shuffle(tokens)
    ids = (
        range(len(tokens)) if rng.random() < 0.7 else sorted(rng.sample(range(3 * len(tokens)), len(tokens)))
    )
    return dict(zip(tokens, ids, strict=True))


def random_bpe(rng: random.Random) -> Make:
    """Some letters missing, merges repeated and out of order, entries that no merge reaches."""
    prefix = _maybe(rng, rng.choice(["", "#", "##", "é"]), 0.3)
    suffix = _maybe(rng, rng.choice(["", "_", "</w>", "中"]), 0.3)
    begin, end = prefix or "", suffix or ""
    letters = [letter for letter in ALPHABET if rng.random() < 0.8] or ["a"]
    tokens = [start + letter + stop for letter in letters for start in {"", begin} for stop in {"", end}]
    tokens = [token for token in tokens if rng.random() < 0.95]
    merges: list[tuple[str, str]] = []
    for _ in range(rng.choice([0, 3, 30, 100])):
        left, right = rng.choice(tokens or ["a"]), rng.choice(tokens or ["a"])
        if not right.startswith(begin) or (end and left.endswith(end)):
            continue
        made = left + right[len(begin) :]
        if len(made) < 20 and tokens:
            tokens.append(made)
            merges.append((left, right))
    if merges and rng.random() < 0.5:
        merges += rng.choices(merges, k=3)
        rng.shuffle(merges)
    unk = _maybe(rng, rng.choice(["<unk>", "a"]), 0.6)
    tokens += ["<unk>", "a", *(["unreachable", "ab"] if rng.random() < 0.5 else [])]
    if rng.random() < 0.5:
        tokens += BYTES if rng.random() < 0.7 else rng.sample(BYTES, 200)
    vocab = _ids(rng, tokens)
    options: dict[str, Any] = {
        "fuse_unk": rng.random() < 0.5,
        "byte_fallback": rng.random() < 0.5,
        "ignore_merges": rng.random() < 0.3,
    }
    for key, value in (
        ("unk_token", unk),
        ("continuing_subword_prefix", prefix),
        ("end_of_word_suffix", suffix),
        ("dropout", _maybe(rng, rng.choice([0.0, 1.0]), 0.2)),
    ):
        if value is not None:
            options[key] = value
    return lambda models: models.BPE(vocab, merges, **options)


def random_unigram(rng: random.Random) -> Make:
    """Equal scores, equal pieces, pieces that unknown parts add up to, no unknown piece now and then."""
    pieces = [letter for letter in ALPHABET if rng.random() < 0.7]
    pieces += ["".join(rng.choices(ALPHABET, k=rng.randint(1, 5))) for _ in range(rng.choice([0, 5, 50]))]
    if rng.random() < 0.5:
        pieces += BYTES if rng.random() < 0.7 else rng.sample(BYTES, 200)
    if rng.random() < 0.9:
        pieces = list(dict.fromkeys(pieces))
    rng.shuffle(pieces)
    at = rng.randint(0, len(pieces))
    pieces.insert(at, rng.choice(["<unk>", "<unk>", "zz"]))
    scores = rng.choice([[0.0, -1.0, -2.0], [-0.1, -0.2, -0.30000000000000004, -1e-3], None])
    vocab = [(piece, rng.choice(scores) if scores else -rng.random() * 15) for piece in pieces]
    unk_id = at if rng.random() < 0.85 else None
    fallback = rng.random() < 0.5
    return lambda models: models.Unigram(vocab, unk_id, fallback)


def random_word_level(rng: random.Random) -> Make:
    vocab = _ids(rng, [*words(rng, 20), *(["<unk>"] if rng.random() < 0.7 else [])])
    unk = rng.choice([None, "<unk>", "a", ""])
    return lambda models: models.WordLevel(vocab, unk)


def random_wordpiece(rng: random.Random) -> Make:
    prefix = rng.choice(["##", "", "é", "#"])
    tokens = [rng.choice(["", prefix]) + word for word in words(rng, 60) if len(word) < 5]
    vocab = _ids(rng, [*tokens, *ALPHABET[: rng.randint(0, 9)], *(["[UNK]"] if rng.random() < 0.8 else [])])
    limit = rng.choice([0, 3, 100])
    return lambda models: models.WordPiece(
        vocab, max_input_chars_per_word=limit, continuing_subword_prefix=prefix
    )


KINDS = {
    "BPE": random_bpe,
    "Unigram": random_unigram,
    "WordLevel": random_word_level,
    "WordPiece": random_wordpiece,
}


def tokens_of(model: Any, word: str) -> Any:
    """The tokens as tuples, or the text of the exception."""
    try:
        return [token.as_tuple() for token in model.tokenize(word)]
    except Exception as error:
        return str(error)


def difference(kind: str, seed: int, count: int) -> str | None:
    """What differs between the two packages in one random model and `count` words."""
    import tokenizers as reference

    import fasttok

    rng = random.Random(seed)
    make = KINDS[kind](rng)
    ours, theirs = make(fasttok.models), make(reference.models)
    if (state := ours.__getstate__()) != theirs.__getstate__():
        return f"{kind} {seed}: state {state[:300]!r}"
    # str() of the reference panics where it would cut a token inside a character.
    if repr(ours) != repr(theirs) or (kind != "WordLevel" and str(ours) != str(theirs)):
        return f"{kind} {seed}: repr {ours!r}"
    for word in ["", *words(rng, count)]:
        if (mine := tokens_of(ours, word)) != (yours := tokens_of(theirs, word)):
            return f"{kind} {seed}: {word!a}: {mine} instead of {yours} ({ours!r:.2000})"
    return None

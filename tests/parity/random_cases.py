"""Random tokenizers and random texts, the same in fasttok and in the reference; what differs is shrunk.

A `Case` is plain data: it can be printed, built for either package, and made smaller. Left out is what the
reference leaves to chance or never ends: normalized tokens of equal normalized content (a hash table
decides), and those that normalize to nothing (a panic, or an endless loop beside a longer token).
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import tokenizers as reference

import fasttok
from parity.compare import CODE_POINTS, columns, flat_differs, model_of, pipeline

Text = Any  # str, or list of str where pretokenized; a pair of them

SPECIALS = {"[PAD]": 1, "[CLS]": 2, "[SEP]": 3}
TEMPLATES = (
    ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    ("$A:1 [SEP]:1", "[CLS] $B:1 [CLS]:2 $A [SEP]:3"),
    ("[CLS]:1 [CLS] $A:2", "$A $B"),
    ("$A", "$A:3 [PAD] $B:4"),
)


@dataclass(frozen=True)
class Case:
    vocab: tuple[str, ...]
    prefix: str
    max_chars: int
    settings: tuple[bool, bool, bool | None, bool] | None
    has_pre_tokenizer: bool
    tokens: tuple[tuple[str, bool, bool, bool, bool, bool], ...]  # as AddedToken's flags, in its order
    post: int | str | None  # index of TEMPLATES, "bert" or None
    truncation: tuple[int, int, str, str] | None
    padding: tuple[int | None, str, int | None] | None  # length, direction, multiple
    as_text: bool  # encode_special_tokens
    is_pretokenized: bool
    add_special_tokens: bool
    texts: tuple[Text, ...]

    def build(self, package: ModuleType) -> Any:
        vocab = {piece: id for id, piece in enumerate(self.vocab)}
        model = model_of(
            package, vocab, continuing_subword_prefix=self.prefix, max_input_chars_per_word=self.max_chars
        )
        tokenizer = pipeline(package, model, self.settings)
        if not self.has_pre_tokenizer:
            tokenizer.pre_tokenizer = None
        for content, single_word, lstrip, rstrip, normalized, special in self.tokens:
            token = package.AddedToken(
                content,
                single_word=single_word,
                lstrip=lstrip,
                rstrip=rstrip,
                normalized=normalized,
                special=special,
            )
            (tokenizer.add_special_tokens if special else tokenizer.add_tokens)([token])
        if self.post == "bert":
            tokenizer.post_processor = package.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        elif self.post is not None:
            single, pair = TEMPLATES[int(self.post)]
            tokenizer.post_processor = package.processors.TemplateProcessing(
                single, pair, list(SPECIALS.items())
            )
        if self.truncation is not None:
            length, stride, strategy, direction = self.truncation
            tokenizer.enable_truncation(length, stride=stride, strategy=strategy, direction=direction)
        if self.padding is not None:
            width, direction, multiple = self.padding
            tokenizer.enable_padding(
                length=width, direction=direction, pad_to_multiple_of=multiple, pad_id=1, pad_type_id=5
            )
        tokenizer.encode_special_tokens = self.as_text
        return tokenizer


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or what it raises; panics are BaseExceptions."""
    try:
        return call()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return type(error).__name__


def difference(case: Case) -> str | None:
    """The first call in which the two differ on a case; None if they are equal."""
    ours, theirs = case.build(fasttok), case.build(reference)
    options = {"is_pretokenized": case.is_pretokenized, "add_special_tokens": case.add_special_tokens}
    rows = list(case.texts)
    mine = outcome(lambda: ours.encode_batch(rows, **options))
    other = outcome(lambda: theirs.encode_batch(rows, **options))
    if isinstance(mine, str) != isinstance(other, str):
        return f"encode_batch: {mine!r:.200} {other!r:.200}"
    if isinstance(mine, str):  # an error stops a batch: which rows have it?
        for row in rows:
            mine, other = (
                outcome(lambda t=t, row=row: t.encode_batch([row], **options)) for t in (ours, theirs)
            )
            if isinstance(mine, str) != isinstance(other, str):
                return f"encode_batch of one row: {mine!r:.200} {other!r:.200}"
            if not isinstance(mine, str) and columns(mine[0]) != columns(other[0]):
                return f"encode_batch of one row: {columns(mine[0])} != {columns(other[0])}"
        return None
    for row, (a, b) in enumerate(zip(mine, other, strict=True)):
        if columns(a) != columns(b):
            return f"encode_batch: row {row}: {columns(a)} != {columns(b)}"
    for text in rows[:2]:
        first, second = text if isinstance(text, tuple) else (text, None)
        if columns(ours.encode(first, second, **options)) != columns(theirs.encode(first, second, **options)):
            return "encode"
    theirs.no_padding()
    flat = ours.encode_batch_flat(rows, offsets="char", type_ids=True, word_ids=True, **options)
    other = theirs.encode_batch(rows, **options)
    if (name := flat_differs(flat, other)) is not None:
        return f"encode_batch_flat: {name}"
    if not np.array_equal(ours.encode_batch_flat(rows, **options).ids, flat.ids):
        return "encode_batch_flat without other columns"
    ids = [row.ids for row in other]
    for skip in (False, True):
        if ours.decode_batch(ids, skip) != theirs.decode_batch(ids, skip):
            return f"decode_batch, skip_special_tokens={skip}"
    return None


@cache
def pools() -> list[list[str]]:
    """Kinds of characters that the stages treat differently."""
    by_category: dict[str, list[str]] = {}
    for c in CODE_POINTS:
        by_category.setdefault(unicodedata.category(c), []).append(c)
    marks = by_category["Mn"] + by_category["Mc"] + by_category["Me"]
    ascii_text = list("abcABZ09  \t\n.,-_!İıßΣςſKǅ")
    return [
        ascii_text,
        ascii_text,
        list("ab \u0301é中.AÉ"),
        marks,
        [c for c in marks if unicodedata.combining(c) not in (0, 230)],
        [c for c in CODE_POINTS if unicodedata.decomposition(c)[:1] not in ("", "<")],
        [c for c in CODE_POINTS if c.lower() != c],
        by_category["Zs"] + list("\v\f\r\x1c\x85\u2028\u2029\u200b"),
        [c for kind in by_category if kind[0] == "P" for c in by_category[kind]],
        by_category["Cc"] + by_category["Cf"] + list("\ufffd\ue000"),
        [
            chr(c)
            for c in (
                *range(0x4E00, 0x4E80),
                *range(0xF900, 0xFA20),
                0x20000,
                0x2B81F,
                0x2B820,
                0x2B91F,
                0x2B920,
            )
        ],
        [chr(c) for c in (*range(0x1100, 0x1200), *range(0xAC00, 0xD7A4, 7))],
        list("\U0001f468\u200d\U0001f469\ufe0f\U0001f3fd❤\U0001f1e6\U0001f1e8"),
        CODE_POINTS,
    ]


def random_text(rng: random.Random, length: int, kinds: list[list[str]]) -> str:
    return "".join(rng.choice(rng.choice(kinds)) for _ in range(rng.randint(0, length)))


def random_case(rng: random.Random, texts: int) -> Case:
    """A tokenizer and `texts` texts for it."""

    def flag(chance: float = 0.5) -> bool:
        return rng.random() < chance

    settings = None if flag(0.1) else (flag(), flag(), rng.choice([None, True, False]), flag())
    kinds = rng.sample(pools(), rng.randint(1, 5))
    alphabet = [random_text(rng, 60, kinds) or "a" for _ in range(2)]
    kinds = [list(alphabet[0]), list(alphabet[1]), *rng.sample(kinds, 1)]
    contents = random_tokens(rng, kinds, settings)
    tokens = tuple(
        (content, flag(0.3), flag(0.3), flag(0.3), normalized, flag(0.4)) for content, normalized in contents
    )
    strings = [random_strings(rng, kinds, tokens) for _ in range(texts)]
    is_pretokenized = flag(0.15)
    rows: list[Text] = strings
    if is_pretokenized:
        rows = [[rng.choice(strings) for _ in range(rng.randint(0, 4))] for _ in strings]
    if flag(0.3):
        rows = [(row, rng.choice(rows)) if flag(0.7) else row for row in rows]
    length = rng.choice([2, 6, 7, 8, 16, 30])
    truncation = (length, rng.randrange(max(length - 5, 1)), "longest_first", rng.choice(["left", "right"]))
    if flag(0.2):
        truncation = (*truncation[:2], rng.choice(["only_first", "only_second"]), truncation[3])
    padding = (
        rng.choice([None, None, 5, 20]),
        rng.choice(["left", "right"]),
        rng.choice([None, None, 1, 4, 7]),
    )
    return Case(
        vocab=random_vocab(
            rng, "".join(strings) + "".join(alphabet), settings, prefix := rng.choice(["##"] * 9 + ["@"])
        ),
        prefix=prefix,
        max_chars=rng.choice([100, 100, 100, 1, 3, 7]),
        settings=settings,
        has_pre_tokenizer=flag(0.85),
        tokens=tokens,
        post=rng.choice([None, "bert", 0, 0, 1, 2, 3]),
        truncation=truncation if flag(0.3) else None,
        padding=padding if flag(0.2) else None,
        as_text=flag(0.2),
        is_pretokenized=is_pretokenized,
        add_special_tokens=flag(0.8),
        texts=tuple(rows),
    )


def many_rows(rng: random.Random, rows: int) -> Case:
    """A random tokenizer with many texts, cut out of those of a random case."""
    case = random_case(rng, 100)
    strings = [text for row in case.texts for text in (row if isinstance(row, tuple) else (row,))]
    flat = [word for text in strings for word in (text if isinstance(text, list) else (text,))]
    world = " ".join(flat) or "a"

    def piece() -> str:
        begin = rng.randrange(len(world))
        return world[begin : begin + rng.choice((1, 2, 5, 12, 30))]

    def text() -> Text:
        if case.is_pretokenized:
            return [piece() for _ in range(rng.randint(0, 4))]
        return piece() + piece() if rng.random() < 0.9 else piece() * rng.choice((0, 1, 2, 20, 101))

    has_pairs = any(isinstance(row, tuple) for row in case.texts)
    texts = [(text(), text()) if has_pairs and rng.random() < 0.5 else text() for _ in range(rows)]
    return replace(case, texts=tuple(texts))


def differing_row(case: Case) -> int | None:
    """The first row whose flat columns, or what decoding makes of them, differ; None if all are equal.

    Where a row is an error, the batch is in both."""
    ours, theirs = case.build(fasttok), case.build(reference)
    theirs.no_padding()
    options = {"is_pretokenized": case.is_pretokenized, "add_special_tokens": case.add_special_tokens}

    def differs(rows: list[Text]) -> bool:
        other = outcome(lambda: theirs.encode_batch(rows, **options))
        flat = outcome(
            lambda: ours.encode_batch_flat(rows, offsets="char", type_ids=True, word_ids=True, **options)
        )
        if isinstance(flat, str) or isinstance(other, str):
            return not (isinstance(flat, str) and isinstance(other, str))
        if flat_differs(flat, other) is not None:
            return True
        if not np.array_equal(ours.encode_batch_flat(rows, **options).ids, flat.ids):
            return True
        ids = [row.ids for row in other]
        return ours.decode_batch(ids, True) != theirs.decode_batch(ids, True)

    rows = list(case.texts)
    if not differs(rows):
        return None
    return next((number for number, row in enumerate(rows) if differs([row])), 0)


def normalized_by_reference(text: str, settings: tuple[bool, bool, bool | None, bool] | None) -> str:
    return text if settings is None else reference.normalizers.BertNormalizer(*settings).normalize_str(text)


def random_tokens(
    rng: random.Random, kinds: list[list[str]], settings: tuple[bool, bool, bool | None, bool] | None
) -> list[tuple[str, bool]]:
    """Contents of added tokens, and whether each is matched in the normalized text."""
    found: list[tuple[str, bool]] = []
    seen: set[str] = set()
    for _ in range(rng.choice([0, 0, 1, 2, 4, 8])):
        content = random_text(rng, rng.choice([1, 2, 4]), kinds)
        if found and rng.random() < 0.3:
            content = rng.choice(found)[0] + content  # one is the beginning of another
        key = normalized_by_reference(content, settings)
        if not key or key in seen or content in seen:
            continue
        seen |= {content, key}
        found.append((content, rng.random() < 0.5))
    if rng.random() < 0.3 and not seen & set(SPECIALS):
        found += [(name, False) for name in SPECIALS]
    return found


def random_strings(rng: random.Random, kinds: list[list[str]], tokens: tuple[Any, ...]) -> str:
    parts = []
    for _ in range(rng.randint(0, 6)):
        if tokens and rng.random() < 0.5:
            parts.append(rng.choice(tokens)[0])
        elif rng.random() < 0.03:
            parts.append(rng.choice(rng.choice(kinds)) * rng.choice([99, 100, 101, 300]))
        else:
            parts.append(random_text(rng, rng.choice([3, 8, 30]), kinds))
    return "".join(parts)


def random_vocab(rng: random.Random, text: str, settings: Any, prefix: str) -> tuple[str, ...]:
    """Most of the characters that can come out of the normalizer, and some longer pieces of it."""
    normalized = normalized_by_reference(text, settings)
    pieces = dict.fromkeys(["[UNK]", *SPECIALS])
    for c in sorted(set(normalized)):
        pieces |= {piece: None for piece in (c, prefix + c) if rng.random() < 0.9}
    for word in normalized.split()[:200]:
        begin = rng.randrange(len(word))
        pieces[prefix * (begin > 0) + word[begin : begin + rng.randint(1, 5)]] = None
    return tuple(pieces)


def shrunk(case: Case, differs: Callable[[Case], Any] = difference) -> Case:
    """A smaller case that still differs: fewer texts, shorter ones, fewer tokens and options."""
    for text in case.texts:
        if differs(smaller := replace(case, texts=(text,))):
            case = smaller
            break
    done = False
    while not done:
        done = True
        for smaller in smaller_cases(case):
            if differs(smaller):
                case, done = smaller, False
                break
    return case


def smaller_cases(case: Case) -> Any:
    for i in range(len(case.tokens)):
        yield replace(case, tokens=case.tokens[:i] + case.tokens[i + 1 :])
    for name in ("post", "truncation", "padding"):
        if getattr(case, name) is not None:
            yield replace(case, **{name: None})
    for name in ("as_text", "is_pretokenized"):
        if getattr(case, name) and (name == "as_text" or all(isinstance(text, str) for text in case.texts)):
            yield replace(case, **{name: False})
    if len(case.texts) == 1 and isinstance(text := case.texts[0], str):
        step = len(text)
        while step := step // 2:
            for begin in range(0, len(text), step):
                yield replace(case, texts=(text[:begin] + text[begin + step :],))
    elif len(case.texts) == 1 and isinstance(text, tuple):
        yield from (replace(case, texts=(part,)) for part in text)
    elif len(case.texts) == 1:
        yield from (replace(case, texts=(text[:i] + text[i + 1 :],)) for i in range(len(text)))
        yield from (replace(case, texts=(word,), is_pretokenized=False) for word in text)
    for i in range(4 + (case.tokens != ()), len(case.vocab)):
        yield replace(case, vocab=case.vocab[:i] + case.vocab[i + 1 :])

"""Regular expressions against the reference: what is compared, published patterns, a small world of them."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tokenizers import Regex, normalizers, pre_tokenizers

from fasttok import _core

MARK = "\ue123"
ENGINES = ("dfa", "two_pass", "backtrack")

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"
LOWER = r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# The patterns of published tokenizers, from their tokenizer.json or tiktoken's definition.
PUBLISHED = {
    "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
    r"\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "cl100k-old": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k": O200K,
    "llama3": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+",
    "deepseek-v3-numbers": r"\p{N}{1,3}",
    "deepseek-v3-cjk": "[一-龥\u3040-ゟ゠-ヿ]+",
    "deepseek-v3": r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"""
    r"""[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"""
    r""" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    "deepseek-llm-letters": r"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯ"
    r"Ͱ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚ"
    r"\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}"
    r"\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}"
    r"\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}ℂℇℊ-ℓℕℙ-ℝℤ\x{2126}"
    r"ℨ\x{212A}-\x{212D}ℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+",
    "deepseek-llm-newlines": r"[\r\n]",
    "deepseek-llm-punctuation": r"\s?[!-/:-~！-／：-～‘-‟　-。]+",
    "deepseek-llm-end": r"\s+$",
    "deepseek-llm-cjk": "[一-龥ࠀ-一가-퟿]+",
    "starcoder-digits": r"\p{N}",
    "bloom": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "clip-hf": r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "tekken": rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+|"
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*|\p{{N}}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "kimi": rf"[\p{{Han}}]+|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]*[{LOWER}&&[^\p{{Han}}]]+"
    rf"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]+"
    rf"[{LOWER}&&[^\p{{Han}}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{{N}}{{1,3}}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "whitespace": r"\w+|[^\w\s]+",
    "right-to-left-digits": r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))",
    "grouped-digits": r"(?:(?<=\s)|^)\p{N}{3}|\p{N}",
    "replace-spaces": r" {2,}",
    "camel-case": r"(?<=[a-z])(?=[A-Z])|_+",
}


# Pattern and text of each line of a file: what is odd in the syntax.
MORE_PATTERNS = [
    tuple(map(ast.literal_eval, line.split("\t")))
    for line in Path(__file__).with_name("regex_syntax.txt").read_text("ascii").splitlines()
]


def reference_finds(pattern: str, text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with each match replaced by a mark (empty ones show, too), and the pieces of Split."""
    regex = Regex(pattern)
    pieces = pre_tokenizers.Split(regex, "isolated").pre_tokenize_str(text)
    return normalizers.Replace(regex, MARK).normalize_str(text), [offsets for _, offsets in pieces]


def our_finds(matches: list[tuple[int, int]], text: str) -> tuple[str, list[tuple[int, int]]]:
    """The same from a list of matches."""
    marked: list[str] = []
    pieces: list[tuple[int, int]] = []
    at = 0
    for begin, end in matches:
        marked += (text[at:begin], MARK)
        pieces += [piece for piece in ((at, begin), (begin, end)) if piece[0] < piece[1]]
        at = end
    if at < len(text):
        pieces.append((at, len(text)))
    return "".join([*marked, text[at:]]), pieces


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call gives, or the text of its error."""
    try:
        return call(*arguments)
    except Exception as error:
        return str(error)


def difference(pattern: str, texts: list[str], engines: tuple[str, ...] = ENGINES) -> str | None:
    """How fasttok differs from the reference on the first text where it does."""
    theirs = outcome(Regex, pattern)
    ours = outcome(_core.Regex, pattern)
    if isinstance(theirs, str) or isinstance(ours, str):
        return None if theirs == ours else f"{pattern!r}: {theirs} / {ours}"
    others = (outcome(ours.with_engine, engine) for engine in engines if engine != ours.engine)
    usable = [ours, *(other for other in others if not isinstance(other, str))]
    for text in texts:
        expected = reference_finds(pattern, text)
        for regex in usable:
            found = our_finds(regex.find_all(text), text)
            if found != expected:
                return f"{pattern!r} on {text!r} by {regex.engine}: {found} / {expected}"
    return None


FRAGMENTS = [
    *[
        "1",
        "٣",
        "²",
        "A",
        "(",
        "|",
        "/",
        "ǅ",
        "ʰ",
        "_",
        "«",
        "-",
        "$",
        "K",
        "İ",
        "ß",
        "é",
        "€",
        "😀",
        "漢",
        "か",
        "\x00",
        "\ufeff",
        "\u200b",
        "𠀀",
        "\U0010ffff",
    ],
    *[
        "the",
        "'s",
        "'LL",
        "'ſ",
        "don't",
        "12345",
        "中文",
        "한국",
        "é",
        "...",
        "!?",
        "。，",
        "👩\u200d👧",
        "Aa",
        "aA",
        "AAA",
        "<|endoftext|>",
    ],
    *(" ", "  ", " The", "\n", "\r\n", "\t", "\u3000", "\xa0", "\u2028", "\x85"),
]


def random_text(rng: random.Random) -> str:
    """Some of these, one after the other."""
    return "".join(rng.choices(FRAGMENTS, k=rng.randint(1, 40)))


ALPHABET = "aB1 \né中"
ATOMS = ("a", "B", r"\s", r"\w", ".", "[^a]", "é", "$", "^", r"\b")
UNARY = ("{}*", "{}+", "{}?", "{}*?", "{}+?", "{}??", "{}*+", "{}{{2}}", "{}{{1,2}}", "{}{{2,}}?")
WRAPS = ("(?:{})", "({})", "(?>{})", "(?={})", "(?!{})", "(?i:{})")
BINARY = ("{}{}", "{}|{}")
HOLLOW = ("", *ATOMS)


def strings(length: int) -> list[str]:
    """All strings over the alphabet up to a length; not the empty one, where the reference finds nothing."""
    return ["".join(s) for n in range(1, length + 1) for s in itertools.product(ALPHABET, repeat=n)]


def joined(length: int) -> str:
    """All strings up to a length in one text, apart from each other."""
    return "#".join(strings(length))


def patterns(operators: int) -> Iterator[str]:
    """All patterns with that number of operators."""
    if operators == 0:
        yield from HOLLOW
        return
    for inner in patterns(operators - 1):
        for form in UNARY:
            yield form.format(
                inner if len(inner) < 2 or (inner[0] in "\\[" and operators == 1) else f"(?:{inner})"
            )
        for form in WRAPS:
            yield form.format(inner)
    for left in range(operators):
        for first in patterns(left):
            for second in patterns(operators - 1 - left):
                for form in BINARY:
                    yield form.format(
                        *(f"(?:{p})" if "|" in p and form == "{}{}" else p for p in (first, second))
                    )


def random_pattern(rng: random.Random, operators: int) -> str:
    """One of them."""
    if operators == 0:
        return rng.choice(HOLLOW) if rng.random() < 0.5 else rng.choice(ATOMS[:6])
    kind = rng.random()
    if kind < 0.35:
        inner = random_pattern(rng, operators - 1)
        return rng.choice(UNARY).format(inner if rng.random() < 0.2 else f"(?:{inner})")
    if kind < 0.55:
        return rng.choice(WRAPS).format(random_pattern(rng, operators - 1))
    left = rng.randrange(operators)
    form = rng.choice(BINARY)
    sides = (random_pattern(rng, left), random_pattern(rng, operators - 1 - left))
    return form.format(*(f"(?:{p})" if "|" in p and form == "{}{}" else p for p in sides))

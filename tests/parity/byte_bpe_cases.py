"""Byte-level vocabularies in fasttok and in their references, on texts, in every way of running.

A tokenizer.json is compared with `tokenizers` (ids, offsets, word ids; tokens follow from ids), a rank file
with its published pattern with `tiktoken` (ids). Ours runs with 1 and 4 threads, and with the cache full,
tiny and off; other instruction sets run in processes of their own (`Elsewhere`), and give the same columns.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

import fasttok
from fasttok import tiktoken as ours_tiktoken
from fasttok.tiktoken import load, openai_public
from parity.compare import flat_differs

JSON = ("gpt2", "gpt-neox")
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Rank files: name, pattern, special tokens.
RANKS: dict[str, tuple[str, str, dict[str, int]]] = {
    "cl100k": (
        "cl100k_base",
        openai_public._CL100K_PATTERN,
        {"<|endoftext|>": 100257, "<|fim_prefix|>": 100258, "<|endofprompt|>": 100276},
    ),
    "o200k": (
        "o200k_base",
        openai_public._O200K_PATTERN,
        {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    ),
    "qwen": ("qwen", QWEN, {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645}),
    "llama3": (
        "llama3",
        QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|"),
        {"<|begin_of_text|>": 128000, "<|end_of_text|>": 128001},
    ),
}
NAMES = (*JSON, *RANKS)
FULL = fasttok.cache_info()["max_bytes"]
WAYS = ((1, FULL), (4, FULL), (4, 4096), (1, 0))  # threads, bytes of the cache

Columns = list[Any]  # arrays


def columns_of(lists: list[list[int]]) -> Columns:
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    return [np.fromiter(chain.from_iterable(lists), np.uint32, int(lengths.sum())), lengths]


class Ours:
    """A vocabulary in fasttok."""

    def __init__(self, name: str, vocabs: Path) -> None:
        self.name = name
        self.made: Any
        if name in JSON:
            self.made = fasttok.Tokenizer.from_file(vocabs / name / "tokenizer.json")
            return
        file, pattern, specials = RANKS[name]
        ranks = load.load_tiktoken_bpe(str(vocabs / "tiktoken" / f"{file}.tiktoken"))
        self.made = ours_tiktoken.Encoding(
            name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=specials
        )

    def columns(self, texts: list[str], threads: int) -> Columns:
        if self.name in JSON:
            flat = self.flat(texts, threads)
            return [flat.ids, flat.row_offsets, flat.offsets, flat.word_ids]
        return [
            *columns_of(self.made.encode_ordinary_batch(texts, num_threads=threads)),
            *columns_of(self.made.encode_batch(texts, num_threads=threads, allowed_special="all")),
        ]

    def flat(self, texts: list[str], threads: int) -> Any:
        return self.made.encode_batch_flat(
            texts, offsets="char", type_ids=True, word_ids=True, num_threads=threads
        )

    def all_ways(self, texts: list[str]) -> tuple[Columns, list[str]]:
        """The columns of the first way, and the ways that give others."""
        found: list[tuple[str, Columns]] = []
        for threads, size in WAYS:
            fasttok.set_cache_bytes(size)
            try:
                found.append((f"{threads} threads, {size} bytes of cache", self.columns(texts, threads)))
            finally:
                fasttok.set_cache_bytes(FULL)
        first = found[0][1]
        return first, [name for name, columns in found[1:] if not equal(first, columns)]


def equal(a: Columns, b: Columns) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def digest(columns: Columns) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(column).tobytes() for column in columns)).hexdigest()


class Elsewhere:
    """The same in a process with another instruction set."""

    def __init__(self, isa: str, name: str, vocabs: Path) -> None:
        env = {**os.environ, "FASTTOK_ISA": isa, "PYTHONPATH": str(Path(__file__).parents[1])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "parity.byte_bpe_cases", name, str(vocabs)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, texts: list[str]) -> None:
        assert self.process.stdin is not None
        pickle.dump(texts, self.process.stdin)
        self.process.stdin.flush()

    def answer(self) -> tuple[str, list[str]]:
        """The digest of the columns, and the ways that give others."""
        assert self.process.stdout is not None
        answer: tuple[str, list[str]] = pickle.load(self.process.stdout)
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def serve(name: str, vocabs: Path) -> None:
    answers = os.fdopen(os.dup(1), "wb")
    ours = Ours(name, vocabs)
    while True:
        try:
            texts = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        columns, differing = ours.all_ways(texts)
        pickle.dump((digest(columns), differing), answers)
        answers.flush()


class Pair:
    """A vocabulary in fasttok and in its reference."""

    def __init__(self, name: str, vocabs: Path, isas: tuple[str, ...] = ()) -> None:
        self.name = name
        self.ours = Ours(name, vocabs)
        self.elsewhere = {isa: Elsewhere(isa, name, vocabs) for isa in isas}
        self.theirs: Any
        if name in JSON:
            import tokenizers

            self.theirs = tokenizers.Tokenizer.from_file(str(vocabs / name / "tokenizer.json"))
        else:
            import tiktoken

            made = self.ours.made
            self.theirs = tiktoken.Encoding(
                name,
                pat_str=made._pat_str,
                mergeable_ranks=made._mergeable_ranks,
                special_tokens=made._special_tokens,
            )

    def close(self) -> None:
        for process in self.elsewhere.values():
            process.close()

    def differences(self, texts: list[str]) -> list[str]:
        """What differs from the reference, or between ways of running; of texts, the smallest found."""
        for process in self.elsewhere.values():
            process.ask(texts)
        columns, ways = self.ours.all_ways(texts)
        found = [f"{way}: differs from the first" for way in ways]
        if self.differs_from_reference(texts, columns):
            wrong = next((t for t in texts if self.differs_from_reference([t], None)), None)
            found.append(
                "together, but not one by one" if wrong is None else f"{self.shrunk(wrong)!a}: reference"
            )
        for isa, process in self.elsewhere.items():
            other, other_ways = process.answer()
            found += [f"{isa}, {way}: differs from the first" for way in other_ways]
            if other != digest(columns):
                found.append(f"{isa}: differs")
        return found

    def differs_from_reference(self, texts: list[str], columns: Columns | None) -> bool:
        if self.name in JSON:
            return flat_differs(self.ours.flat(texts, 1), self.theirs.encode_batch(texts)) is not None
        theirs = [
            *columns_of([self.theirs.encode_ordinary(text) for text in texts]),
            *columns_of([self.theirs.encode(text, allowed_special="all") for text in texts]),
        ]
        return not equal(self.ours.columns(texts, 1) if columns is None else columns, theirs)

    def shrunk(self, text: str) -> str:
        """Some text as short as can be that still differs."""
        step = len(text) // 2
        while step > 0:
            at = 0
            while at < len(text):
                shorter = text[:at] + text[at + step :]
                if self.differs_from_reference([shorter], None):
                    text = shorter
                else:
                    at += step
            step //= 2
        return text


@cache
def _of_categories(*categories: str) -> str:
    every = (*range(0xD800), *range(0xE000, 0x110000))
    return "".join(c for c in map(chr, every) if unicodedata.category(c) in categories)


KINDS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ETAOINSHRDLU",
    "etaoin shrdlu ",
    "的一是不了在人有我他这个们中来上大为和国地到以说时",
    "中文字符编码模型。，！？：；“”（）《》、",
    "한국어토큰화",
    "ひらがなカタカナー々",
    "абвгдеёЖЗИЙ",
    "אבגדהו",
    "العربية",
    "हिन्दीकाषा",
    "ไทยภาษา",
    "éÉüñıßẞ",
    "e\u0301\u0327a\u0300\u200d\ufe0f",
    "ǅǈʰʱªº",
    "0123456789",
    "'s't're've'm'll'd'S'T'RE'VE'M'LL'D'ſ'ſſ",
    "'İ'ı'K'ſ'lL",
    "\r\n",
    "\r\n \t",
    " \u0085\xa0\u3000\u2028\u2029\u1680\u2003\u205f\x0b\x0c\x1c\x1f",
    "    ",
    "\n\n\n",
    ".,;:!?-_/\\()[]{}<>|@#$%^&*+=~`\"'",
    "、。〈〉「」…—",
    "\x00\x01\x7f\xad\u200b\ufeff\ufffd\uffff",
    "\U0001f600\U0001f468\u200d\U0001f469\U0001f3fb",
    "\U00020000\U0002a6df\U00030000",
    "\U0001d400\U00010400\U0001e900\U00010330",
)
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|endofprompt|>", "<|end_of_text|>", "<|endof", "|>", "<|")


def random_text(rng: random.Random) -> str:
    def run() -> str:
        chance = rng.random()
        if chance < 0.04:
            return rng.choice(SPECIALS)
        if chance < 0.10:
            kind = _of_categories(*rng.choice((("Nd", "Nl", "No"), ("Mn", "Mc", "Me"), ("Cn", "Co"))))
            return "".join(rng.choices(kind, k=rng.choice((1, 1, 2, 4))))
        if chance < 0.16:
            letters = _of_categories("Lu", "Lt", "Lm", "Ll", "Lo")
            return "".join(rng.choices(letters, k=rng.choice((1, 2, 3))))
        return "".join(rng.choices(rng.choice(KINDS), k=rng.choice((1, 1, 2, 3, 5, 9))))

    return "".join(run() for _ in range(rng.choice((1, 2, 3, 4, 6, 10))))


CONTEXTS = ("{0}", "a{0}b", " {0} ", "中{0}{0}文", "1{0}2", "'{0} \n{0}", "A{0}\r\n", ".{0}'s{0}")


def code_point_texts(characters: list[str]) -> Iterator[str]:
    for c in characters:
        for context in CONTEXTS:
            yield context.format(c)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))

"""Every kind of pipeline beside `tokenizers`, one thread: ids compared first, then timed in turns.

    python benches/chains.py                  all: shared tokenizer.json files, and chains of components
    python benches/chains.py gpt2 nfkc        those whose name has one of these in it
    python benches/chains.py --megabytes 2
    python benches/chains.py --engine generic the literal engine, also where a fused one fits

A row is MB/s of UTF-8 of `encode_batch` and, behind the bar, of `encode_batch_fast`: ours, the reference's,
and the ratio. The files must be twice as fast as the reference, and no chain slower: the exit status is 1
where one is not. Needs the corpora (see benches/corpora.py).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers

import fasttok

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("FASTTOK_DATA", ROOT.parent / "shared" / "data"))
CORPORA = ("en_nltk", "zh_fewclue", "code_py")
FILES_AT_LEAST, CHAINS_AT_LEAST = 2.0, 1.0
ROUNDS = 3

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

Node = dict[str, Any]


def split(pattern: Node, behavior: str = "Isolated", invert: bool = False) -> Node:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def metaspace(scheme: str = "always") -> Node:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": True}


def byte_level(use_regex: bool) -> Node:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def normalizers(*items: Node | str) -> Node:
    return {"type": "Sequence", "normalizers": [_node(item) for item in items]}


def pre_tokenizers(*items: Node | str) -> Node:
    return {"type": "Sequence", "pretokenizers": [_node(item) for item in items]}


def _node(item: Node | str) -> Node:
    return {"type": item} if isinstance(item, str) else item


BERT = {
    "type": "BertNormalizer",
    "clean_text": True,
    "handle_chinese_chars": True,
    "strip_accents": None,
    "lowercase": True,
}
SPACES = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
MARKS = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
STRIP = {"type": "Strip", "strip_left": True, "strip_right": True}
DIGITS = {"type": "Digits", "individual_digits": True}
PUNCTUATION = {"type": "Punctuation", "behavior": "Isolated"}

# name: normalizer, pre-tokenizer, and the file whose model is taken
CHAINS: dict[str, tuple[Node | None, Node | None, str]] = {
    "bert parts": (
        normalizers("NFD", "Lowercase", "StripAccents"),
        {"type": "Whitespace"},
        "bert-base-uncased",
    ),
    "nfkc, whitespace split": (normalizers("NFKC"), {"type": "WhitespaceSplit"}, "bert-base-uncased"),
    "nfc, lowercase, punctuation": (
        normalizers("NFC", "Lowercase"),
        pre_tokenizers("WhitespaceSplit", PUNCTUATION),
        "bert-base-uncased",
    ),
    "bert normalizer, digits": (BERT, pre_tokenizers("BertPreTokenizer", DIGITS), "bert-base-chinese"),
    "scripts": (None, pre_tokenizers("UnicodeScripts", "WhitespaceSplit"), "bert-base-chinese"),
    "fixed length": (None, {"type": "FixedLength", "length": 5}, "bert-base-chinese"),
    "split at a text": (None, split({"String": " "}, "Removed"), "bert-base-uncased"),
    "split at a delimiter": (None, {"type": "CharDelimiterSplit", "delimiter": " "}, "bert-base-uncased"),
    "words by a pattern": (None, split({"Regex": r"\w+|[^\w\s]+"}, "Removed", True), "bert-base-uncased"),
    "gpt2's pattern": (None, pre_tokenizers(split({"Regex": GPT2}), byte_level(False)), "gpt2"),
    "llama 3's pattern": (None, pre_tokenizers(split({"Regex": LLAMA3}), byte_level(False)), "gpt2"),
    "nfc, digits, byte level": (normalizers("NFC"), pre_tokenizers(DIGITS, byte_level(True)), "gpt-neox"),
    "byte level normalizer": (normalizers("ByteLevel"), None, "gpt2"),
    "nmt, nfkc, spaces, metaspace": (normalizers("Nmt", "NFKC", SPACES), metaspace(), "xlnet-base-cased"),
    "strip, metaspace first": (normalizers(STRIP), metaspace("first"), "llama2"),
    "replace, no pre-tokenizer": (normalizers({"type": "Prepend", "prepend": "▁"}, MARKS), None, "llama2"),
}


def cases(wanted: list[str]) -> Iterator[tuple[str, str, float]]:
    """Name, JSON, and how many times as fast it has to be."""
    files = sorted((DATA / "vocabs").glob("*/tokenizer.json"))
    if not files:
        sys.exit(f"no tokenizer.json in {DATA / 'vocabs'}; see FASTTOK_DATA")
    models: dict[str, Any] = {}
    for path in files:
        text = path.read_text("utf-8")
        models[path.parent.name] = json.loads(text)["model"]
        if is_wanted(path.parent.name, wanted):
            yield f"file {path.parent.name}", text, FILES_AT_LEAST
    for name, (normalizer, pre_tokenizer, model) in CHAINS.items():
        if model in models and is_wanted(name, wanted):
            document = {"version": "1.0", "normalizer": normalizer, "pre_tokenizer": pre_tokenizer}
            yield f"{name} ({model})", json.dumps({**document, "model": models[model]}), CHAINS_AT_LEAST


def is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(part in name for part in wanted)


def seconds(call: Callable[[list[str]], Any], lines: list[str]) -> float:
    start = time.process_time()
    result = call(lines)
    taken = time.process_time() - start
    del result
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of names; all where there are none")
    parser.add_argument("--megabytes", type=float, default=1.0, help="of each corpus")
    parser.add_argument("--engine", choices=("auto", "generic"), default="auto")
    options = parser.parse_args()
    fasttok.set_num_threads(1)
    slow = []
    for name, text, at_least in cases(options.names):
        ours = fasttok.Tokenizer.from_str(text).with_engine(options.engine)
        theirs = tokenizers.Tokenizer.from_str(text)
        for corpus in CORPORA:
            with open(DATA / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
                lines = file.readlines(int(options.megabytes * 1e6))
            size = sum(len(line.encode()) for line in lines) / 1e6
            part = lines[:200]
            if [row.ids for row in ours.encode_batch(part)] != [row.ids for row in theirs.encode_batch(part)]:
                sys.exit(f"{name}: other ids on {corpus}")
            rates = []
            for method in ("encode_batch", "encode_batch_fast"):
                best = [float("inf")] * 2
                for _ in range(ROUNDS):  # in turns, so that a slow moment meets both
                    for i, tokenizer in enumerate((ours, theirs)):
                        best[i] = min(best[i], seconds(getattr(tokenizer, method), lines))
                rates += [size / best[0], size / best[1], best[1] / best[0]]
            verdict = "" if min(rates[2], rates[5]) >= at_least else "  TOO SLOW"
            slow += [name] if verdict else []
            row = "{:7.2f} {:6.2f} {:5.1f}x | {:7.2f} {:6.2f} {:5.1f}x".format(*rates)
            print(f"{name:48} {corpus:10} {ours.engine:8} {row}{verdict}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

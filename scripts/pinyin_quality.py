"""How well pinyin is divided: `best`, `longest` and pinyintokenizer 0.0.3 on 20,000 lines of Wikipedia.

    python scripts/pinyin_quality.py CORPORA [--json benches/results/pinyin/quality.json]

The lines are `test_lines` of scripts/make_pinyin_table.py: they are in none of its counts. Pypinyin reads
them out, spaces are removed, and what is Latin stays as it is and counts as no syllable. Measured are

    lines   whole lines
    runs    the runs of three or more Han characters in them, each by itself

and of each the share that is divided exactly as the truth, and the F1 of the syllables by their place (start
and end).
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from make_pinyin_table import lines_of, read_out, test_lines

from fasttok.pinyin import PinyinTokenizer, segment

ROOT = Path(__file__).resolve().parents[1]
Spans = list[tuple[int, int]]
Text = tuple[str, Spans]


def lines(corpora: Path) -> Iterator[tuple[str, list[str]]]:
    wiki = lines_of(corpora / "zh_wiki.txt")
    test = test_lines(wiki)
    for line in dict.fromkeys(wiki):
        if line in test:
            yield line, read_out(line)


def whole(parts: list[str]) -> Text:
    text, spans = "", []
    for part in parts:
        if part[0] == "\0":
            text += re.sub(r"\s", "", part[1:])
        else:
            spans.append((len(text), len(text) + len(part)))
            text += part
    return text, spans


def runs(parts: list[str]) -> Iterator[Text]:
    run: list[str] = []
    for part in [*parts, "\0"]:
        if part[0] != "\0":
            run.append(part)
            continue
        if len(run) >= 3:
            yield whole(run)
        run = []


def by_segment(method: Literal["best", "longest"]) -> Callable[[str], Spans]:
    def spans(text: str) -> Spans:
        return [(s.start, s.end) for s in segment(text, method=method) if s.kind == "syllable"]

    return spans


def by_peer() -> Callable[[str], Spans]:
    # Our class, whose answers are pinyintokenizer's; its `tokenize` tells no places, so its trie is asked.
    root = PinyinTokenizer().root
    far = 24  # letters that a syllable and what may follow it do not exceed

    def spans(text: str) -> Spans:
        found, at = [], 0
        while at < len(text):
            word, stands = root.find(text[at : at + far])
            if stands:
                found.append((at, at + len(word)))
            at += len(word) if stands else 1
        return found

    return spans


def score(texts: list[Text], divide: Callable[[str], Spans]) -> dict[str, float]:
    right = found = wanted = exact = 0
    for text, spans in texts:
        got = divide(text)
        exact += got == spans
        right += len(set(got) & set(spans))
        found += len(got)
        wanted += len(spans)
    return {"f1": round(2 * right / (found + wanted), 5), "exact": round(exact / len(texts), 5)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    parts = [part for _, part in lines(options.corpora)]
    texts = {"lines": list(map(whole, parts)), "runs": [run for part in parts for run in runs(part)]}
    methods = {"best": by_segment("best"), "longest": by_segment("longest"), "pinyintokenizer": by_peer()}
    results: dict[str, object] = {
        "texts": {name: len(some) for name, some in texts.items()},
        "syllables": {name: sum(len(spans) for _, spans in some) for name, some in texts.items()},
    }
    for method, divide in methods.items():
        results[method] = {name: score(some, divide) for name, some in texts.items()}
        print(method, results[method], flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

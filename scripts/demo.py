"""Show what fasttok does: the bundled sample as tokens, ids and offsets side by side, then the throughput."""

import gc
import importlib.resources
import os
import shutil
import statistics
import time
import unicodedata
from collections.abc import Sequence

import fasttok

NAME = "zh-en-wordpiece"
TARGET_BYTES = 4_000_000
BATCH = 1_000
PASSES = 5


def width(text: str) -> int:
    """Columns that a terminal gives to the text."""
    total = 0
    for char in text:
        if unicodedata.combining(char):
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def table(rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """The rows under each other, columns aligned, broken before the given number of screen columns."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    start = 0
    while start < len(widths):
        end, used = start + 1, widths[start]
        while end < len(widths) and used + 1 + widths[end] <= columns:
            used += 1 + widths[end]
            end += 1
        for row in rows:
            cells = (cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row[start:end], start))
            lines.append(" ".join(cells).rstrip())
        start = end
    return lines


def show(tokenizer: fasttok.BertTokenizer, lines: list[str]) -> None:
    columns = max(60, min(shutil.get_terminal_size((100, 24)).columns, 140)) - 9
    for line in lines:
        encoded = tokenizer(line, return_offsets_mapping=True)
        ids = encoded["input_ids"]
        offsets = [f"{start}-{end}" for start, end in encoded["offset_mapping"]]
        rows = [tokenizer.convert_ids_to_tokens(ids), [str(i) for i in ids], offsets]
        print(f"text     {line}")
        for i, text in enumerate(table(rows, columns)):
            print(f"{('tokens', 'ids', 'offsets')[i % 3]:9}{text}")
        print()


def measure(tokenizer: fasttok.BertTokenizer, lines: list[str], threads: int) -> tuple[float, float]:
    """MB/s of UTF-8 and million tokens/s: median of passes, new str objects in each, only the calls timed."""
    data = [line.encode() for line in lines]
    copies = max(1, TARGET_BYTES // sum(map(len, data)))
    data = data * copies
    seconds = []
    tokens = 0
    for _ in range(PASSES):
        texts = [line.decode() for line in data]
        batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
        tokens = 0
        gc.disable()
        start = time.perf_counter()
        for batch in batches:
            tokens += len(tokenizer.backend_tokenizer.encode_batch_flat(batch, num_threads=threads).ids)
        seconds.append(time.perf_counter() - start)
        gc.enable()
    median = statistics.median(seconds)
    return sum(map(len, data)) / median / 1e6, tokens / median / 1e6


def main() -> None:
    tokenizer = fasttok.BertTokenizer.from_pretrained(NAME)
    sample = importlib.resources.files("fasttok") / "vocabs" / NAME / "sample.txt"
    lines = sample.read_text(encoding="utf-8").splitlines()
    show(tokenizer, lines)
    print(
        f"fasttok {fasttok.__version__}, instruction set {fasttok.isa()}, engine "
        f"{tokenizer.backend_tokenizer.engine}, vocabulary {NAME} ({tokenizer.vocab_size:,} entries)"
    )
    print(f"Throughput, the sample over and over, about {TARGET_BYTES / 1e6:.0f} MB, ids as flat arrays:")
    for threads in sorted({1, min(2, os.cpu_count() or 1)}):
        megabytes, tokens = measure(tokenizer, lines, threads)
        print(
            f"  {threads} thread{'s' * (threads > 1)}: {megabytes:7.0f} MB/s {tokens:7.1f} million tokens/s"
        )


if __name__ == "__main__":
    main()

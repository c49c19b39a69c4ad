"""Measures the memory that is promised, each part in a process of its own; exit status 1 where more is used.

    python scripts/memory.py            all
    python scripts/memory.py --quick    a tenth of the sizes

flat        peak of the flat call over a batch of 200 MB: at most the input and three times the ids' bytes
strings     5 million distinct strings: resident memory beside the caches does not grow
objects     10,000 constructions: likewise
caches      what the process keeps after that: below the caps of cache_info()
byte_bpe    tables built from a vocabulary of 200,000 tokens: at most 24 MiB; 5 million distinct Chinese
            strings through it: as "strings" and "caches" (needs o200k_base, see benches/corpora.py)
import      `import fasttok`: below 30 ms and 5 MB beyond what NumPy takes
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

MB = 1_000_000


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def report(name: str, used: float, allowed: float, unit: str = "MB") -> None:
    good = used <= allowed
    print(f"{name:44} {used:9.1f} {unit} of {allowed:.1f}{'' if good else '  TOO MUCH'}", flush=True)
    if not good:
        raise SystemExit(1)


def lines_of(language: str, size: int) -> list[str]:
    """Lines of random words, `size` bytes of UTF-8 in all."""
    choose = random.Random(1)
    if language == "zh":
        letters = [chr(c) for c in range(0x4E00, 0x9FA5)]
        return ["".join(choose.choices(letters, k=100)) for _ in range(size // 300)]
    words = ["the", "tokenizer", "quick", "brown", "jumps", "over", "unbelievable", "x", "2024,", "end."]
    lines, total = [], 0
    while total < size:
        lines.append(" ".join(choose.choices(words, k=40)))
        total += len(lines[-1])
    return lines


def flat(scale: float) -> None:
    from fasttok import BertTokenizer

    core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
    core.encode_batch_flat(["warm"] * 9)
    for language in ("zh", "en"):
        for threads in (1, 2):
            child = os.fork()  # so that each has a peak of its own
            if child == 0:
                lines = lines_of(language, int(200 * MB * scale))
                size = sum(len(line.encode()) for line in lines)
                before = peak()
                ids = core.encode_batch_flat(lines, num_threads=threads).ids
                report(
                    f"flat, {language}, {threads} threads, {size // MB} MB, beyond the input",
                    (peak() - before) / MB,
                    3 * ids.nbytes / MB,
                )
                os._exit(0)
            if os.waitpid(child, 0)[1]:
                raise SystemExit(1)


def beside_caches() -> float:
    """Resident bytes but those of the word caches, which grow once, up to their cap."""
    from fasttok import cache_info

    return resident() - cache_info()["bytes"]


def strings(scale: float) -> None:
    from fasttok import BertTokenizer, cache_info

    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    core = tokenizer.backend_tokenizer
    choose = random.Random(2)
    letters = [chr(c) for c in range(0x4E00, 0x9FA5)] + list("abcdefghijklmnopqrstuvwxyz ") * 500
    total = int(5_000_000 * scale)
    before = 0
    for done in range(0, total, 10_000):
        rows = ["".join(choose.choices(letters, k=12)) for _ in range(10_000)]
        core.encode_batch_flat(rows)
        tokenizer(rows[:500])
        for row in rows[:500]:
            core.encode(row)
        if done == total // 5 // 10_000 * 10_000:
            gc.collect()
            before = beside_caches()
    gc.collect()
    report(f"growth over {total:,} distinct strings", (beside_caches() - before) / MB, 10)
    info = cache_info()
    report("caches", info["bytes"] / MB, info["max_bytes"] / MB)
    report("memory kept for results", info["result_bytes"] / MB, info["max_result_bytes"] / MB)


def objects(scale: float) -> None:
    from fasttok import BertTokenizer, Tokenizer

    vocab = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"])}
    json = BertTokenizer(vocab).backend_tokenizer.to_str()
    total = int(10_000 * scale)
    before = 0
    for i in range(total):
        tokenizer = BertTokenizer(vocab) if i % 2 else Tokenizer.from_str(json)
        tokenizer.encode("ab ab")
        if i == total // 5:
            gc.collect()
            before = resident()
    gc.collect()
    report(f"growth over {total:,} constructions", (resident() - before) / MB, 5)


def byte_bpe(scale: float) -> None:
    from fasttok import cache_info
    from fasttok.tiktoken import Encoding
    from fasttok.tiktoken.load import load_tiktoken_bpe
    from fasttok.tiktoken.openai_public import _O200K_PATTERN

    data = Path(os.environ.get("FASTTOK_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    path = data / "vocabs" / "tiktoken" / "o200k_base.tiktoken"
    if not path.exists():
        print(f"byte_bpe: skipped, there is no {path}")
        return
    ranks = load_tiktoken_bpe(str(path))
    before = cache_info()["vocabulary_bytes"]
    encoding = Encoding("o200k", pat_str=_O200K_PATTERN, mergeable_ranks=ranks, special_tokens={})
    encoding.encode_ordinary("中文")
    tables = cache_info()["vocabulary_bytes"] - before
    report(f"tables of {len(ranks):,} tokens", tables / 2**20, 24, "MiB")
    choose = random.Random(3)
    letters = [chr(c) for c in range(0x4E00, 0x9FA5)]
    total = int(5_000_000 * scale)
    resident_before = 0
    for done in range(0, total, 10_000):
        encoding.encode_ordinary_batch(["".join(choose.choices(letters, k=12)) for _ in range(10_000)])
        if done == total // 5 // 10_000 * 10_000:
            gc.collect()
            resident_before = beside_caches()
    gc.collect()
    report(f"growth over {total:,} distinct Chinese strings", (beside_caches() - resident_before) / MB, 10)
    info = cache_info()
    report("caches", info["bytes"] / MB, info["max_bytes"] / MB)


IMPORT = """
import time, resource
from pathlib import Path
import numpy
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
before, start = resident(), time.process_time()
import fasttok
print(time.process_time() - start, resident() - before)
"""


def importing(scale: float) -> None:
    del scale
    found = []
    for _ in range(9):
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
        found.append([float(number) for number in done.stdout.split()])
    report("import fasttok, time beyond NumPy's", 1000 * min(f[0] for f in found), 30, "ms")
    report("import fasttok, memory beyond NumPy's", min(f[1] for f in found) / MB, 5)


PARTS = {"flat": flat, "strings": strings, "objects": objects, "byte_bpe": byte_bpe, "import": importing}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    options = parser.parse_args()
    status = 0
    for name in options.parts or PARTS:
        child = os.fork()
        if child == 0:
            start = time.perf_counter()
            PARTS[name](0.1 if options.quick else 1)
            print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
            os._exit(0)
        status |= os.waitpid(child, 0)[1] != 0
    return status


if __name__ == "__main__":
    sys.exit(main())

"""The long comparison with `tokenizers` 0.23.3, once per change that touches it: too long for the test suite.

    python scripts/campaign.py codepoints corpora random regex --state campaign.json [--random N] [--seed 0]

    codepoints  every code point (no surrogates) in 16 settings of BertNormalizer × 5 contexts, and as rows
    corpora     every line of the corpora × 3 vocabularies: single, paired, truncated, padded, pretokenized
    rows        N rows, 5,000 for each random tokenizer, flat and decoded only: many in little time (seeded)
    regex       patterns in small worlds, published patterns on corpora and on every code point
    random      N texts for random tokenizers: added tokens, templates, truncation, padding (seeded)
    sentencepiece  SentencePiece models: every code point in context, N random texts (seeded), corpora as
                lines, joined to 1 MB and cut anew, the 10 best ways with their scores, long words
    unigram     the same through tokenizer.json: those of Unigram's and Llama's, and what T5Tokenizer makes of
                the other models
    chains      M random chains of normalizers and pre-tokenizers, eight texts each (seeded); where the
                reference ends its process, only whether fasttok does is looked at, here and in pipelines
    pipelines   M random tokenizers with every stage, four texts in all calls (seeded)
    vocabs      every line of the corpora through each tokenizer.json, all columns, and decoded
    byte_bpe    byte-level vocabularies and rank files: N random texts, every code point in context, corpora
                as lines, whole and cut anew; each ISA of this CPU, 1 and 4 threads, cache full, tiny, off

A part is a list of units; the state file says how many are done, so an interrupted run goes on where it was.
Exit status 1 if anything differed, in this run or in one before it with the same state file. What is
compared, and how, stands in tests/parity/.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import tokenizers as reference  # noqa: E402
from parity import regex_cases  # noqa: E402
from parity.apart import apart, differences_apart  # noqa: E402
from parity.compare import (  # noqa: E402
    ALL_SETTINGS,
    CODE_POINTS,
    CONTEXTS,
    CodePoints,
    Corpora,
    every_character_vocab,
    lines_of,
    model_of,
)
from parity.pipeline_chains import difference as pipeline_difference  # noqa: E402
from parity.pipeline_chains import outcomes as pipeline_outcomes  # noqa: E402
from parity.pipeline_chains import random_case as random_pipeline_case  # noqa: E402
from parity.random_cases import (  # noqa: E402
    difference,
    differing_row,
    many_rows,
    random_case,
    shrunk,
)
from parity.text_chains import difference as text_difference  # noqa: E402
from parity.text_chains import outcomes as text_outcomes  # noqa: E402
from parity.text_chains import random_chain, random_text  # noqa: E402
from parity.vocabularies import Vocabulary  # noqa: E402

import fasttok  # noqa: E402

SHOWN = 5  # differences of a unit that are kept
VOCABS = ("bert-base-chinese", "bert-base-uncased", "zh-en-wordpiece")
CASES, TEXTS = 50, 100  # of one unit of `random`
ROW_CASES, ROWS = 4, 5000  # of one unit of `rows`
CHAINS = 100  # of one unit of `chains`

Unit = tuple[str, Callable[[], tuple[int, list[str]]]]  # name; gives rows compared and what differs


def codepoints(options: argparse.Namespace) -> Iterator[Unit]:
    vocab = every_character_vocab()
    models = (model_of(fasttok, vocab), model_of(reference, vocab))
    characters = CODE_POINTS[: options.limit]
    for settings in ALL_SETTINGS:
        for context in (*CONTEXTS, "row"):

            def unit(settings: Any = settings, context: str = context) -> tuple[int, list[str]]:
                sweep = CodePoints(models, settings)
                if context != "row":
                    return len(characters), list(islice(sweep.differences(context, characters), SHOWN))
                found: list[str] = []
                for begin in range(0, len(characters), 20_000):
                    part = characters[begin : begin + 20_000]
                    found += islice(sweep.differences("{0}", part, rows_alone=True), SHOWN - len(found))
                return len(characters), found

            yield f"{settings} {context!a}", unit


def corpora(options: argparse.Namespace) -> Iterator[Unit]:
    for name in VOCABS:
        pair: list[Corpora] = []
        for path in sorted((options.data / "corpora").glob("*.txt")):
            for shape in Corpora.SHAPES:

                def unit(
                    name: str = name, path: Path = path, shape: str = shape, pair: list[Corpora] = pair
                ) -> tuple[int, list[str]]:
                    if not pair:
                        pair.append(Corpora(name, options.data / "vocabs"))
                    rows = 0

                    def counted() -> Iterator[str]:
                        nonlocal rows
                        for line in islice(lines_of(path), options.limit):
                            rows += 1
                            yield line

                    differences = pair[0].differences(shape, counted())
                    found = list(islice(differences, SHOWN))
                    return rows, found

                yield f"{name} {path.stem} {shape}", unit


def random_texts(options: argparse.Namespace) -> Iterator[Unit]:
    for number in range(-(-options.random // (CASES * TEXTS))):

        def unit(number: int = number) -> tuple[int, list[str]]:
            rng = random.Random(f"{options.seed} {number}")
            found: list[str] = []
            for _ in range(CASES):
                case = random_case(rng, TEXTS)
                if difference(case) is not None and len(found) < SHOWN:
                    smallest = shrunk(case)
                    found.append(f"{difference(smallest)}\n{smallest!a}")
            return CASES * TEXTS, found

        yield f"seed {options.seed}, unit {number}", unit


def rows(options: argparse.Namespace) -> Iterator[Unit]:
    for number in range(-(-options.random // (ROW_CASES * ROWS))):

        def unit(number: int = number) -> tuple[int, list[str]]:
            rng = random.Random(f"rows {options.seed} {number}")
            found: list[str] = []
            for _ in range(ROW_CASES):
                case = many_rows(rng, ROWS)
                if (differing := differing_row(case)) is not None and len(found) < SHOWN:
                    one = replace(case, texts=(case.texts[differing],))
                    smallest = shrunk(one, lambda c: differing_row(c) is not None)
                    found.append(f"{difference(smallest)}\n{smallest!a}")
            return ROW_CASES * ROWS, found

        yield f"seed {options.seed}, unit {number}", unit


REGEX_CONTEXTS = ("{}", "a{}a ", " {}", "'{}1\n")


def regex(options: argparse.Namespace) -> Iterator[Unit]:
    """Patterns of up to two operators all, of three seeded: each on all strings up to five characters."""

    def patterns(name: str, chosen: Callable[[], Iterator[str]]) -> Unit:
        def unit() -> tuple[int, list[str]]:
            texts = [*regex_cases.strings(3), regex_cases.joined(5)]
            rows, found = 0, []
            for pattern in chosen():
                rows += 1
                try:
                    found += [d for d in [regex_cases.difference(pattern, texts)] if d]
                except BaseException as error:
                    if "retry-limit" not in str(error):  # where the reference panics
                        raise
            return rows, found[:SHOWN]

        return name, unit

    def published(pattern: str, texts: Callable[[], Iterator[str]]) -> Callable[[], tuple[int, list[str]]]:
        def unit() -> tuple[int, list[str]]:
            found = [regex_cases.difference(pattern, [text], engines=()) for text in texts()]
            return len(found), [d for d in found if d][:SHOWN]

        return unit

    for name, pattern in regex_cases.PUBLISHED.items():
        for context in REGEX_CONTEXTS:
            yield (
                f"{name} {context!a}",
                published(pattern, lambda context=context: iter(["".join(map(context.format, CODE_POINTS))])),
            )
        for path in sorted((options.data / "corpora").glob("*.txt")):
            yield f"{name} {path.stem}", published(pattern, lambda path=path: filter(None, lines_of(path)))
    for operators in (0, 1, 2):
        for part in range(50 if operators == 2 else 1):
            step = 50 if operators == 2 else 1
            yield patterns(
                f"{operators} operators, part {part}",
                lambda operators=operators, part=part, step=step: islice(
                    regex_cases.patterns(operators), part, None, step
                ),
            )
    for part in range(options.random // 1000):
        rng = random.Random(f"{options.seed} regex {part}")
        yield patterns(
            f"3 to 5 operators, seed {options.seed}, part {part}",
            lambda rng=rng: (regex_cases.random_pattern(rng, rng.randint(3, 5)) for _ in range(100)),
        )


def chains(options: argparse.Namespace) -> Iterator[Unit]:
    for number in range(-(-options.chains // CHAINS)):

        def unit(number: int = number) -> tuple[int, list[str]]:
            rng = random.Random(f"chains {options.seed} {number}")
            cases = []
            for _ in range(CHAINS):
                chain, texts = random_chain(rng), [random_text(rng) for _ in range(8)]
                cases.append((partial(text_difference, chain, texts), partial(text_outcomes, chain, texts)))
            found, ended = differences_apart(cases)
            return 8 * (CHAINS - ended), found[:SHOWN]

        yield f"seed {options.seed}, unit {number}", unit


def pipelines(options: argparse.Namespace) -> Iterator[Unit]:
    for number in range(-(-options.chains // CHAINS)):

        def unit(number: int = number) -> tuple[int, list[str]]:
            rng = random.Random(f"pipelines {options.seed} {number}")
            drawn = apart(lambda: [random_pipeline_case(rng) for _ in range(CHAINS)]) or []
            cases = [
                (partial(pipeline_difference, *case), partial(pipeline_outcomes, *case)) for case in drawn
            ]
            found, ended = differences_apart(cases)
            return 4 * (len(cases) - ended), found[:SHOWN]

        yield f"seed {options.seed}, unit {number}", unit


def vocabs(options: argparse.Namespace) -> Iterator[Unit]:
    for path in sorted((options.data / "vocabs").glob("*/tokenizer.json")):
        made: list[Vocabulary] = []
        for corpus in sorted((options.data / "corpora").glob("*.txt")):
            for shape in Vocabulary.SHAPES:

                def unit(
                    path: Path = path,
                    corpus: Path = corpus,
                    shape: str = shape,
                    made: list[Vocabulary] = made,
                ) -> tuple[int, list[str]]:
                    if not made:
                        made.append(Vocabulary(path))
                    lines = list(islice(lines_of(corpus), options.limit))
                    return len(lines), list(islice(made[0].differences(shape, lines), SHOWN))

                yield f"{path.parent.name} {corpus.stem} {shape}", unit


def sentencepiece(options: argparse.Namespace) -> Iterator[Unit]:
    """Models by name; each is read once, when its first unit runs."""
    from parity import sentencepiece_cases as cases

    small = [(kind, fallback, symbols) for kind in cases.TYPES for fallback in (0, 1) for symbols in (0, 1)]
    pairs: dict[Any, cases.Pair] = {}

    def pair_of(model: Any) -> cases.Pair:
        if model not in pairs:
            pairs.clear()
            shared = isinstance(model, str)
            data = (options.data / "vocabs" / model).read_bytes() if shared else cases.trained(*model)
            pairs[model] = cases.Pair(data)
        return pairs[model]

    characters = CODE_POINTS[: options.limit]
    for model in (*cases.SHARED, *small):
        for context in ("{0}", "a{0}b", " {0} ", "中{0}{0}"):

            def unit(model: Any = model, context: str = context) -> tuple[int, list[str]]:
                pair, found = pair_of(model), []
                for begin in range(0, len(characters), 20_000):
                    texts = [context.format(c) for c in characters[begin : begin + 20_000]]
                    found += islice(pair.batch_differences(texts), SHOWN - len(found))
                return len(characters), found

            yield f"{model} {context!a}", unit

        def long_lines(model: Any = model) -> tuple[int, list[str]]:
            """Sums of scores beyond 100,000, which single precision rounds."""
            pair, rng = pair_of(model), random.Random(f"long {options.seed} {model}")
            texts = ["qzxj中" * 20_000, "a" * 100_000, "▁" * 50_000, " " * 50_000, "ｶﾞ" * 30_000]
            for _ in range(3):
                texts.append("".join(cases.random_text(rng).replace(" ", "") for _ in range(2000)))
            return len(texts), list(islice(pair.batch_differences(texts), SHOWN))

        yield f"{model} long lines", long_lines
        if isinstance(model, str):
            for path in sorted((options.data / "corpora").glob("*.txt")):
                for shape in SHAPES:

                    def corpus(
                        model: str = model, path: Path = path, shape: str = shape
                    ) -> tuple[int, list[str]]:
                        pair, found, rows = pair_of(model), [], 0
                        for texts in shaped(path, shape, options):
                            rows += len(texts)
                            found += islice(pair.batch_differences(texts), SHOWN - len(found))
                        return rows, found

                    yield f"{model} {path.stem} {shape}", corpus
        for number in range(-(-options.random // 20 // 1000)):

            def texts(model: Any = model, number: int = number) -> tuple[int, list[str]]:
                rng = random.Random(f"sentencepiece {options.seed} {model} {number}")
                pair, found = pair_of(model), []
                batch = [cases.random_text(rng) for _ in range(1000)]
                found += islice(pair.batch_differences(batch), SHOWN)
                for text in batch[::10]:
                    found += pair.differences(text)
                    found += pair.n_best_differences(text)
                    found += pair.decoding_differences(rng)
                return 1000, found[:SHOWN]

            yield f"{model} texts {number}", texts


def byte_bpe(options: argparse.Namespace) -> Iterator[Unit]:
    """Vocabularies by name; each is read once, when its first unit runs."""
    from parity import byte_bpe_cases as cases

    vocabs = options.data / "vocabs"
    others = tuple(isa for isa in options.isas if isa != fasttok.isa())
    pairs: dict[str, cases.Pair] = {}

    def pair_of(name: str) -> cases.Pair:
        if name not in pairs:
            for old in pairs.values():
                old.close()
            pairs.clear()
            pairs[name] = cases.Pair(name, vocabs, others)
        return pairs[name]

    def compared(name: str, texts: Callable[[], list[str]]) -> Callable[[], tuple[int, list[str]]]:
        def unit() -> tuple[int, list[str]]:
            listed = texts()
            return len(listed), pair_of(name).differences(listed)

        return unit

    def slices(path: Path, cut: int) -> list[str]:
        """Pieces of about 1 kB of a megabyte, cut at other places for each `cut`."""
        with open(path, encoding="utf-8") as file:
            text = file.read(400_000)
        step = 700 + 7 * cut
        return [text[i : i + step] for i in range(cut, len(text), step)]

    def random_ones(name: str, number: int) -> list[str]:
        rng = random.Random(f"byte_bpe {options.seed} {name} {number}")
        return [cases.random_text(rng) for _ in range(10_000)]

    def lines(path: Path, begin: int) -> list[str]:
        return list(islice(lines_of(path), begin, begin + 20_000))

    def whole(path: Path, most: int) -> list[str]:
        with open(path, encoding="utf-8", newline="") as file:
            return [file.read(most)]

    characters = CODE_POINTS[: options.limit]
    files = sorted((options.data / "corpora").glob("*.txt"))
    names = options.vocabularies or cases.NAMES
    for name in names:
        for number in range(-(-options.random // len(names) // 10_000)):
            yield f"{name} random {number}", compared(name, lambda n=name, i=number: random_ones(n, i))
        for begin in range(0, len(characters), 4_000):
            part = characters[begin : begin + 4_000]
            yield f"{name} code points {begin}", compared(name, lambda p=part: [*cases.code_point_texts(p)])
        for path in files:
            for begin in range(0, 240_000, 20_000):
                yield f"{name} {path.stem} {begin}", compared(name, lambda p=path, b=begin: lines(p, b))
            for cut in range(70):
                yield f"{name} {path.stem} cut {cut}", compared(name, lambda p=path, c=cut: slices(p, c))
            # The reference's Encodings take some 300 bytes a token.
            most = 4_000_000 if name in cases.JSON else -1
            yield f"{name} {path.stem} whole", compared(name, lambda p=path, m=most: whole(p, m))


SHAPES = ("lines", "joined", "cut")
MEGABYTE = 1_000_000


def shaped(path: Path, shape: str, options: argparse.Namespace) -> Iterator[list[str]]:
    """The lines of a corpus, in batches: as they are, joined to texts of 1 MB, or cut at random places."""
    lines = islice(lines_of(path), options.limit)
    if shape == "lines":
        while batch := list(islice(lines, 2000)):
            yield batch
        return
    rng = random.Random(f"{options.seed} {path.stem}")
    text, held = [], 0
    for line in (*lines, None):
        if line is not None:
            text.append(line)
            held += len(line.encode())
        if not text or (line is not None and held < MEGABYTE):
            continue
        joined = (" " if rng.random() < 0.5 else "\n").join(text)
        if shape == "joined":
            yield [joined]
        else:
            cuts = sorted(rng.randrange(len(joined) + 1) for _ in range(len(joined) // 60))
            yield [joined[a:b] for a, b in pairwise([0, *cuts, len(joined)])]
        text, held = [], 0


def unigram(options: argparse.Namespace) -> Iterator[Unit]:
    from parity.sentencepiece_cases import SHARED
    from parity.sentencepiece_cases import random_text as sentencepiece_text

    def json_of(name: str) -> str:
        model = options.data / "vocabs" / name
        if (written := model.with_name("tokenizer.json")).exists():
            return written.read_text("utf-8")
        return fasttok.T5Tokenizer(model, extra_ids=0).backend_tokenizer.to_str()

    made: dict[str, tuple[Any, Any]] = {}

    def differences(name: str, texts: list[str]) -> Iterator[str]:
        if name not in made:
            made.clear()
            text = json_of(name)
            made[name] = (fasttok.Tokenizer.from_str(text), reference.Tokenizer.from_str(text))
        ours, theirs = made[name]
        flat = ours.encode_batch_flat(texts).to_lists()
        for text, ids, mine, other in zip(
            texts, flat, ours.encode_batch(texts), theirs.encode_batch(texts), strict=True
        ):
            columns = [(e.ids, e.tokens, e.offsets, e.word_ids) for e in (mine, other)]
            if columns[0] != columns[1] or ids != other.ids:
                yield f"{text[:200]!a}"

    characters = CODE_POINTS[: options.limit]
    for name in SHARED:
        for context in ("{0}", "a{0}b", " {0} ", "中{0}{0}"):

            def unit(name: str = name, context: str = context) -> tuple[int, list[str]]:
                found: list[str] = []
                for begin in range(0, len(characters), 20_000):
                    texts = [context.format(c) for c in characters[begin : begin + 20_000]]
                    found += islice(differences(name, texts), SHOWN - len(found))
                return len(characters), found

            yield f"{name} {context!a}", unit
        for path in sorted((options.data / "corpora").glob("*.txt")):
            for shape in SHAPES:

                def corpus(name: str = name, path: Path = path, shape: str = shape) -> tuple[int, list[str]]:
                    rows, found = 0, []
                    for texts in shaped(path, shape, options):
                        rows += len(texts)
                        found += islice(differences(name, texts), SHOWN - len(found))
                    return rows, found

                yield f"{name} {path.stem} {shape}", corpus
        for number in range(-(-options.random // 4 // 5000)):

            def texts(name: str = name, number: int = number) -> tuple[int, list[str]]:
                rng = random.Random(f"unigram {options.seed} {name} {number}")
                batch = [sentencepiece_text(rng) for _ in range(5000)]
                return 5000, list(islice(differences(name, batch), SHOWN))

            yield f"{name} texts {number}", texts


PARTS = {
    "codepoints": codepoints,
    "corpora": corpora,
    "random": random_texts,
    "rows": rows,
    "regex": regex,
    "chains": chains,
    "pipelines": pipelines,
    "vocabs": vocabs,
    "sentencepiece": sentencepiece,
    "byte_bpe": byte_bpe,
    "unigram": unigram,
}


MANY_UNITS = ("random", "rows", "chains", "pipelines", "byte_bpe")


def run(part: str, options: argparse.Namespace, state: dict[str, Any]) -> None:
    done = state.setdefault(part, {"units": 0, "rows": 0, "seconds": 0.0, "differences": []})
    units = (unit for unit in PARTS[part](options) if options.only in unit[0])
    for name, unit in islice(units, done["units"], None):
        start = time.monotonic()
        rows, found = unit()
        done["units"] += 1
        done["rows"] += rows
        done["seconds"] += time.monotonic() - start
        done["differences"] += [f"{name}: {difference}" for difference in found]
        for text in found:
            print(f"DIFFERENT {part} {name}: {text}", flush=True)
        if part not in MANY_UNITS or done["units"] % 10 == 0 or found:
            print(f"{part} {name}: {done['rows']} rows, {len(done['differences'])} differences", flush=True)
        save(options.state, state)
    print(
        f"{part}: {done['rows']} rows compared in {done['seconds']:.0f} s, "
        f"{len(done['differences'])} differences shown",
        flush=True,
    )


def save(path: Path, state: dict[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(state, indent=1), "utf-8")
    os.replace(new, path)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=PARTS, metavar="part", help=", ".join(PARTS))
    parser.add_argument("--state", type=Path, required=True, help="JSON file, made if it does not exist")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="has corpora/, vocabs/"
    )
    parser.add_argument("--random", type=int, default=1_000_000, help="number of random texts")
    parser.add_argument("--chains", type=int, default=200_000, help="number of random chains or pipelines")
    parser.add_argument("--seed", type=int, default=0, help="of the random texts")
    parser.add_argument(
        "--isas", nargs="*", default=["scalar", "avx2"], help="instruction sets beside the best, for byte_bpe"
    )
    parser.add_argument("--vocabularies", nargs="*", help="for byte_bpe; all where none is given")
    parser.add_argument("--limit", type=int, help="code points or lines of a unit, for a trial")
    parser.add_argument("--only", default="", help="units whose name has this in it, to share the work")
    options = parser.parse_args()
    given = {"seed": options.seed, "limit": options.limit}
    if options.only:
        given["only"] = options.only
    state = json.loads(options.state.read_text("utf-8")) if options.state.exists() else {"options": given}
    if state["options"] != given:
        parser.error(f"{options.state} was made with {state['options']}; use another state file")
    for part in options.parts:
        run(part, options, state)
    return 1 if any(state[part]["differences"] for part in PARTS if part in state) else 0


if __name__ == "__main__":
    sys.exit(main())

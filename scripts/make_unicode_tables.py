#!/usr/bin/env python3
"""Write cpp/fasttok/unicode/tables.cc from what the reference itself does with every code point.

The reference (tokenizers 0.23.3) mixes tables of several Unicode versions, so nothing here is looked up in a
Unicode database: each fact is read off the output of the reference's own component on that code point. A few
hundred thousand code points go through one call, each between separators that the component leaves alone.

    python scripts/make_unicode_tables.py            write the file
    python scripts/make_unicode_tables.py --check    exit 1 if the committed file differs from a fresh sweep

Only the names of the canonical combining classes (which number a class has) come from `unicodedata`; which
code points are in a class, and the order of the classes, are measured and checked against each other.
"""

import argparse
import itertools
import sys
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

VERSION = "0.23.3"
OUTPUT = Path(__file__).resolve().parent.parent / "cpp/fasttok/unicode/tables.cc"
BLOCK = 128  # code points in a block of the two-stage tables
MAPPED_LIMIT = 0x30000  # no code point from here on has a decomposition or a lowercase

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
SEPARATOR = "|"  # a starter that no component touches

# Bits of CharFlag in properties.h, in the order of the enum.
FLAGS = [
    "kCleanDrop",
    "kCleanSpace",
    "kBertWhitespace",
    "kBertPunctuation",
    "kCjk",
    "kStripMark",
    "kHasDecomposition",
    "kHasLowercase",
    "kAddedTokenWord",
    "kAddedTokenSpace",
    "kCombiningMark",
]


def bert(**options):
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **options})


def map_all(normalizer, strings):
    """The normalizer's output for each string, as if it had been called on each alone."""
    out = []
    for i in range(0, len(strings), 200_000):
        part = strings[i : i + 200_000]
        joined = SEPARATOR.join(s.replace(SEPARATOR, "") for s in part)
        pieces = normalizer.normalize_str(joined).split(SEPARATOR)
        assert len(pieces) == len(part), "a component made or ate a separator"
        out += [
            p if SEPARATOR not in s else normalizer.normalize_str(s)
            for s, p in zip(part, pieces, strict=True)
        ]
    return out


def sweep(normalizer):
    return dict(zip(CODE_POINTS, map_all(normalizer, [chr(c) for c in CODE_POINTS]), strict=True))


def sweep_pre_tokenizer():
    """(white space, punctuation): how BertPreTokenizer cuts `x<c>x`."""
    space, punctuation = set(), set()
    for i in range(0, len(CODE_POINTS), 100_000):
        part = CODE_POINTS[i : i + 100_000]
        text = "".join(f"x{chr(c)}x " for c in part)
        cuts = {offsets for _, offsets in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text)}
        for k, c in enumerate(part):
            at = 4 * k
            if (at, at + 3) in cuts:
                continue
            assert {(at, at + 1), (at + 2, at + 3)} <= cuts, hex(c)
            (punctuation if (at + 1, at + 2) in cuts else space).add(c)
    return space, punctuation


def sweep_added_token(side, **options):
    """For each code point beside an added token: the token's offsets in its unit, or None: not matched."""
    tokenizer = Tokenizer(models.WordLevel({"u": 0}, unk_token="u"))
    tokenizer.add_tokens([AddedToken("<m>", normalized=False, **options)])
    token = tokenizer.token_to_id("<m>")
    unit = "-<m>{}-" if side == "right" else "-{}<m>-"
    out = {}
    for i in range(0, len(CODE_POINTS), 128 * 1000):
        rows = [CODE_POINTS[j : j + 128] for j in range(i, min(i + 128 * 1000, len(CODE_POINTS)), 128)]
        texts = ["".join(unit.format(chr(c)) for c in row) for row in rows]
        encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
        for row, encoding in zip(rows, encodings, strict=True):
            found = {}
            for id_, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
                if id_ == token:
                    found[start // 6] = (start % 6, end - start // 6 * 6)
            for k, c in enumerate(row):
                out[c] = found.get(k)
    return out


def sweep_combining_classes(starters_too):
    """{code point: class} of those that take part in canonical reordering, by pairs with known marks."""
    nfd = normalizers.NFD()
    low, high = "\u0334", "\u0345"  # classes 1 and 240, the ends of the scale
    assert nfd.normalize_str(high + low) == low + high
    below = map_all(nfd, [high + chr(c) for c in starters_too])
    above = map_all(nfd, [chr(c) + low for c in starters_too])
    nonstarters = [
        c
        for c, b, a in zip(starters_too, below, above, strict=True)
        if b == chr(c) + high != high + chr(c) or a == low + chr(c) != chr(c) + low
    ]
    representatives = {}
    for c in nonstarters:
        number = unicodedata.combining(chr(c))
        if number:
            representatives.setdefault(number, chr(c))
    numbers = sorted(representatives)
    for a, b in itertools.pairwise(numbers):
        first, second = representatives[a], representatives[b]
        assert nfd.normalize_str(second + first) == first + second, (a, b)

    def keeps(pair):
        return nfd.normalize_str(pair) == pair

    classes = {}
    for c in nonstarters:
        same = [n for n, r in representatives.items() if keeps(chr(c) + r) and keeps(r + chr(c))]
        assert len(same) == 1, f"U+{c:04X} is in no measured class"
        classes[c] = same[0]
    return classes


def measure():
    """(flags, classes, decompositions, lowercases), each a dict by code point; absent: nothing special."""
    flags = dict.fromkeys(CODE_POINTS, 0)

    def mark(name, code_points):
        for c in code_points:
            flags[c] |= 1 << FLAGS.index(name)

    clean = sweep(bert(clean_text=True))
    assert all(out in ("", " ", chr(c)) for c, out in clean.items())
    mark("kCleanDrop", [c for c, out in clean.items() if out == ""])
    mark("kCleanSpace", [c for c, out in clean.items() if out == " " and c != 0x20])

    space, punctuation = sweep_pre_tokenizer()
    mark("kBertWhitespace", space)
    mark("kBertPunctuation", punctuation)

    cjk = sweep(bert(handle_chinese_chars=True))
    assert all(out in (chr(c), f" {chr(c)} ") for c, out in cjk.items())
    mark("kCjk", [c for c, out in cjk.items() if out != chr(c)])

    nfd = sweep(normalizers.NFD())
    decompositions = {c: out for c, out in nfd.items() if out != chr(c)}
    assert all(nfd[ord(d)] == d for out in decompositions.values() for d in out)
    mark("kHasDecomposition", decompositions)
    for c in range(0xAC00, 0xD7A4):
        i = c - 0xAC00
        jamo = [0x1100 + i // 588, 0x1161 + i % 588 // 28] + ([0x11A7 + i % 28] if i % 28 else [])
        assert decompositions.pop(c) == "".join(map(chr, jamo))

    # BertNormalizer filters after NFD, so it sees only what NFD leaves alone; StripAccents filters its input.
    strip = sweep(bert(strip_accents=True))
    mark("kStripMark", [c for c, out in strip.items() if out == "" and nfd[c] == chr(c)])
    removed = {c for c in CODE_POINTS if flags[c] & 1 << FLAGS.index("kStripMark")}
    assert all(out == "".join(d for d in nfd[c] if ord(d) not in removed) for c, out in strip.items())
    accents = sweep(normalizers.StripAccents())
    assert all(out in ("", chr(c)) for c, out in accents.items())
    mark("kCombiningMark", [c for c, out in accents.items() if out == ""])

    lower = sweep(bert(lowercase=True))
    assert lower == sweep(normalizers.Lowercase())
    lowercases = {c: out for c, out in lower.items() if out != chr(c)}
    mark("kHasLowercase", lowercases)

    word = {c for c, at in sweep_added_token("left", single_word=True).items() if at is None}
    assert word == {c for c, at in sweep_added_token("right", single_word=True).items() if at is None}
    mark("kAddedTokenWord", word)
    stripped = {c for c, at in sweep_added_token("left", lstrip=True).items() if at == (1, 5)}
    assert stripped == {c for c, at in sweep_added_token("right", rstrip=True).items() if at == (1, 5)}
    mark("kAddedTokenSpace", stripped)

    classes = sweep_combining_classes([c for c in CODE_POINTS if nfd[c] == chr(c)])
    return flags, classes, decompositions, lowercases


def two_stage(value_at, limit=0x110000):
    """(index, blocks): value_at(c) == blocks[index[c // BLOCK] * BLOCK + c % BLOCK] for c < limit."""
    index, blocks, seen = [], [], {}
    for start in range(0, limit, BLOCK):
        block = tuple(value_at(c) for c in range(start, start + BLOCK))
        if block not in seen:
            seen[block] = len(seen)
            blocks += block
        index.append(seen[block])
    assert max(index) < 256
    return index, blocks


def array(ctype, name, values):
    lines, line = [], ""
    for v in values:
        item = f"{v},"
        if len(line) + len(item) > 110:
            lines.append(line)
            line = ""
        line += item
    lines.append(line)
    return f"const {ctype} {name}[{len(values)}] = {{\n" + "\n".join(lines) + "\n};\n"


def ranges_of(flags):
    out = []
    for c in CODE_POINTS:
        if not flags[c]:
            continue
        if out and out[-1][1] == c - 1 and out[-1][2] == flags[c]:
            out[-1][1] = c
        else:
            out.append([c, c, flags[c]])
    return out


def render():
    flags, classes, decompositions, lowercases = measure()

    kinds = {(0, 0): 0}
    for c in CODE_POINTS:
        kinds.setdefault((flags[c], classes.get(c, 0)), len(kinds))
    assert len(kinds) <= 256
    kind_index, kind_blocks = two_stage(lambda c: kinds[flags.get(c, 0), classes.get(c, 0)])

    pool, mappings = "", {}
    for name, mapping in (("Decomposition", decompositions), ("Lowercase", lowercases)):
        rows = []
        for c, out in sorted(mapping.items()):
            at = pool.find(out)
            if at < 0:
                at = len(pool)
                pool += out
            rows.append(f"{{{c:#x},{{kMappedChars+{at},{len(out)}}}}}")
        numbers = {c: i + 1 for i, c in enumerate(sorted(mapping))}
        assert max(numbers) < MAPPED_LIMIT
        index, blocks = two_stage(lambda c, n=numbers: n.get(c, 0), MAPPED_LIMIT)
        mappings[name] = rows, index, blocks

    ranges = [f"{{{a:#x},{b:#x},{f:#x}}}" for a, b, f in ranges_of(flags)]
    text = (
        "// GENERATED by scripts/make_unicode_tables.py; do not edit.\n"
        f"// From a sweep of tokenizers {VERSION} over every code point; the layout is told in tables.h.\n"
        '#include "fasttok/unicode/tables.h"\n\n// clang-format off\n\nnamespace fasttok::tables {\n\n'
    )
    text += f"static_assert(kBlockSize == {BLOCK} && kMappedLimit == {MAPPED_LIMIT:#x});\n\n"
    text += array("CharKind", "kKinds", [f"{{{f:#x},{k}}}" for f, k in kinds]) + "\n"
    text += array("std::uint8_t", "kKindIndex", kind_index) + "\n"
    text += array("std::uint8_t", "kKindBlocks", kind_blocks) + "\n"
    text += "static " + array("char32_t", "kMappedChars", [f"{ord(c):#x}" for c in pool]) + "\n"
    for name, (rows, index, blocks) in mappings.items():
        text += array("Mapping", f"k{name}s", rows) + f"const std::size_t k{name}Count = {len(rows)};\n\n"
        text += array("std::uint8_t", f"k{name}Index", index) + "\n"
        text += array("std::uint16_t", f"k{name}Blocks", blocks) + "\n"
    text += (
        array("FlagRange", "kFlagRanges", ranges) + f"const std::size_t kFlagRangeCount = {len(ranges)};\n\n"
    )
    return text + "}  // namespace fasttok::tables\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed file; write nothing")
    args = parser.parse_args()
    if tokenizers.__version__ != VERSION:
        found = tokenizers.__version__
        sys.exit(f"tokenizers is {found}; the tables mirror {VERSION}: pip install tokenizers=={VERSION}")
    text = render()
    if args.check:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT} differs from a fresh sweep: run {Path(__file__).name} without --check")
        print(f"{OUTPUT.name} equals a fresh sweep of tokenizers {VERSION}")
    else:
        OUTPUT.write_text(text, encoding="utf-8")
        print(f"{OUTPUT}: {len(text)} bytes")


if __name__ == "__main__":
    main()

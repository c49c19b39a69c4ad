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
from tokenizers import AddedToken, NormalizedString, Tokenizer, models, normalizers, pre_tokenizers

VERSION = "0.23.3"
OUTPUT = Path(__file__).resolve().parent.parent / "cpp/fasttok/unicode/tables.cc"
BLOCK = 128  # code points in a block of the two-stage tables
MAPPED_LIMIT = 0x30000  # no code point from here on has a decomposition or a case mapping

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
    "kNumeric",
    "kNfcSafe",
    "kNfkcSafe",
    "kHasCompatDecomposition",
    "kComposesBack",
]

# GraphemeClass in properties.h, in the order of the enum.
GRAPHEMES = [
    "Other",
    "Control",
    "Extend",
    "ConjunctExtend",
    "ConjunctLinker",
    "Joiner",
    "SpacingMark",
    "Prepend",
    "Consonant",
    "Pictographic",
    "L",
    "V",
    "T",
    "LV",
    "LVT",
]


def bert(**options):
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **options})


def map_all(normalizer, strings, separator=SEPARATOR):
    """The normalizer's output for each string, as if it had been called on each alone."""
    out = []
    for i in range(0, len(strings), 200_000):
        part = strings[i : i + 200_000]
        joined = separator.join(s.replace(separator, "") for s in part)
        pieces = normalizer.normalize_str(joined).split(separator)
        assert len(pieces) == len(part), "a component made or ate a separator"
        out += [
            p if separator not in s else normalizer.normalize_str(s)
            for s, p in zip(part, pieces, strict=True)
        ]
    return out


def sweep(normalizer, separator=SEPARATOR):
    return dict(zip(CODE_POINTS, map_all(normalizer, [chr(c) for c in CODE_POINTS], separator), strict=True))


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


def sweep_cuts(pre_tokenizer):
    """For each code point how `x<c>x` is cut: "joined", "isolated" or "removed"."""
    kinds = {}
    for i in range(0, len(CODE_POINTS), 200_000):
        part = CODE_POINTS[i : i + 200_000]
        cuts = pre_tokenizer.pre_tokenize_str("".join(f"x{chr(c)}x" for c in part))
        starts, ends = {start for _, (start, _) in cuts}, {end for _, (_, end) in cuts}
        for k, c in enumerate(part):
            at = 3 * k + 1
            if at in starts:
                assert {at, at + 1} <= ends, hex(c)
                assert at + 1 in starts, hex(c)
                kinds[c] = "isolated"
            else:
                kinds[c] = "removed" if at in ends else "joined"
    return kinds


def sweep_regex_classes():
    """{code point: 1 letter, 2 number, 3 white space} as GPT-2's pattern sees them; absent: none of them."""
    pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    classes = dict.fromkeys(CODE_POINTS, 3)
    for value, neighbour in ((1, "x"), (2, "5"), (0, "!")):
        for i in range(0, len(CODE_POINTS), 200_000):
            part = CODE_POINTS[i : i + 200_000]
            cuts = pre_tokenizer.pre_tokenize_str("".join(f"{neighbour}{chr(c)}{neighbour}" for c in part))
            starts = {start for _, (start, _) in cuts}
            for k, c in enumerate(part):
                if 3 * k + 1 not in starts:
                    assert classes[c] == 3
                    classes[c] = value
    return {c: value for c, value in classes.items() if value}


def sweep_scripts():
    """{code point: number of its script as UnicodeScripts sees it}; absent: a script that never splits."""
    pre_tokenizer = pre_tokenizers.UnicodeScripts()

    def starts(text):
        return {start for _, (start, _) in pre_tokenizer.pre_tokenize_str(text)}

    known = []
    for i in range(0, len(CODE_POINTS), 200_000):
        part = CODE_POINTS[i : i + 200_000]
        cuts = starts("".join(f"a{chr(c)}\u3042{chr(c)}" for c in part))
        known += [c for k, c in enumerate(part) if {4 * k + 1, 4 * k + 3} & cuts]
    cuts = starts("".join(map(chr, known)))
    scripts, representatives = {}, []
    for k, c in enumerate(known):
        if k in cuts:
            at = starts("".join(r + chr(c) for r in representatives))
            same = [n for n in range(len(representatives)) if 2 * n + 1 not in at]
            assert len(same) <= 1
            if not same:
                representatives.append(chr(c))
            number = same[0] if same else len(representatives) - 1
        scripts[c] = number + 1
    return scripts


def counting_charsmap():
    """A charsmap by which Precompiled makes one "Y" of every grapheme under six bytes, and of every
    character of a longer one; only U+0000 and U+000A stay."""
    units = [0] * 1024
    units[0] = 256 << 10
    for byte in range(1, 256):
        if byte != 0x0A:
            units[256 + byte] = (768 + byte) << 10 | 1 << 8 | byte
    return b"".join(u.to_bytes(4, "little") for u in [len(units) * 4, *units]) + b"Y\0"


def sweep_graphemes():
    """{code point: its part in grapheme clusters}, as far as Precompiled can tell them apart; absent: Other.

    It looks only at graphemes of less than six bytes, so that flags of two regional indicators, for example,
    never matter.
    """
    normalizer = normalizers.Precompiled(counting_charsmap())

    def counts(unit, code_points):
        out = []
        for i in range(0, len(code_points), 200_000):
            texts = [unit.format(chr(c)) for c in code_points[i : i + 200_000]]
            rows = normalizer.normalize_str("\n".join(texts)).split("\n")
            assert len(rows) == len(texts)
            out += map(len, rows)
        return dict(zip(code_points, out, strict=True))

    others = [c for c in CODE_POINTS if c not in (0, 0x0A, 0x0D)]
    classes = {0: "Control", 0x0A: "Control", 0x0D: "Control"}

    def those(unit, count, code_points=others):
        return [c for c, n in counts(unit, code_points).items() if n == count]

    small = [c for c in others if c < 0x10000]
    astral = [c for c in others if c >= 0x10000]
    for c in those("{}\u0300", 2, small) + those("{}\u0300\u0301", 2, astral):
        classes[c] = "Control"
    after = set(those("a{}", 1))
    extend = set(those("\u00a9{}\u200d\u00a9\u0300", 5, sorted(after)))
    conjunct = set(those("\u0915\u094d{}\u0915\u0300", 5, sorted(extend)))
    linkers = set(those("\u0915{}\u0915\u0300", 4, sorted(extend)))
    assert linkers <= conjunct <= extend <= after
    assert 0x200D in after - extend
    for c in after:
        classes[c] = (
            "ConjunctLinker"
            if c in linkers
            else "ConjunctExtend"
            if c in conjunct
            else "Extend"
            if c in extend
            else "SpacingMark"
        )
    classes[0x200D] = "Joiner"
    for c in those("{}a", 1):
        classes[c] = "Prepend"
    plain = [c for c in others if c not in classes]
    for c in those("\u00a9\u200d{}", 3, plain):
        classes[c] = "Pictographic"
    assert set(those("{}\u200d\u00a9\u0300", 4)) - after == {
        c for c, name in classes.items() if name == "Pictographic"
    }
    consonants = set(those("{}\u094d\u0915\u0300", 4, plain))
    assert set(those("\u0915\u094d{}\u0300", 4, plain)) & set(small) == consonants & set(small)
    for c in consonants:
        classes[c] = "Consonant"

    # Hangul: U+0600 stays with what follows, so that the third character shows whether it joins.
    plain = [c for c in plain if c < 0x10000 and c > 0x7FF]
    behind = {j: set(those("\u0600" + j + "{}", 3, plain)) for j in "\u1100\u1161\u11a8"}
    before = {j: set(those("\u0600{}" + j, 3, plain)) for j in "\u1100\u1161\u11a8"}
    for c in plain:
        parts = [c in behind[j] for j in behind], [c in before[j] for j in before]
        if any(map(any, parts)):
            classes[c] = {
                "YNN": {"YYN": "L", "NYY": "LV", "NNY": "LVT"},
                "YYN": {"NYY": "V"},
                "NYY": {"NNY": "T"},
            }["".join("NY"[p] for p in parts[0])]["".join("NY"[p] for p in parts[1])]
    return classes


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


def sweep_uppercase():
    out = []
    for i in range(0, len(CODE_POINTS), 200_000):
        text = NormalizedString(SEPARATOR.join(chr(c) for c in CODE_POINTS[i : i + 200_000] if c != 0x7C))
        text.uppercase()
        out += text.normalized.split(SEPARATOR)
    return dict(zip([c for c in CODE_POINTS if c != 0x7C], out, strict=True))


def pairs_composed(nfc, decompositions):
    """{(first, second): what NFC makes of them}, Hangul aside."""
    pairs = {}
    for c, parts in decompositions.items():
        if nfc[c] == chr(c):
            first = normalizers.NFC().normalize_str(parts[:-1])
            assert len(first) == 1
            pairs[ord(first), ord(parts[-1])] = c
    return pairs


def measure():
    """The facts, each a dict by code point; absent: nothing special."""
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

    uppercases = {c: out for c, out in sweep_uppercase().items() if out != chr(c)}
    nfkd = sweep(normalizers.NFKD(), "\n")
    compat = {c: out for c, out in nfkd.items() if out != nfd[c]}
    assert all(nfkd[ord(d)] == d for out in compat.values() for d in out)
    mark("kHasCompatDecomposition", compat)
    nfc, nfkc = sweep(normalizers.NFC()), sweep(normalizers.NFKC(), "\n")
    compositions = pairs_composed(nfc, decompositions)
    seconds = {second for _, second in compositions} | {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
    mark("kComposesBack", seconds)
    for name, form in (("kNfcSafe", nfc), ("kNfkcSafe", nfkc)):
        safe = [c for c in CODE_POINTS if form[c] == chr(c) and c not in classes and c not in seconds]
        assert not {ord(nfd[c][0]) for c in safe} & (classes.keys() | seconds)
        mark(name, safe)

    digits = sweep_cuts(pre_tokenizers.Digits(individual_digits=True))
    assert set(digits.values()) == {"joined", "isolated"}
    mark("kNumeric", [c for c, kind in digits.items() if kind == "isolated"])
    # These pre-tokenizers know the same white space, punctuation and word characters as those above.
    cuts = sweep_cuts(pre_tokenizers.Whitespace())
    assert {c for c, kind in cuts.items() if kind == "removed"} == space
    assert {c for c, kind in cuts.items() if kind == "joined"} == word
    assert {
        c for c, kind in sweep_cuts(pre_tokenizers.WhitespaceSplit()).items() if kind != "joined"
    } == space
    assert {
        c for c, kind in sweep_cuts(pre_tokenizers.Punctuation()).items() if kind != "joined"
    } == punctuation

    mappings = {
        "Decomposition": decompositions,
        "Lowercase": lowercases,
        "Uppercase": uppercases,
        "CompatDecomposition": compat,
    }
    small = {
        "Script": sweep_scripts(),
        "Grapheme": {c: GRAPHEMES.index(name) for c, name in sweep_graphemes().items()},
        "RegexClass": sweep_regex_classes(),
    }
    assert {c for c, value in small["RegexClass"].items() if value == 3} == space
    return flags, classes, mappings, compositions, small


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
    flags, classes, measured, compositions, small = measure()

    kinds = {(0, 0): 0}
    for c in CODE_POINTS:
        kinds.setdefault((flags[c], classes.get(c, 0)), len(kinds))
    assert len(kinds) <= 256
    kind_index, kind_blocks = two_stage(lambda c: kinds[flags.get(c, 0), classes.get(c, 0)])

    pool, mappings = "", {}
    for name, mapping in measured.items():
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
    for name, values in small.items():
        index, blocks = two_stage(lambda c, v=values: v.get(c, 0))
        text += array("std::uint8_t", f"k{name}Index", index) + "\n"
        text += array("std::uint8_t", f"k{name}Blocks", blocks) + "\n"
    rows = [f"{{{a:#x},{b:#x},{c:#x}}}" for (a, b), c in sorted(compositions.items())]
    text += array("Composition", "kCompositions", rows)
    text += f"const std::size_t kCompositionCount = {len(rows)};\n\n"
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

"""`fasttok.pinyin`: what is read as what, and that readings, lattice and counts agree."""

from __future__ import annotations

import gc
import pickle
import random
import sys
import threading
import unicodedata
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle.pinyin import readings, syllables_of

from fasttok import FormatError, pinyin
from fasttok.bundled import bundled_vocab
from fasttok.pinyin import Syllable, count_paths, is_valid, lattice, n_best, segment

VOCAB = (bundled_vocab("pinyin") / "vocab.txt").read_text("utf-8").split("\n")
SYLLABLES = syllables_of(VOCAB)


def words(text: str, **options: object) -> list[str]:
    return [part.syllable for part in segment(text, **options)]  # type: ignore[arg-type]


def parts(text: str) -> list[tuple[str, int | None, str]]:
    return [(part.syllable, part.tone, part.kind) for part in segment(text)]


def paths(edges: list[Syllable], end: int) -> set[tuple[Syllable, ...]]:
    by_start: dict[int, list[Syllable]] = {}
    for edge in edges:
        by_start.setdefault(edge.start, []).append(edge)
    ways: list[tuple[Syllable, ...]] = [()]
    done = set()
    while ways:
        way = ways.pop()
        at = way[-1].end if way else 0
        if at == end:
            done.add(way)
            continue
        for edge in by_start.get(at, ()):
            if not way or {edge.kind, way[-1].kind} != {"other"}:
                ways.append((*way, edge))
    return done


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("xian", "xian"),
        ("xi'an", "xi ' an"),
        ("liyanan", "li yan an"),
        ("guangan", "guang an"),
        ("youxiangongsi", "you xian gong si"),
        ("yinglunmian", "ying lun mian"),
        ("xianjintianxiaxuele", "xian jin tian xia xue le"),
        ("zhonghuarenmingongheguo", "zhong hua ren min gong he guo"),
        ("nuerlue", "nu er lue"),
        ("lüenüelve", "lüe nüe lve"),
        ("yidianrdongxi", "yi dian r dong xi"),
        ("huaren", "hua ren"),
        ("nver", "nv er"),
    ],
)
def test_best(text: str, best: str) -> None:
    assert " ".join(words(text)) == best


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ni3hao3", [("ni", 3, "syllable"), ("hao", 3, "syllable")]),
        ("lv3you2", [("lv", 3, "syllable"), ("you", 2, "syllable")]),
        ("nu:3", [("nu:", 3, "syllable")]),
        ("lu:e4", [("lu:e", 4, "syllable")]),
        ("Lǜ", [("lü", 4, "syllable")]),
        ("ma0ma5", [("ma", 0, "syllable"), ("ma", 5, "syllable")]),
        ("xi1an1", [("xi", 1, "syllable"), ("an", 1, "syllable")]),
        ("xīān", [("xi", 1, "syllable"), ("an", 1, "syllable")]),
        ("xīan", [("xi", 1, "syllable"), ("an", None, "syllable")]),
        ("xiān", [("xian", 1, "syllable")]),
        ("lüe4", [("lüe", 4, "syllable")]),
        ("Ｎｉ３ｈａｏ", [("ni", 3, "syllable"), ("hao", None, "syllable")]),
        ("BEIJING", [("bei", None, "syllable"), ("jing", None, "syllable")]),
        ("XiAn", [("xi", None, "syllable"), ("an", None, "syllable")]),
        ("dian’nao", [("dian", None, "syllable"), ("’", None, "separator"), ("nao", None, "syllable")]),
        ("da-xue", [("da", None, "syllable"), ("-", None, "separator"), ("xue", None, "syllable")]),
        ("hua1r", [("hua", 1, "syllable"), ("r", None, "syllable")]),
        ("wánr", [("wan", 2, "syllable"), ("r", None, "syllable")]),
        ("ń", [("n", 2, "syllable")]),
        ("m̀", [("m", 4, "syllable")]),
        ("ǹg", [("ng", 4, "syllable")]),
        ("hm hng", [("hm", None, "syllable"), (" ", None, "separator"), ("hng", None, "syllable")]),
        ("ng", [("ng", None, "syllable")]),
        ("ề ê̄", [("ê", 4, "syllable"), (" ", None, "separator"), ("ê", 1, "syllable")]),
        ("ɡuǒ", [("guo", 3, "syllable")]),
        ("nihaox", [("ni", None, "syllable"), ("hao", None, "syllable"), ("x", None, "other")]),
        ("你ni好", [("你", None, "other"), ("ni", None, "syllable"), ("好", None, "other")]),
        ("2008nian", [("2008", None, "other"), ("nian", None, "syllable")]),
        ("ni9", [("ni", None, "syllable"), ("9", None, "other")]),
        ("mp3", [("mp3", None, "other")]),
        ("12345", [("12345", None, "other")]),
        ("😀", [("😀", None, "other")]),
        ("\ud800ni", [("\ud800", None, "other"), ("ni", None, "syllable")]),
        ("r", [("r", None, "other")]),
        ("deWindowsxitong", [("de", None, "syllable"), ("Windows", None, "other"), ("xi", None, "syllable"),
                             ("tong", None, "syllable")]),
    ],
)  # fmt: skip
def test_parts(text: str, expected: list[tuple[str, int | None, str]]) -> None:
    assert parts(text) == expected


def test_tone_digits_of_a_line_without_tones_are_numbers() -> None:
    line = "tazai3yuelaidaobeijingdaxuexuexizhongwenheyingwen"
    assert ("3", None, "other") in parts(line)
    assert ("zai", 3, "syllable") in parts("zai3yue")
    assert ("3", None, "other") in parts("ni3hao3\n" + line)
    assert ("ni", 3, "syllable") in parts("ni3hao3\n" + line)


def test_marks_precomposed_or_not() -> None:
    text = "Lǚyóu zhōngguó, nǚ'ér lüèduó ḿ ế"
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert parts(composed) == parts(decomposed)
    for form in (composed, decomposed):
        assert "".join(form[part.start : part.end] for part in segment(form)) == form


@pytest.mark.parametrize(
    ("v", "expected"),
    [("auto", ["lv", "lü", "lu:", "jv", "lue"]), ("v", ["lv", "lv", "lv", "ju", "lve"]),
     ("ü", ["lü", "lü", "lü", "ju", "lüe"]), ("u:", ["lu:", "lu:", "lu:", "ju", "lu:e"])],
)  # fmt: skip
def test_ways_of_writing_v(v: str, expected: list[str]) -> None:
    assert words("lv4lü4lu:4jv4lue4", v=v) == expected


def test_dialect() -> None:
    assert words("biang") == ["bi", "ang"]
    assert words("biang", dialect="extended") == ["biang"]
    assert count_paths("biang", dialect="extended") == 2
    assert is_valid("fiao", dialect="extended")
    assert not is_valid("fiao")


def test_longest() -> None:
    assert words("fangan", method="longest") == ["fang", "an"]
    assert words("xinan", method="longest") == ["xin", "an"]
    assert words("yinger", method="longest") == ["ying", "er"]


def test_n_best() -> None:
    assert [" ".join(s.syllable for s in reading) for reading in n_best("xian", 10)] == ["xian", "xi an"]
    assert len(n_best("xian" * 30, 7)) == 7
    assert len(n_best("xian" * 30, 10**30)) == pinyin.MOST_READINGS
    assert len(n_best("xian" * 100_000, 1_000)) < 1_000  # no more syllables than MOST_SYLLABLES
    assert n_best("", 3) == [[]]


def test_errors() -> None:
    for call in (segment, lattice, count_paths, is_valid, lambda text: n_best(text, 1)):
        for wrong in (b"ni", None, 3, ["ni"]):
            with pytest.raises(TypeError, match=r"text is .*; expected str"):
                call(wrong)  # type: ignore[operator]
    for k in (0, -1, -(10**30)):
        with pytest.raises(ValueError, match="k is"):
            n_best("ni", k)
    with pytest.raises(TypeError, match="k is str"):
        n_best("ni", "1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="method is 'worst'"):
        segment("ni", method="worst")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="v is 'w'"):
        segment("ni", v="w")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="dialect is 'wu'"):
        is_valid("ni", dialect="wu")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="dialect is None"):
        is_valid("ni", dialect=None)  # type: ignore[arg-type]


def check(text: str) -> None:
    best = segment(text)
    assert "".join(text[part.start : part.end] for part in best) == text
    assert all(a.end == b.start for a, b in pairwise(best))
    assert all(part.kind in ("syllable", "separator", "other") and part.start < part.end for part in best)
    assert not any(a.kind == b.kind == "other" for a, b in pairwise(best))
    count = count_paths(text)
    kinds = {part.kind for part in best}
    assert is_valid(text) == ("syllable" in kinds and "other" not in kinds)
    some = n_best(text, 50)
    assert some[0] == best
    assert len(some) == min(count, 50)
    assert len({tuple(reading) for reading in some}) == len(some)
    if count <= 50:
        ways = paths(lattice(text), len(text))
        assert ways == {tuple(reading) for reading in some}
        assert tuple(segment(text, method="longest")) in ways


PIECES = st.sampled_from(
    [
        *"aeinguhrvxzcs359 '-\nA你，😀ɡêmｘ",
        *(
            "xian",
            "zhuang",
            "er",
            "lü",
            "ǚ",
            "ān",
            "u\u0308",
            "\u0301",
            "Xi",
            "ABC",
            "the",
            "u:",
            "e\u0302",
            "ng",
        ),
    ]
)


@settings(max_examples=600, deadline=None)
@example("ānānānāng")  # two readings of equal cost
@given(st.lists(PIECES, max_size=12).map("".join))
def test_readings_agree(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_any_text(text: str) -> None:
    check(text)


def test_against_all_readings() -> None:
    rng = random.Random(1)
    texts = {"".join(rng.choices("aeginouhxrvzm", k=rng.randint(1, 8))) for _ in range(3_000)}
    chosen = rng.sample(sorted(SYLLABLES), 200)
    texts |= {a + b + c for a, b, c in zip(chosen, chosen[1:], chosen[2:], strict=False)}
    for text in sorted(texts):
        found = {
            tuple((p.start, p.end, p.syllable if p.kind == "syllable" else "") for p in reading)
            for reading in n_best(text, 10_000)
        }
        assert found == readings(text, SYLLABLES), text


def test_every_syllable_stands() -> None:
    for syllable in SYLLABLES:
        assert words(syllable, method="longest") == [syllable]
        assert Syllable(syllable, None, 0, len(syllable), "syllable") in lattice(syllable)
        assert is_valid(syllable)


def test_long_texts() -> None:
    assert segment("x" * 10_000_000) == [Syllable("x" * 10_000_000, None, 0, 10_000_000, "other")]
    text = "xianan" * 20_000
    assert "".join(words(text)) == text
    assert count_paths("xian" * 5_000) == 2**5_000
    assert count_paths("guo" * 3_000) == 2**3_000


def test_big_chains_are_counted() -> None:
    def slowly(text: str) -> int:
        ways = [1] + [0] * len(text)
        for end in range(1, len(text) + 1):
            starts = range(max(0, end - 6), end)
            ways[end] = sum(ways[start] for start in starts if text[start:end] in SYLLABLES)
        return ways[-1]

    for text in ("an" * 2_000, "nan" * 500, "xian" * 3 + "angan" * 300 + "de" + "guangan" * 100):
        assert count_paths(text) == slowly(text)


def test_threads_agree() -> None:
    text = "zhonghuarenmingongheguo xi'an Windows ni3hao3" * 50
    expected = segment(text)
    results: list[list[Syllable]] = []

    def work() -> None:
        for _ in range(20):
            results.append(segment(text))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80
    assert all(result == expected for result in results)


def test_syllables_are_tuples() -> None:
    part = segment("ma1")[0]
    assert part == ("ma", 1, 0, 3, "syllable")
    assert part._asdict() == {"syllable": "ma", "tone": 1, "start": 0, "end": 3, "kind": "syllable"}
    assert pickle.loads(pickle.dumps(part)) == part
    assert sys.getrefcount(part) < 10


def test_the_collector_need_not_go_over_syllables() -> None:
    text = "xi'an! lǚyóu3"
    for some in (segment(text), lattice(text), *n_best(text, 3)):
        assert some
        assert not any(gc.is_tracked(part) for part in some)
    before = sys.getrefcount(Syllable)
    for _ in range(100):
        segment(text)
    gc.collect()
    assert sys.getrefcount(Syllable) <= before + 1


def test_damaged_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fasttok import _core, pinyin_table

    good = (bundled_vocab("pinyin") / "costs.bin").read_bytes()
    monkeypatch.setattr(pinyin_table, "bundled_vocab", lambda name: tmp_path)
    for bad in (b"", b"junk", good[:1000], good[:-1]):
        (tmp_path / "costs.bin").write_bytes(bad)
        with pytest.raises(FormatError, match=r"costs\.bin"):
            pinyin_table.table.__wrapped__()
    raw = zlib.decompress(good)
    for bad in (b"", raw[:7], raw[:100], raw[:200_000], raw[:-1], raw + b"\0", b"X" + raw[1:]):
        with pytest.raises(FormatError, match="costs of pinyin"):
            _core.Pinyin(bad, Syllable)


def test_import_stays_light() -> None:
    import subprocess

    code = "import sys, fasttok; assert 'fasttok.pinyin' not in sys.modules; fasttok.pinyin.segment"
    subprocess.run([sys.executable, "-c", code], check=True)

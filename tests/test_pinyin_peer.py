"""`fasttok.pinyin.PinyinTokenizer` gives the answers of pinyintokenizer 0.0.3."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

import pinyintokenizer as reference
import pytest

from fasttok import pinyin_peer
from fasttok.pinyin import PinyinTokenizer, PyTrieNode

LETTERS = "aeginouhx"


def words_of(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if node.end:
        yield above
    for key, child in node.children.items():
        yield from words_of(child, (*above, key))


def same(ours: PinyinTokenizer, theirs: Any, text: str) -> None:
    assert ours.tokenize(text) == theirs.tokenize(text), text


def random_text(rng: random.Random, syllables: list[str]) -> str:
    parts = []
    for _ in range(rng.randint(1, 15)):
        kind = rng.random()
        if kind < 0.75:
            parts.append(rng.choice(syllables))
        elif kind < 0.85:
            parts.append("".join(rng.choices("abcdefghijklmnopqrstuvwxyz:", k=rng.randint(1, 4))))
        else:
            parts.append(rng.choice([*" '3ǎüGg😀", "你好", "good luck", "\ud800", "ng"]))
    return "".join(parts)


def test_the_same_trie() -> None:
    assert list(words_of(PinyinTokenizer().root)) == list(words_of(reference.PinyinTokenizer().root))


@pytest.mark.parametrize("length", range(5))
def test_all_short_strings(length: int) -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    for letters in product(LETTERS, repeat=length):
        same(ours, theirs, "".join(letters))


def test_some_longer_strings() -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    rng = random.Random(6)
    for _ in range(20_000):
        same(ours, theirs, "".join(rng.choices(LETTERS, k=rng.randint(5, 9))))


def test_random_strings() -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    rng = random.Random(26)
    for _ in range(10_000):
        same(ours, theirs, "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(1, 16))))


def test_random_sentences() -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    syllables = ["".join(word) for word in words_of(theirs.root)]
    rng = random.Random(7)
    for _ in range(3_000):
        same(ours, theirs, random_text(rng, syllables))


def test_lines(data_dir: Path) -> None:
    pypinyin = pytest.importorskip("pypinyin")
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    with open(data_dir / "corpora" / "zh_wiki.txt", encoding="utf-8") as file:
        for line in islice(file, 0, None, 400):
            same(ours, theirs, "".join(pypinyin.lazy_pinyin(line.rstrip("\n")[:300])))


ADDED: list[Any] = [
    ["b", "iang"], ["ga"], ["x", "i", "ang"], "ku", ["", "a"], ["é"], ["你", "好"], ["r", "g"], ("l", "ing",
    "g"),
]  # fmt: skip
KEYS = [*"xié你好rgn", "b", "iang", "ga", "ang", "ku", "ling"]


@pytest.mark.parametrize("seed", range(4))
def test_added_syllables(seed: int) -> None:
    rng = random.Random(seed)
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    text = "biangliang"
    for seq in rng.sample(ADDED, 5):
        ours.add(seq)
        theirs.add(seq)
        for _ in range(300):
            text = "".join(rng.choices(KEYS, k=6))
            try:
                expected = theirs.tokenize(text)
            except KeyError as error:
                with pytest.raises(KeyError, match=str(error)):
                    ours.tokenize(text)
            else:
                assert ours.tokenize(text) == expected, text
    assert list(words_of(ours.root)) == list(words_of(theirs.root))


def test_the_root_may_be_changed() -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    for tokenizer, node in ((ours, PyTrieNode), (theirs, reference.PyTrieNode)):
        root = tokenizer.root
        assert tokenizer.tokenize("qqxian") == (["xian"], ["q", "q"])
        root.children["qq"] = node("qq")
        del root.children["x"].children["ian"]
    for text in ("qqxian", "qq", "xia", "qqq", "xiang"):
        same(ours, theirs, text)
    ours.root, theirs.root = PyTrieNode("", ["a"]), reference.PyTrieNode("", ["a"])
    same(ours, theirs, "ba")


def chance(rng: random.Random, path: list[str]) -> Any:
    """A change of a tokenizer's trie below a path of keys, made of it by the class of its nodes."""
    kind, key = rng.randrange(9), rng.choice(["x", "g", "ian", "zz", ""])
    keys = [rng.choice(["a", "g", "ang", "z"]) for _ in range(rng.randint(1, 3))]

    def change(tokenizer: Any, node: Any) -> None:
        here = tokenizer.root
        for name in path:
            here = here.children.get(name, here)
        children = here.children
        if kind == 0:
            here.add(keys)
        elif kind == 1:
            children[key or "x"] = node(key, keys)
        elif kind == 2:
            children.pop(key, None)
        elif kind == 3:
            children.update({"zz": node("zz"), "a": node("a", ["o"])})
        elif kind == 4 and here is not tokenizer.root:
            here.end = not here.end
        elif kind == 5:
            children.setdefault(key or "g", node(key))
        elif kind == 6:
            here.children = dict(children)  # which does not tell of changes
        elif kind == 7:
            children |= {"g": node("g", ["u"])}
        elif kind == 8 and here is not tokenizer.root:
            children.clear()
        tokenizer.add(["b", "iang"])

    return change


@pytest.mark.parametrize("worth", [0, 30, 10**9])
def test_any_change_is_seen(worth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a trie that is compiled at once, soon and never."""
    monkeypatch.setattr(pinyin_peer, "_WORTH_COMPILING", worth)
    rng = random.Random(worth)
    for _ in range(8):
        ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
        for _ in range(12):
            change = chance(rng, rng.choices(["x", "n", "g", "ian", "a"], k=rng.randint(0, 2)))
            change(ours, PyTrieNode)
            change(theirs, reference.PyTrieNode)
            for _ in range(8):
                text = "".join(
                    rng.choices([*"xgnaz", "ian", "ang", "zz", "bian", "biang"], k=rng.randint(1, 6))
                )
                try:
                    expected = theirs.tokenize(text)
                except KeyError as error:
                    with pytest.raises(KeyError, match=str(error)):
                        ours.tokenize(text)
                else:
                    assert ours.tokenize(text) == expected, text


def test_keys_that_are_no_str_are_never_found() -> None:
    ours, theirs = PinyinTokenizer(), reference.PinyinTokenizer()
    for tokenizer in (ours, theirs):
        tokenizer.add([5, "a"])  # type: ignore[list-item]
        tokenizer.root.children["x"].add([None])  # type: ignore[list-item]
    for text in ("xiania", "5a", "x"):
        same(ours, theirs, text)


def test_a_trie_that_is_shown_is_not_compiled_for_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_now = pinyin_peer._compile
    monkeypatch.setattr(pinyin_peer, "_compile", lambda root: compiled.append(root) or compile_now(root))
    tokenizer = PinyinTokenizer()
    for _ in range(100):
        assert "x" in tokenizer.root.children
        tokenizer.tokenize("xiananxian" * 100)
    assert len(compiled) == 1


def test_what_another_thread_adds_meanwhile_is_found_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """`add` comes while the trie is compiled: as from another thread, but at the same place each time."""
    tokenizer = PinyinTokenizer()
    compile_now = pinyin_peer._compile

    def compile_and_add(root: PyTrieNode) -> Any:
        compiled = compile_now(root)
        tokenizer.add(["qq"])
        return compiled

    monkeypatch.setattr(pinyin_peer, "_compile", compile_and_add)
    tokenizer.tokenize("ni" * 1000)
    monkeypatch.setattr(pinyin_peer, "_compile", compile_now)
    assert tokenizer.tokenize("qqni" * 1000) == (["qq", "ni"] * 1000, [])


def test_own_nodes_are_asked() -> None:
    def changed(base: Any, node: Any) -> Any:
        class Node(node):
            def is_special_case(self, char: str) -> bool:
                return char in "gn"

        class Tokenizer(base):
            def setup(self) -> None:
                self.root.children["x"] = Node("x", ["i"])
                self.root.children["x"].add(["ian"])
                self.root.children["n"] = Node("n", ["a"])
                self.root.children["a"] = Node("a")

        return Tokenizer()

    ours = changed(PinyinTokenizer, PyTrieNode)
    theirs = changed(reference.PinyinTokenizer, reference.PyTrieNode)
    for text in ("xiana", "xian", "xiaxianana"):
        same(ours, theirs, text)


def test_nodes() -> None:
    ours, theirs = PinyinTokenizer().root, reference.PinyinTokenizer().root
    for text in ("", "xian", "zhangan", "fanguo", "good", "lv", "lu:e", "m", "ng", "é"):
        assert ours.find(text) == theirs.find(text)
        assert ours.children["f"].find(text) == theirs.children["f"].find(text)
    for seq in ((), ["a"], "abc", ("x", "y", "z")):
        mine, other = PyTrieNode("k", seq), reference.PyTrieNode("k", seq)
        assert (mine.key, mine.end, list(words_of(mine))) == (other.key, other.end, list(words_of(other)))
        mine.add("")
        other.add("")
        assert mine.end == other.end


def test_errors() -> None:
    tokenizer = PinyinTokenizer()
    for wrong in (b"ni", None, 5, ["ni"]):
        with pytest.raises(TypeError, match="expected str"):
            tokenizer.tokenize(wrong)  # type: ignore[arg-type]
    tokenizer.add([])
    with pytest.raises(ValueError, match="root"):
        tokenizer.tokenize("nix")


def test_copies() -> None:
    tokenizer = PinyinTokenizer()
    tokenizer.add(["qq"])
    for other in (copy.deepcopy(tokenizer), pickle.loads(pickle.dumps(tokenizer))):
        assert other.tokenize("qqni") == (["qq", "ni"], [])


def test_long_and_deep() -> None:
    tokenizer = PinyinTokenizer()
    words, rest = tokenizer.tokenize("xiangang" * 100_000 + "x" * 100_000)
    assert len(words) == 200_000
    assert len(rest) == 100_000
    tokenizer.add(["a"] * 200)
    assert tokenizer.tokenize("a" * 200 + "ni")[0] == ["a" * 200, "ni"]

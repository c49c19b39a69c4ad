"""`PinyinTokenizer` and `PyTrieNode` of the package pinyintokenizer 0.0.3, with its answers on every str.

The trie is Python objects, as there. For `tokenize` it is compiled, and it is compiled anew after `add`;
once a program has taken hold of `root`, which it may change, before each call. Differences: a sentence that
is no str raises TypeError; a trie whose root is an end raises ValueError, where the reference never returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fasttok import _core

__all__ = ["PinyinTokenizer", "PyTrieNode"]

# The reference's syllables: the finals of each initial, a final being one key ("" is in its list, for m).
_SYLLABLES = {
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u uai uan uang ui un uo",
    "d": "a ai an ang ao e eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "f": "a an ang ei en eng o ou u",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u u: v ue ve uan un uo",
    "m": " a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "n": "a ai an ang ao e ei en eng g i ian iang iao ie in ing iu ong ou u u: ue v ve uan uo",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "w": "a ai an ang ei en eng o u",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "y": "a an ang ao e i iao in ing o ong ou u uan ue un",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "zh": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
}
_FINALS_ALONE = "a ai an ang ao e ei en er o ou"


class PyTrieNode:
    """A node of a trie whose keys are strings.

    Args:
        key: the last key on the way to this node.
        seq: the keys below it (a sequence of str); empty: a word ends here.

    >>> root = PyTrieNode()
    >>> root.end = False
    >>> root.add(["x", "ian"])
    >>> root.find("xianzai")
    ('xian', True)

    Mirrors pinyintokenizer 0.0.3.
    """

    def __init__(self, key: str = "", seq: Sequence[str] = ()) -> None:
        self.key = key
        self.end = len(seq) == 0
        self.children: dict[str, PyTrieNode] = {}
        if len(seq) > 0:
            self.children[seq[0]] = PyTrieNode(seq[0], seq[1:])

    def add(self, seq: Sequence[str]) -> None:
        """Adds the keys of a word, one below the other.

        >>> node = PyTrieNode()
        >>> node.add(["zh", "ang"])
        >>> list(node.children["zh"].children)
        ['ang']
        """
        node = self
        while len(seq) > 0:
            key, seq = seq[0], seq[1:]
            if key not in node.children:
                node.children[key] = PyTrieNode(key, seq)
                return
            node = node.children[key]
        node.end = True

    def find(self, sentence: str) -> tuple[str, bool]:
        """The word that `sentence` begins with below this node, and whether there is one.

        >>> PyTrieNode("x", ["i"]).find("in")
        ('i', True)
        """
        longest = max(map(len, self.children), default=0)
        for end in range(min(longest, len(sentence)), 0, -1):
            key = sentence[:end]
            if key not in self.children:
                continue
            child = self.children[key]
            below, found = child.find(sentence[end:])
            if not found:
                continue
            if below and self.is_special_case(below[-1]):
                # The last letter may belong to what follows.
                shorter, stands = child.find(below[:-1])
                _, begins = self.children[below[-1]].find(sentence[end + len(below) :])
                if stands and begins:
                    return key + shorter, True
            return key + below, True
        return "", self.end

    def is_special_case(self, char: str) -> bool:
        """Whether a word may give `char` to the next word: "g".

        >>> PyTrieNode().is_special_case("g")
        True
        """
        return char in ["g"]


class PinyinTokenizer:
    """Continuous pinyin to a list of syllables, and a list of the characters that are in none.

    >>> PinyinTokenizer().tokenize("liudehua")
    (['liu', 'de', 'hua'], [])
    >>> PinyinTokenizer().tokenize("lv3you2")
    (['lv', 'you'], ['3', '2'])

    Mirrors pinyintokenizer 0.0.3, all answers included; `fasttok.pinyin.segment` is the better reader.
    """

    def __init__(self) -> None:
        self._root = PyTrieNode()
        self._root.end = False
        self._shown = False  # whether the caller may hold the root
        self._compiled: _core.PinyinPeerTrie | None = None
        self.setup()

    @property
    def root(self) -> PyTrieNode:
        """The root of the trie."""
        self._shown = True
        return self._root

    @root.setter
    def root(self, root: PyTrieNode) -> None:
        self._shown = True
        self._root = root

    def add(self, seq: Sequence[str]) -> None:
        """Adds a syllable as a sequence of keys; at any time.

        >>> tokenizer = PinyinTokenizer()
        >>> tokenizer.add(["b", "iang"])
        >>> tokenizer.tokenize("biangmian")
        (['biang', 'mian'], [])
        """
        self._root.add(seq)
        self._compiled = None

    def setup(self) -> None:
        """Adds the usual syllables; `PinyinTokenizer()` has them already."""
        for final in _FINALS_ALONE.split():
            self.add([final])
        for initial, finals in _SYLLABLES.items():
            for final in finals.split(" "):
                self.add([initial, final])

    def tokenize(self, sent: str) -> tuple[list[str], list[str]]:
        """(syllables, the characters that are in none), each in the order of the text.

        Args:
            sent: any str.

        Raises:
            TypeError: not a str. KeyError: a syllable of three keys or more was added, in whose middle a "g"
            is
                looked for, as in the reference. ValueError: the root is an end.

        >>> PinyinTokenizer().tokenize("good luck")
        (['o', 'o', 'lu'], ['g', 'd', ' ', 'c', 'k'])
        """
        if not isinstance(sent, str):
            raise TypeError(f"sent is {type(sent).__name__}; expected str")
        if self._shown:
            compiled = _compile(self._root)
        else:
            compiled = self._compiled or _compile(self._root)
            self._compiled = compiled
        return _literally(self._root, sent) if compiled is None else compiled.tokenize(sent)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_compiled": None}


_MOST_NODES = 100_000  # of a trie that is compiled


def _compile(root: PyTrieNode) -> _core.PinyinPeerTrie | None:
    """The trie in the core; None where it is none that the core knows (other classes, keys, depths)."""
    nodes: list[tuple[bool, dict[str, int]]] = []
    waiting: list[PyTrieNode] = [root]
    for node in waiting:
        if type(node) is not PyTrieNode or not set(map(type, node.children)) <= {str}:
            return None
        if len(waiting) > _MOST_NODES:
            return None
        first = len(waiting)
        waiting += node.children.values()
        nodes.append((bool(node.end), dict(zip(node.children, range(first, len(waiting)), strict=True))))
    try:
        return _core.PinyinPeerTrie(nodes)
    except ValueError:
        return None


def _literally(root: PyTrieNode, sent: str) -> tuple[list[str], list[str]]:
    words, rest = [], []
    while sent:
        word, found = root.find(sent)
        if not found:
            rest.append(sent[0])
            sent = sent[1:]
        elif not word:
            raise ValueError("the root of the trie is an end: an empty word is found again and again")
        else:
            words.append(word)
            sent = sent[len(word) :]
    return words, rest

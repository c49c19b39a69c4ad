"""`PinyinTokenizer` and `PyTrieNode` of the package pinyintokenizer 0.0.3, with its answers on every str.

The trie is Python objects, as there, which a program may change at any time. For `tokenize` it is compiled,
and after a change compiled anew, when enough has been tokenized by the objects themselves to be worth it.
Differences: a sentence that is no str raises TypeError; a trie whose root is an end raises ValueError, where
the reference never returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
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


# What tries were compiled of holds as long as this is the same object: each change of any node makes it
# another. An object and no number, so that of two threads that change nodes at once neither is lost.
_state = object()


def _changing(method: Any) -> Any:
    @wraps(method)
    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        global _state
        try:
            return method(self, *args, **kwargs)
        finally:
            _state = object()

    return changed


def _longest_key(children: dict[str, PyTrieNode]) -> int:
    return max((len(key) for key in list(children) if isinstance(key, str)), default=0)


class _Children(dict[str, "PyTrieNode"]):
    """A node's children, which tells of its changes."""

    __slots__ = ("_longest",)

    def longest(self) -> int:
        """The length of the longest key."""
        known = getattr(self, "_longest", None)
        if known is None or known[0] is not _state:
            self._longest = known = (_state, _longest_key(self))
        return known[1]

    def __getstate__(self) -> None:
        """What has been found out is not copied."""

    __setitem__ = _changing(dict.__setitem__)
    __delitem__ = _changing(dict.__delitem__)
    __ior__ = _changing(dict.__ior__)
    clear = _changing(dict.clear)
    pop = _changing(dict.pop)
    popitem = _changing(dict.popitem)
    setdefault = _changing(dict.setdefault)
    update = _changing(dict.update)


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

    key: str
    end: bool
    children: dict[str, PyTrieNode]

    def __init__(self, key: str = "", seq: Sequence[str] = ()) -> None:
        children = _Children()
        if len(seq) > 0:
            dict.__setitem__(children, seq[0], PyTrieNode(seq[0], seq[1:]))
        # Nobody has compiled this node yet, so that nothing need be told.
        put = object.__setattr__
        put(self, "key", key)
        put(self, "end", len(seq) == 0)
        put(self, "children", children)

    __setattr__ = _changing(object.__setattr__)
    __delattr__ = _changing(object.__delattr__)

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
        children = self.children
        longest = children.longest() if type(children) is _Children else _longest_key(children)
        for end in range(min(longest, len(sentence)), 0, -1):
            key = sentence[:end]
            child = children.get(key)
            if child is None:
                continue
            below, found = child.find(sentence[end:])
            if not found:
                continue
            if below and self.is_special_case(below[-1]):
                # The last letter may belong to what follows.
                shorter, stands = child.find(below[:-1])
                _, begins = children[below[-1]].find(sentence[end + len(below) :])
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
        self.root = PyTrieNode()
        self.root.end = False
        self._compiled: tuple[object, PyTrieNode, _core.PinyinPeerTrie | None] | None = None
        self._since_change = 0  # characters that were tokenized without a compiled trie
        self.setup()

    def add(self, seq: Sequence[str]) -> None:
        """Adds a syllable as a sequence of keys; at any time.

        >>> tokenizer = PinyinTokenizer()
        >>> tokenizer.add(["b", "iang"])
        >>> tokenizer.tokenize("biangmian")
        (['biang', 'mian'], [])
        """
        self.root.add(seq)

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
                is looked for, as in the reference. ValueError: the root is an end.

        >>> PinyinTokenizer().tokenize("good luck")
        (['o', 'o', 'lu'], ['g', 'd', ' ', 'c', 'k'])
        """
        if not isinstance(sent, str):
            raise TypeError(f"sent is {type(sent).__name__}; expected str")
        compiled = self._compiled
        if compiled is None or compiled[0] is not _state or compiled[1] is not self.root:
            self._since_change += len(sent)
            if self._since_change < _WORTH_COMPILING:
                return _literally(self.root, sent)
            # A change while it is compiled leaves it with a state that is no more.
            state, root = _state, self.root
            trie, tells = _compile(root)
            compiled = (state, root, trie)
            if tells:
                self._compiled = compiled
                self._since_change = 0
        trie = compiled[2]
        return _literally(self.root, sent) if trie is None else trie.tokenize(sent)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_compiled": None}


# Characters: to compile the usual trie takes about as long as to tokenize them without.
_WORTH_COMPILING = 1000
_MOST_NODES = 100_000  # of a trie that is compiled


def _compile(root: PyTrieNode) -> tuple[_core.PinyinPeerTrie | None, bool]:
    """The trie in the core, None where it is none that the core knows (other classes, keys, depths); and
    whether all of it tells of its changes."""
    nodes: list[tuple[bool, dict[str, int]]] = []
    waiting: list[PyTrieNode] = [root]
    tells = True
    for node in waiting:
        if type(node) is not PyTrieNode or len(waiting) > _MOST_NODES:
            return None, False
        tells &= type(node.children) is _Children
        children = dict(node.children)  # at once: another thread may add some
        if not set(map(type, children)) <= {str}:
            return None, False
        first = len(waiting)
        waiting += children.values()
        nodes.append((bool(node.end), dict(zip(children, range(first, len(waiting)), strict=True))))
    try:
        return _core.PinyinPeerTrie(nodes), tells
    except ValueError:
        return None, tells


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

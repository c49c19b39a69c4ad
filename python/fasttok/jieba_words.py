"""The step that PanGu's and CPM's texts take before SentencePiece: words by jieba, with a space between.

A text's own spaces and line breaks become U+2582 and U+2583, which the models have pieces for. Needs jieba
(extra `jieba`), or any other function that cuts a text into words.

>>> cut("ab cd\\n", words=lambda text: ["ab", " ", "cd", "\\n"])
'ab ▂ cd ▃'
>>> joined("ab ▂ cd ▃")
'ab cd\\n'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

__all__ = ["Words", "cut", "jieba_words", "joined"]

#: What cuts a text into words that make it up when joined.
Words = Callable[[str], Iterable[str]]

_MARKS = str.maketrans(" \n", "\u2582\u2583")
_SPACES = str.maketrans("\u2582\u2583", " \n")


def jieba_words() -> Words:
    """jieba's `cut`. Raises ImportError where jieba is not installed."""
    try:
        import jieba
    except ImportError as error:
        raise ImportError(
            "jieba is required to cut texts into words: pip install 'fasttok-native[jieba]', or give a "
            "function of your own"
        ) from error
    words: Words = jieba.cut
    return words


def cut(text: str, words: Words | None = None) -> str:
    """The words of a text, with a space between them.

    Args:
        text: any.
        words: what cuts; None is jieba.

    Raises:
        ImportError: jieba is needed and not installed.
    """
    return " ".join(word.translate(_MARKS) for word in (words or jieba_words())(text))


def joined(text: str) -> str:
    """The inverse of `cut`, for what a model decodes to."""
    return text.replace(" ", "").translate(_SPACES)

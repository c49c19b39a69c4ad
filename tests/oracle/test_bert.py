"""fasttok beside the oracle: ids and offsets, on corpora and on a small vocabulary."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from fasttok.bundled import bundled_vocab
from oracle.bert import BertOracle, words

PIECES = (
    "[UNK] a b c ab ##b ##c ##bc é e E ##e ##é Σ σ ς ##ς i \u0307 ##\u0307 中 文 ##文 ば か ##\u3099 ᄀ ##ᅡ "
    "##ᆨ , . 1 ##1 ＃"
)
VOCAB = {piece: id for id, piece in enumerate(PIECES.split())}
ALPHABET = (
    "abcABeEéÉ中文国、。,. \t\n\r\v\x85\u3000\u200b\u200d\0\ufffd\u0301\u0323\u0327\u0308ΣσςİıßǅÅ각가ばが1＃$"
    "\U0001f468\U0002b821\U00020001\ufa0e\u302e"
)


def make(vocab: dict[str, int], **settings: Any) -> fasttok.Tokenizer:
    tokenizer = fasttok.Tokenizer(fasttok.models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = fasttok.normalizers.BertNormalizer(**settings)
    tokenizer.pre_tokenizer = fasttok.pre_tokenizers.BertPreTokenizer()
    return tokenizer


def pairs(encoding: Any) -> list[tuple[int, tuple[int, int]]]:
    return list(zip(encoding.ids, encoding.offsets, strict=True))


def known(text: str) -> str:
    """The text, with white space for characters that `unicodedata` and the reference see differently."""
    plain, untouched = BertOracle({}), BertOracle({}, False, False, False, False)
    normalizer = reference.normalizers.BertNormalizer()
    splitter = reference.pre_tokenizers.BertPreTokenizer()

    def differs(c: str) -> bool:
        if "".join(x.c for x in plain.normalize(c)) != normalizer.normalize_str(c):
            return True
        apart = ["".join(x.c for x in word) for word in words(untouched.normalize(c))]
        return apart != [word for word, _ in splitter.pre_tokenize_str(c)]

    return text.translate({ord(c): " " for c in set(text) if differs(c)})


BOTH = [True, False]
NAMES = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")


@pytest.mark.parametrize("values", list(itertools.product(BOTH, BOTH, [None, *BOTH], BOTH)))
def test_small_vocabulary(values: tuple[bool | None, ...]) -> None:
    settings: dict[str, Any] = dict(zip(NAMES, values, strict=True))
    oracle, ours = BertOracle(VOCAB, **settings), make(VOCAB, **settings)
    rng = random.Random(str(values))
    texts = ["".join(rng.choices(ALPHABET, k=rng.randrange(12))) for _ in range(500)]
    texts += ["a" * n + " " + "ab" * n for n in (99, 100, 101)] + ["é" * 10_000]
    for text, encoding in zip(texts, ours.encode_batch(texts), strict=True):
        assert pairs(encoding) == oracle.encode(text), ascii(text)


@pytest.mark.parametrize("corpus", ["zh_wiki", "zh_fewclue", "en_nltk", "multi_udhr", "code_py"])
@pytest.mark.parametrize("name", ["bert-base-chinese", "bert-base-uncased", "zh-en-wordpiece"])
def test_corpora(name: str, corpus: str, data_dir: Path) -> None:
    is_bundled = name == "zh-en-wordpiece"
    folder = bundled_vocab(name) if is_bundled else data_dir / "vocabs" / name
    vocab = {line: id for id, line in enumerate((folder / "vocab.txt").read_text("utf-8").splitlines())}
    settings = {"lowercase": not is_bundled}
    with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
        text = file.read(200_000).encode()[:200_000].decode(errors="ignore")
    lines = known(text).splitlines()
    oracle, ours = BertOracle(vocab, **settings), make(vocab, **settings)
    for line, encoding in zip(lines, ours.encode_batch(lines), strict=True):
        assert pairs(encoding) == oracle.encode(line), ascii(line)

"""Make vocabs/zh-en-wordpiece: a bilingual, cased WordPiece vocabulary.

    python scripts/train_vocab.py CORPORA [--out vocabs/zh-en-wordpiece] [--size 30000]

CORPORA is a folder with the files named in CORPUS_FILES, one document a line. Needs tokenizers==0.23.3.

BERT's normalizer puts every Han character in a word of its own, so Chinese needs no training: its part of
the vocabulary is two character sets, read from Python's codecs, plus what the corpora use beyond them. The
rest is trained: words of Latin letters and digits, by Hugging Face's WordPieceTrainer.

The order of the file:
  1. [PAD] [UNK] [CLS] [SEP] [MASK]
  2. ASCII punctuation, digits and letters; ## forms of digits and letters
  3. the symbols of GB 2312 and Big5 (punctuation, full-width forms, kana, Greek, Cyrillic, bopomofo and so
     on); a character that can stand next to another in one word also has its ## form
  4. Han: GB 2312 (6,763 characters), Big5 level 1 (5,401), and any other that the corpora hold often enough
  5. Latin-1, kana, faces and the other characters that the corpora hold often enough, with ## forms
  6. the trained pieces, in the order of their merges

Two runs write the same bytes. The trainer by itself would not: it numbers the ## letters in the order of a
hash map, and equal counts are decided by number. So every ## letter is passed as a special token, which
fixes its number first.
"""

import argparse
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CORPUS_FILES = ["en_nltk.txt", "zh_fewclue.txt", "zh_wiki.txt", "code_py.txt"]
MIN_HAN_COUNT = 10
MIN_OTHER_COUNT = 20
WORD = re.compile(r"[0-9A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F]+")
EXTRA = [
    *range(0x00A1, 0x0100),  # Latin-1
    *range(0x20A0, 0x20C0),  # currency signs
    0x3007,  # 〇, a digit that neither set has
    *range(0x3041, 0x3100),  # kana
    *range(0x1F44A, 0x1F450),  # hands
    *range(0x1F600, 0x1F650),  # faces
]

CONFIG = {
    "tokenizer_class": "BertTokenizer",
    "do_lower_case": False,
    "strip_accents": None,
    "tokenize_chinese_chars": True,
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "model_max_length": 512,
}


def decodable(codec: str, leads: Iterable[int], trails: Iterable[int]) -> list[str]:
    """The characters of a double-byte codec in the given ranges, in the codec's order."""
    found = []
    trails = list(trails)
    for lead in leads:
        for trail in trails:
            try:
                found.append(bytes((lead, trail)).decode(codec))
            except UnicodeDecodeError:
                continue
    return found


BIG5_TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]


def gb2312_han() -> list[str]:
    """Rows 16-87 of GB 2312: 6,763 characters."""
    return decodable("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))


def gb2312_symbols() -> list[str]:
    """Rows 1-9 of GB 2312."""
    return decodable("gb2312", range(0xA1, 0xAA), range(0xA1, 0xFF))


def big5_level1_han() -> list[str]:
    """A440-C67E of Big5: 5,401 characters."""
    return decodable("big5", range(0xA4, 0xC7), BIG5_TRAILS)[:5401]


def big5_symbols() -> list[str]:
    """A140-A3FE of Big5."""
    return decodable("big5", range(0xA1, 0xA4), BIG5_TRAILS)


def is_han(char: str) -> bool:
    """Whether BERT's normalizer puts spaces around the character (its list of ranges)."""
    cp = ord(char)
    return (
        0x4E00 <= cp <= 0x9FFF
        or 0x3400 <= cp <= 0x4DBF
        or 0x20000 <= cp <= 0x2A6DF
        or 0x2A700 <= cp <= 0x2B73F
        or 0x2B740 <= cp <= 0x2B81F
        or 0x2B820 <= cp <= 0x2CEAF
        or 0xF900 <= cp <= 0xFAFF
        or 0x2F800 <= cp <= 0x2FA1F
    )


def forms(chars: Iterable[str]) -> Iterator[str]:
    """Each character, with its ## form if it can continue a word; no spaces, controls or unassigned ones."""
    for char in chars:
        category = unicodedata.category(char)
        if category[0] in "ZC":
            continue
        yield char
        if category[0] != "P" and not is_han(char) and not (char.isascii() and not char.isalnum()):
            yield "##" + char


def read_lines(corpora: Path) -> Iterator[str]:
    for name in CORPUS_FILES:
        with open(corpora / name, encoding="utf-8") as file:
            for line in file:
                yield line.replace("<unk>", " ")  # WikiText-2 has written its rare words so


def train_pieces(words: Counter[str], letters: list[str], size: int) -> list[str]:
    """`size` pieces of two or more letters, in the order of their merges."""
    singles = letters + ["##" + letter for letter in letters]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=len(singles) + size, min_frequency=2, special_tokens=singles, show_progress=False
    )
    # One string per word, repeated as often as it was seen: counting was done above, on fewer bytes.
    chunks = (" ".join([word] * min(count, 100_000)) for word, count in sorted(words.items()))
    tokenizer.train_from_iterator(chunks, trainer)
    ids = tokenizer.get_vocab()
    known = set(singles)
    return [piece for piece in sorted(ids, key=ids.__getitem__) if piece not in known]


def build(corpora: Path, size: int) -> list[str]:
    chars: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for line in read_lines(corpora):
        chars.update(line)
        words.update(WORD.findall(line))

    gb, big5 = gb2312_han(), big5_level1_han()
    if (len(gb), len(big5)) != (6763, 5401):
        raise SystemExit(
            f"codecs gave {len(gb)} GB 2312 and {len(big5)} Big5 characters; expected 6763 and 5401"
        )
    vocab = dict.fromkeys(SPECIAL_TOKENS)
    ascii_chars = [chr(cp) for cp in range(0x21, 0x7F)]
    vocab.update(dict.fromkeys(c for c in ascii_chars if not c.isalnum()))
    alnum = [c for c in ascii_chars if c.isalnum()]
    vocab.update(dict.fromkeys(alnum))
    vocab.update(dict.fromkeys("##" + c for c in alnum))
    vocab.update(dict.fromkeys(forms(sorted({*gb2312_symbols(), *big5_symbols()}))))

    seen_han = {c for c, n in chars.items() if n >= MIN_HAN_COUNT and is_han(c)}
    vocab.update(dict.fromkeys(sorted({*gb, *big5, *seen_han})))
    other = {c for c, n in chars.items() if n >= MIN_OTHER_COUNT and not is_han(c) and not c.isascii()}
    vocab.update(dict.fromkeys(forms(sorted({*other, *map(chr, EXTRA)}))))

    letters = [p for p in vocab if len(p) == 1 and WORD.fullmatch(p)]
    kept = re.compile("[" + "".join(letters) + "]+")
    words = Counter({w: n for w, n in words.items() if n >= 2 and kept.fullmatch(w)})
    vocab.update(dict.fromkeys(train_pieces(words, letters, size - len(vocab))))
    if len(vocab) != size:
        raise SystemExit(f"{len(vocab)} entries instead of {size}: the corpora are too small")
    return list(vocab)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--out", type=Path, default=Path("vocabs/zh-en-wordpiece"))
    parser.add_argument("--size", type=int, default=30_000)
    args = parser.parse_args()

    data = "".join(piece + "\n" for piece in build(args.corpora, args.size)).encode()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "vocab.txt").write_bytes(data)
    config = json.dumps(CONFIG, indent=2) + "\n"
    (args.out / "tokenizer_config.json").write_text(config, encoding="utf-8")
    print(f"{args.out / 'vocab.txt'}: {args.size} entries, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()

"""What a vocabulary file is, by its content: the one place that tells them apart.

* an object of JSON: a tokenizer.json;
* a protobuf message that begins as a ModelProto does, in bytes that are no text: a SentencePiece `.model`;
* lines of which the first is base64, a space and a number: a rank file (.tiktoken);
* lines of which one is `[UNK]`: a BERT vocab.txt.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["KNOWN", "FileKind", "kind_of"]

FileKind = Literal["json", "ranks", "sentencepiece", "vocab_txt"]

#: What is known, for a message that begins with "neither".
KNOWN = (
    "a tokenizer.json (a JSON object) nor a vocab.txt (with a line [UNK]) nor a rank file (lines of base64 "
    "and a rank) nor a SentencePiece .model"
)

_JSON_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*(?:["}]|\Z)')
_RANK_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2} [0-9]+[ \t]*(?:[\r\n]|\Z)")
_UNK_LINE = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?\[UNK\]\s*$")
# The tag of one of the four messages of a ModelProto (pieces, trainer_spec, normalizer_spec, self_test_data,
# denormalizer_spec), a length of up to five bytes, and the tag of a field with a number of one byte.
_MODEL_PROTO = re.compile(rb"[\x0a\x12\x1a\x22\x2a][\x80-\xff]{0,4}[\x00-\x7f](?:[\x08-\x7f]|\Z)")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1b]")
_LOOKED_AT = 4096


def kind_of(data: bytes, *, of_ranks: bool = False) -> FileKind | None:
    """The kind of a file with this content; None where it is none of those known.

    Whether the file is whole is not looked at: a damaged one is of its kind, too.

    Args:
        data: the content.
        of_ranks: a rank file is expected: lines that may be such are, even where one of them is `[UNK]`.

    >>> kind_of(b'{"version": "1.0"}'), kind_of(b"[PAD]\\n[UNK]\\n"), kind_of(b"hello")
    ('json', 'vocab_txt', None)
    """
    if _JSON_OBJECT.match(data):
        return "json"
    # Pieces have lengths, types and scores: their bytes are below those of any text.
    if _MODEL_PROTO.match(data) and _NO_TEXT.search(data, 0, _LOOKED_AT):
        return "sentencepiece"
    has_unk = _UNK_LINE.search(data) is not None
    if _RANK_LINE.match(data) and (of_ranks or not has_unk):
        return "ranks"
    return "vocab_txt" if has_unk else None

"""Who beside those of rivals.py takes SentencePiece vocabularies, and how each is called."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from outputs import Rows, rows_of_lists
from rivals import PADDED, Call, Missing, Opened, open_fasttok, open_tokenizers
from sentencepiece_cases import SPM

WITH_TYPES: dict[str, Any] = {**PADDED, "return_token_type_ids": True}
BEST = 10
SAMPLING: dict[str, Any] = {"enable_sampling": True, "nbest_size": -1, "alpha": 0.1}


def rows_of_arrays(arrays: list[Any]) -> Rows:
    lengths = np.fromiter(map(len, arrays), np.int64, len(arrays))
    return Rows(np.concatenate(arrays).astype(np.int64) if arrays else np.empty(0, np.int64), lengths)


def rows_of_ways(texts: list[list[list[int]]]) -> Rows:
    """All ways of a text one behind the other."""
    return rows_of_lists([[id for way in ways for id in way] for ways in texts])


# fasttok.


def open_ours(setup: Opened) -> Any:
    import fasttok
    from fasttok import sentencepiece

    fasttok.set_num_threads(setup.threads)
    return sentencepiece.SentencePieceProcessor(model_file=str(setup.spm))


def fasttok_arrays(setup: Opened) -> Call:
    encode = open_ours(setup).encode
    return lambda texts: encode(texts, return_type="numpy", num_threads=setup.threads)


def fasttok_lists(setup: Opened) -> Call:
    encode = open_ours(setup).encode
    return lambda texts: encode(texts, num_threads=setup.threads)


def fasttok_one(setup: Opened) -> Call:
    return open_ours(setup).encode  # type: ignore[no-any-return]


def fasttok_n_best(setup: Opened) -> Call:
    encode = open_ours(setup).nbest_encode
    return lambda texts: [encode(text, nbest_size=BEST) for text in texts]


def fasttok_sample(setup: Opened) -> Call:
    encode = open_ours(setup).encode
    return lambda texts: [encode(text, **SAMPLING) for text in texts]


def fasttok_padded(setup: Opened) -> Call:
    import fasttok

    tok = fasttok.T5Tokenizer(setup.spm, extra_ids=0)
    return lambda texts: tok(texts, **WITH_TYPES)


# sentencepiece.


def open_sentencepiece(setup: Opened) -> Any:
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(setup.spm))


def sentencepiece_arrays(setup: Opened) -> Call:
    encode = open_sentencepiece(setup).encode
    return lambda texts: encode(texts, return_type="numpy", num_threads=setup.threads)


def sentencepiece_lists(setup: Opened) -> Call:
    encode = open_sentencepiece(setup).encode
    return lambda texts: encode(texts, num_threads=setup.threads)


def sentencepiece_one(setup: Opened) -> Call:
    return open_sentencepiece(setup).encode  # type: ignore[no-any-return]


def sentencepiece_n_best(setup: Opened) -> Call:
    encode = open_sentencepiece(setup).nbest_encode
    return lambda texts: [encode(text, nbest_size=BEST) for text in texts]


def sentencepiece_sample(setup: Opened) -> Call:
    encode = open_sentencepiece(setup).encode
    return lambda texts: [encode(text, **SAMPLING) for text in texts]


# transformers.


def transformers_padded(setup: Opened) -> Call:
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "spiece.model").write_bytes(setup.spm.read_bytes())
        tok = transformers.T5Tokenizer.from_pretrained(folder, extra_ids=0)
    return lambda texts: tok(texts, **WITH_TYPES)


# kitoken and gigatoken, from the `.model`.


def kitoken_of_model(setup: Opened) -> Call:
    import kitoken

    encode = kitoken.Kitoken.from_sentencepiece_file(str(setup.spm)).encode_all
    return lambda texts: encode(texts, False)


def kitoken_one(setup: Opened) -> Call:
    import kitoken

    encode = kitoken.Kitoken.from_sentencepiece_file(str(setup.spm)).encode
    return lambda text: encode(text, False)


def kitoken_of_json(setup: Opened) -> Call:
    import kitoken

    encode = kitoken.Kitoken.from_tokenizers_file(str(setup.json)).encode_all
    return lambda texts: encode(texts, True)


def open_gigatoken(setup: Opened) -> Any:
    import gigatoken

    if setup.model.kind == "sentencepiece":
        return gigatoken.Tokenizer.from_sentencepiece(str(setup.spm))
    return gigatoken.Tokenizer(str(setup.json))


def gigatoken_batch(setup: Opened) -> Call:
    encode, parallel = open_gigatoken(setup).encode_batch, setup.threads > 1
    return lambda texts: encode(texts, parallel=parallel)


def gigatoken_lists(setup: Opened) -> Call:
    encode, parallel = open_gigatoken(setup).encode_batch_list, setup.threads > 1
    return lambda texts: encode(texts, parallel=parallel)


def gigatoken_file(setup: Opened) -> Call:
    """From the name of a file to the ids of its lines."""
    from gigatoken import TextFileSource

    encode, parallel = open_gigatoken(setup).encode_files, setup.threads > 1
    return lambda path: encode(TextFileSource([path], separator="\n"), parallel=parallel)


# Loading a `.model`, up to a call from one text to ids.


def load_ours(setup: Opened) -> Call:
    from fasttok import sentencepiece  # noqa: F401  # imports are not counted

    return lambda: open_ours(setup).encode


def load_tokenizer(setup: Opened) -> Call:
    import fasttok  # noqa: F401

    return lambda: open_fasttok(setup).encode_ids


def load_sentencepiece(setup: Opened) -> Call:
    import sentencepiece  # noqa: F401

    return lambda: open_sentencepiece(setup).encode


def load_kitoken(setup: Opened) -> Call:
    import kitoken  # noqa: F401

    return lambda: kitoken_one(setup)


def load_gigatoken(setup: Opened) -> Call:
    import gigatoken  # noqa: F401

    if setup.model is not SPM["llama2"]:
        raise Missing("takes models of BPE only")
    return lambda: open_gigatoken(setup).encode


def tokenizers_plain(setup: Opened) -> Call:
    """Without the special tokens of a post-processor, of which the file has none."""
    return open_tokenizers(setup).encode_batch_fast  # type: ignore[no-any-return]

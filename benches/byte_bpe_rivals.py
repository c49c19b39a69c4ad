"""Who beside those of rivals.py has byte-level BPE, and how each is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from outputs import Rows
from rivals import (
    Call,
    Missing,
    Opened,
    from_buffers,
    open_fasttok,
    open_splintr,
    open_tokenizers,
    open_tokie,
)

# fasttok.


def fasttok_encoding(setup: Opened) -> Any:
    from fasttok import tiktoken
    from fasttok.tiktoken.load import load_tiktoken_bpe

    return tiktoken.Encoding(
        setup.model.name,
        pat_str=setup.model.pattern,
        mergeable_ranks=load_tiktoken_bpe(str(setup.ranks)),
        special_tokens={},
    )


def fasttok_lists(setup: Opened) -> Call:
    encode = fasttok_encoding(setup).encode_ordinary_batch
    return lambda texts: encode(texts, num_threads=setup.threads)


def fasttok_flat_lists(setup: Opened) -> Call:
    encode = open_fasttok(setup).encode_batch_flat
    return lambda texts: encode(texts, num_threads=setup.threads).to_lists()


def fasttok_ordinary(setup: Opened) -> Call:
    return fasttok_encoding(setup).encode_ordinary  # type: ignore[no-any-return]


def fasttok_array_of_one(setup: Opened) -> Call:
    return fasttok_encoding(setup).encode_to_numpy  # type: ignore[no-any-return]


# tiktoken: arrays are not quicker to have than lists.


def tiktoken_encoding(setup: Opened) -> Any:
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    return tiktoken.Encoding(
        setup.model.name,
        pat_str=setup.model.pattern,
        mergeable_ranks=load_tiktoken_bpe(str(setup.ranks)),
        special_tokens={},
    )


def tiktoken_lists(setup: Opened) -> Call:
    encode = tiktoken_encoding(setup).encode_ordinary_batch
    return lambda texts: encode(texts, num_threads=setup.threads)


def tiktoken_ordinary(setup: Opened) -> Call:
    return tiktoken_encoding(setup).encode_ordinary  # type: ignore[no-any-return]


# gigatoken. parallel=False is its way to keep to the calling thread.


def open_gigatoken(setup: Opened) -> Any:
    import gigatoken

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


def gigatoken_one(setup: Opened) -> Call:
    return open_gigatoken(setup).encode  # type: ignore[no-any-return]


def rows_of_awkward(array: Any) -> Rows:
    import awkward

    ids = awkward.to_numpy(awkward.flatten(array, axis=1))
    return Rows(ids.astype(np.int64), awkward.to_numpy(awkward.num(array, axis=1)).astype(np.int64))


# fastokens.


def open_fastokens(setup: Opened) -> Any:
    import fastokens

    return fastokens.Tokenizer.from_file(str(setup.json))


def fastokens_flat(setup: Opened) -> Call:
    return from_buffers(open_fastokens(setup).encode_batch_flat)


def fastokens_lists(setup: Opened) -> Call:
    encode = open_fastokens(setup).encode_batch
    return lambda texts: [e.ids for e in encode(texts)]


def fastokens_one(setup: Opened) -> Call:
    encode = open_fastokens(setup).encode
    return lambda text: encode(text).ids


# rs-bpe: OpenAI's two vocabularies, compiled into it.


def open_rs_bpe(setup: Opened) -> Any:
    from rs_bpe import openai

    try:
        return {"cl100k": openai.cl100k_base, "o200k": openai.o200k_base}[setup.model.name]()
    except KeyError:
        raise Missing(f"has no {setup.model.name}") from None


def rs_bpe_lists(setup: Opened) -> Call:
    encode = open_rs_bpe(setup).encode
    return lambda texts: [encode(text) for text in texts]


def rs_bpe_one(setup: Opened) -> Call:
    return open_rs_bpe(setup).encode  # type: ignore[no-any-return]


# Decoding, from ids in a list or an array.


def fasttok_decode_bytes(setup: Opened) -> Call:
    return fasttok_encoding(setup).decode_bytes  # type: ignore[no-any-return]


def fasttok_decode(setup: Opened) -> Call:
    return fasttok_encoding(setup).decode  # type: ignore[no-any-return]


def tiktoken_decode_bytes(setup: Opened) -> Call:
    return tiktoken_encoding(setup).decode_bytes  # type: ignore[no-any-return]


def tiktoken_decode(setup: Opened) -> Call:
    return tiktoken_encoding(setup).decode  # type: ignore[no-any-return]


def gigatoken_decode(setup: Opened) -> Call:
    return open_gigatoken(setup).decode  # type: ignore[no-any-return]


def tokie_decode(setup: Opened) -> Call:
    return open_tokie(setup).decode  # type: ignore[no-any-return]


def splintr_decode(setup: Opened) -> Call:
    return open_splintr(setup).decode  # type: ignore[no-any-return]


def fastokens_decode(setup: Opened) -> Call:
    return open_fastokens(setup).decode  # type: ignore[no-any-return]


def tokenizers_decode(setup: Opened) -> Call:
    return open_tokenizers(setup).decode  # type: ignore[no-any-return]


def rs_bpe_decode(setup: Opened) -> Call:
    return open_rs_bpe(setup).decode  # type: ignore[no-any-return]


# Loading a rank file, up to a call from one text to ids.


def load_fasttok(setup: Opened) -> Call:
    from fasttok import tiktoken  # noqa: F401  # imports are not counted

    return lambda: fasttok_encoding(setup).encode_ordinary


def load_tiktoken(setup: Opened) -> Call:
    import tiktoken.load  # noqa: F401

    return lambda: tiktoken_encoding(setup).encode_ordinary


def load_gigatoken(setup: Opened) -> Call:
    import gigatoken

    name = {"gpt2": "gpt2"}.get(setup.model.name, "gpt4")
    path = str(setup.ranks)
    return lambda: gigatoken.Tokenizer.from_tiktoken(path, name, {}).encode


def load_splintr(setup: Opened) -> Call:
    import splintr

    path, pattern = Path(setup.ranks), setup.model.pattern
    return lambda: splintr.Tokenizer.from_bytes(path.read_bytes(), pattern).encode


def load_fastokens(setup: Opened) -> Call:
    import fastokens

    path, pattern = str(setup.ranks), setup.model.pattern

    def load() -> Call:
        encode = fastokens.Tokenizer.from_tiktoken(path, pattern).encode
        return lambda text: encode(text).ids

    return load

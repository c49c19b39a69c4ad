"""Who is measured and how each is called: as its own README calls it for speed.

A contender opens a model and gives a function from a list of str to whatever that library returns. `rows`
brings every output of one shape to one form, so that they can be compared: all ids in one array, and the
length of each row. Libraries are imported when a contender is opened, so that a cold run loads only its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cases import Model

MAX_LENGTH = 128

Call = Callable[[list[str]], Any]


class Rows(NamedTuple):
    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Opened:
    """A model, the same as tokenizer.json, and the number of threads that each library is told."""

    model: Model
    json: Path
    threads: int


@dataclass(frozen=True)
class Contender:
    name: str
    call: str
    open: Callable[[Opened], Call]
    rows: Callable[[Any], Rows]
    prefix: int | None = (
        None  # slow ones are timed on so many bytes of the corpus; ids are compared on all of it
    )
    reference: bool = False  # its ids are what the others are compared with
    compare: bool = True


# Output forms.


def rows_of_lists(lists: list[list[int]]) -> Rows:
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    flat = (i for row in lists for i in row)
    return Rows(np.fromiter(flat, np.int64, int(lengths.sum())), lengths)


def rows_of_encodings(encodings: list[Any]) -> Rows:
    return rows_of_lists([e.ids for e in encodings])


def rows_of_offsets(encodings: list[Any]) -> Rows:
    """id, start, end of each token: a row is three times as long as its ids."""
    return rows_of_lists(
        [[v for i, o in zip(e.ids, e.offsets, strict=True) for v in (i, *o)] for e in encodings]
    )


def rows_of_matrices(encoded: Any) -> Rows:
    """Ids, mask and type ids side by side; each row is three times max_length."""
    names = ("input_ids", "attention_mask", "token_type_ids")
    wide = np.concatenate([np.asarray(encoded[name]) for name in names], axis=1)
    return Rows(wide.ravel().astype(np.int64), np.full(len(wide), wide.shape[1], np.int64))


def wrong_rows(expected: Rows, got: Rows) -> int:
    if len(expected.lengths) != len(got.lengths):
        return len(expected.lengths)
    if np.array_equal(expected.lengths, got.lengths):
        if np.array_equal(expected.ids, got.ids):
            return 0
        row_of = np.repeat(np.arange(len(expected.lengths)), expected.lengths)
        return len(np.unique(row_of[expected.ids != got.ids]))
    wrong = 0
    starts = np.concatenate([[0], np.cumsum(expected.lengths)])
    others = np.concatenate([[0], np.cumsum(got.lengths)])
    for i in range(len(expected.lengths)):
        mine = expected.ids[starts[i] : starts[i + 1]]
        wrong += not np.array_equal(mine, got.ids[others[i] : others[i + 1]])
    return wrong


# fasttok.


def open_fasttok(setup: Opened) -> Any:
    import fasttok

    fasttok.set_num_threads(setup.threads)
    tok = fasttok.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)
    assert tok.backend_tokenizer.engine == "bert"  # compiles the core now, as the rivals do when they load
    return tok


def fasttok_flat(setup: Opened, **options: Any) -> Call:
    encode = open_fasttok(setup).backend_tokenizer.encode_batch_flat
    return lambda texts: encode(texts, num_threads=setup.threads, **options)


def fasttok_lists(setup: Opened) -> Call:
    tok = open_fasttok(setup)
    return lambda texts: tok(texts, return_attention_mask=False, return_token_type_ids=False)["input_ids"]


def fasttok_padded(setup: Opened) -> Call:
    tok = open_fasttok(setup)
    return lambda texts: tok(
        texts, padding="max_length", truncation=True, max_length=MAX_LENGTH, return_tensors="np"
    )


def rows_of_token_batch(batch: Any) -> Rows:
    return Rows(batch.ids.astype(np.int64), np.diff(batch.row_offsets))


def rows_of_token_batch_offsets(batch: Any) -> Rows:
    wide = np.concatenate([batch.ids[:, None], batch.offsets], axis=1).astype(np.int64)
    return Rows(wide.ravel(), 3 * np.diff(batch.row_offsets))


# tokie. Its stub does not list encode_batch_flat; help() does.


def open_tokie(setup: Opened) -> Any:
    import tokie

    return tokie.Tokenizer.from_json(str(setup.json))


def tokie_flat(setup: Opened) -> Call:
    return open_tokie(setup).encode_batch_flat  # type: ignore[no-any-return]


def tokie_lists(setup: Opened) -> Call:
    encode = open_tokie(setup).encode_batch
    return lambda texts: [e.ids for e in encode(texts)]


def tokie_flat_lists(setup: Opened) -> Call:
    encode = open_tokie(setup).encode_batch_flat

    def call(texts: list[str]) -> list[list[int]]:
        ids, lengths = encode(texts)
        flat, out, start = ids.tolist(), [], 0
        for length in lengths.tolist():
            out.append(flat[start : start + length])
            start += length
        return out

    return call


def rows_of_tokie(output: Any) -> Rows:
    ids, lengths = output
    return Rows(ids.astype(np.int64), lengths.astype(np.int64))


# nanotoken. parallel=False is its way to keep to the calling thread.


def open_nanotoken(setup: Opened) -> Any:
    import nanotoken

    return nanotoken.Tokenizer(str(setup.json))


def nanotoken_flat(setup: Opened) -> Call:
    encode, parallel = open_nanotoken(setup).encode_batch, setup.threads > 1
    return lambda texts: encode(texts, parallel=parallel)


def nanotoken_lists(setup: Opened) -> Call:
    encode, parallel = open_nanotoken(setup).encode_batch_list, setup.threads > 1
    return lambda texts: encode(texts, parallel=parallel)


def nanotoken_flat_lists(setup: Opened) -> Call:
    encode, parallel = open_nanotoken(setup).encode_batch, setup.threads > 1
    return lambda texts: encode(texts, parallel=parallel).to_list()


def nanotoken_padded(setup: Opened) -> Call:
    encode, parallel = open_nanotoken(setup).encode_batch_padded, setup.threads > 1
    return lambda texts: encode(texts, max_length=MAX_LENGTH, padding="max_length", parallel=parallel)


def rows_of_ragged(ragged: Any) -> Rows:
    return Rows(ragged.ids.astype(np.int64), np.diff(ragged.offsets))


# tokenizers and transformers, the references.


def open_tokenizers(setup: Opened) -> Any:
    import tokenizers

    return tokenizers.Tokenizer.from_file(str(setup.json))


def tokenizers_fast(setup: Opened) -> Call:
    return open_tokenizers(setup).encode_batch_fast  # type: ignore[no-any-return]


def tokenizers_batch(setup: Opened) -> Call:
    return open_tokenizers(setup).encode_batch  # type: ignore[no-any-return]


def tokenizers_lists(setup: Opened) -> Call:
    encode = open_tokenizers(setup).encode_batch_fast
    return lambda texts: [e.ids for e in encode(texts)]


def open_transformers(setup: Opened) -> Any:
    import transformers

    return transformers.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)


def transformers_lists(setup: Opened) -> Call:
    tok = open_transformers(setup)
    return lambda texts: tok(texts, return_attention_mask=False, return_token_type_ids=False)["input_ids"]


def transformers_padded(setup: Opened) -> Call:
    tok = open_transformers(setup)
    return lambda texts: tok(
        texts, padding="max_length", truncation=True, max_length=MAX_LENGTH, return_tensors="np"
    )


OURS = "fasttok"
SLOW = 2_000_000
SLOWER = 1_000_000
FLAT = "encode_batch_flat(texts)"
PADDED = f'padding="max_length", truncation=True, max_length={MAX_LENGTH}, return_tensors="np"'
NO_MASKS = "return_attention_mask=False, return_token_type_ids=False"

# In each list the first is ours. The first reference of a list decides which ids are right.
CONTENDERS: dict[str, list[Contender]] = {
    "flat": [
        Contender(OURS, "encode_batch_flat(texts, num_threads=1)", fasttok_flat, rows_of_token_batch),
        Contender("tokie", FLAT, tokie_flat, rows_of_tokie),
        Contender("nanotoken", "encode_batch(texts, parallel=False)", nanotoken_flat, rows_of_ragged),
        Contender(
            "tokenizers", "encode_batch_fast(texts)", tokenizers_fast, rows_of_encodings, SLOW, reference=True
        ),
        Contender(
            "tokenizers encode_batch", "encode_batch(texts)", tokenizers_batch, rows_of_encodings, SLOW
        ),
    ],
    "lists": [
        Contender(OURS, f'tok(texts, {NO_MASKS})["input_ids"]', fasttok_lists, rows_of_lists),
        Contender("tokie", "[e.ids for e in encode_batch(texts)]", tokie_lists, rows_of_lists),
        Contender("tokie, lists from arrays", f"{FLAT}, tolist, slices", tokie_flat_lists, rows_of_lists),
        Contender("nanotoken", "encode_batch_list(texts, parallel=False)", nanotoken_lists, rows_of_lists),
        Contender(
            "nanotoken, lists from arrays",
            "encode_batch(texts, parallel=False).to_list()",
            nanotoken_flat_lists,
            rows_of_lists,
        ),
        Contender(
            "tokenizers",
            "[e.ids for e in encode_batch_fast(texts)]",
            tokenizers_lists,
            rows_of_lists,
            SLOW,
            reference=True,
        ),
        Contender(
            "transformers", f'tok(texts, {NO_MASKS})["input_ids"]', transformers_lists, rows_of_lists, SLOWER
        ),
    ],
    "padded": [
        Contender(OURS, f"tok(texts, {PADDED})", fasttok_padded, rows_of_matrices),
        Contender(
            "nanotoken",
            f'encode_batch_padded(texts, max_length={MAX_LENGTH}, padding="max_length", parallel=False)',
            nanotoken_padded,
            rows_of_matrices,
        ),
        Contender(
            "transformers",
            f"tok(texts, {PADDED})",
            transformers_padded,
            rows_of_matrices,
            SLOWER,
            reference=True,
        ),
    ],
    "offsets": [
        Contender(
            OURS,
            'encode_batch_flat(texts, num_threads=1, offsets="char")',
            lambda setup: fasttok_flat(setup, offsets="char"),
            rows_of_token_batch_offsets,
        ),
        Contender(
            f"{OURS} without offsets",
            "encode_batch_flat(texts, num_threads=1)",
            fasttok_flat,
            rows_of_token_batch,
            compare=False,  # done in the flat cases
        ),
        Contender(
            "tokenizers", "encode_batch(texts)", tokenizers_batch, rows_of_offsets, SLOW, reference=True
        ),
    ],
}

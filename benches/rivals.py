"""Who is measured and how each is called: as its own README calls it for speed.

Each function here opens a model and gives a function from a list of str (or, where its name says so, from one
str) to whatever that library returns. Libraries are imported when they are opened, so that a cold run loads
only its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import files
from corpora import Model
from outputs import Rows

MAX_LENGTH = 128
NO_MASKS: dict[str, Any] = {"return_attention_mask": False, "return_token_type_ids": False}
PADDED: dict[str, Any] = {
    "padding": "max_length",
    "truncation": True,
    "max_length": MAX_LENGTH,
    "return_tensors": "np",
}
UNCUT = 2**30

Call = Callable[..., Any]


class Missing(Exception):
    """This rival cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Opened:
    """A model, the folder of its files, and the number of threads that each library is told."""

    model: Model
    folder: Path
    threads: int

    @property
    def json(self) -> Path:
        return files.json_of(self.model, self.folder)

    @property
    def ranks(self) -> Path:
        return files.ranks_of(self.model, self.folder)

    @property
    def spm(self) -> Path:
        return files.spm_of(self.model, self.folder)

    @property
    def vocab(self) -> Path:
        """The file of the vocabulary, of a model that has one."""
        assert self.model.vocab is not None
        return self.model.vocab

    def id_of(self, token: str) -> int:
        return self.vocab.read_text(encoding="utf-8").split("\n").index(token)


# fasttok.


def open_bert(setup: Opened) -> Any:
    import fasttok

    fasttok.set_num_threads(setup.threads)
    tok = fasttok.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)
    assert tok.backend_tokenizer.engine == "bert"  # compiles the core now, as the rivals do when they load
    return tok


def open_fasttok(setup: Opened) -> Any:
    import fasttok

    if setup.model.kind == "wordpiece":
        return open_bert(setup).backend_tokenizer
    fasttok.set_num_threads(setup.threads)
    tok = fasttok.Tokenizer.from_file(setup.spm if setup.model.kind == "sentencepiece" else setup.json)
    # Compiles the core, and imports what arrays take, now, as the rivals do when they load.
    tok.encode_batch_flat([""])
    assert setup.model.kind != "byte_bpe" or tok.engine == "byte_bpe"
    return tok


def fasttok_flat(setup: Opened, **options: Any) -> Call:
    encode = open_fasttok(setup).encode_batch_flat
    return lambda texts: encode(texts, num_threads=setup.threads, **options)


def fasttok_lists(setup: Opened) -> Call:
    tok = open_bert(setup)
    return lambda texts: tok(texts, **NO_MASKS)["input_ids"]


def fasttok_padded(setup: Opened) -> Call:
    tok = open_bert(setup)
    return lambda texts: tok(texts, **PADDED)


def fasttok_encodings(setup: Opened) -> Call:
    return open_fasttok(setup).encode_batch  # type: ignore[no-any-return]


def fasttok_ids_of_one(setup: Opened) -> Call:
    return open_fasttok(setup).encode_ids  # type: ignore[no-any-return]


def fasttok_encoding_of_one(setup: Opened) -> Call:
    encode = open_fasttok(setup).encode
    return lambda text: encode(text).ids


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


def tokie_ids_of_one(setup: Opened) -> Call:
    encode = open_tokie(setup).encode
    return lambda text: encode(text).ids


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


def nanotoken_one(setup: Opened) -> Call:
    return open_nanotoken(setup).encode  # type: ignore[no-any-return]


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


def tokenizers_ids_of_one(setup: Opened) -> Call:
    encode = open_tokenizers(setup).encode
    return lambda text: encode(text).ids


def open_transformers(setup: Opened) -> Any:
    import transformers

    return transformers.BertTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)


def transformers_lists(setup: Opened) -> Call:
    tok = open_transformers(setup)
    return lambda texts: tok(texts, **NO_MASKS)["input_ids"]


def transformers_padded(setup: Opened) -> Call:
    tok = open_transformers(setup)
    return lambda texts: tok(texts, **PADDED)


# tokenizers 1.0, a rewrite with another API: in an environment of its own (runners.py).


def tokenizers1_arrays(setup: Opened) -> Call:
    encode = open_tokenizers(setup).encode_batch
    return lambda texts: [e.ids_array for e in encode(texts)]


def tokenizers_batch_lists(setup: Opened) -> Call:
    encode = open_tokenizers(setup).encode_batch
    return lambda texts: [e.ids for e in encode(texts)]


# splintr (splintr-rs). Flat arrays are what its help() recommends for speed.


def open_splintr(setup: Opened) -> Any:
    import splintr

    return splintr.from_json(str(setup.json))


def from_buffers(encode: Call) -> Call:
    """Arrays from bytes of ids and of where the rows begin."""

    def call(texts: list[str]) -> Any:
        ids, row_offsets = encode(texts)
        return np.frombuffer(ids, np.uint32), np.frombuffer(row_offsets, np.uint64)

    return call


def splintr_flat(setup: Opened) -> Call:
    return from_buffers(open_splintr(setup).encode_batch_flat)


def splintr_lists(setup: Opened) -> Call:
    return open_splintr(setup).encode_batch  # type: ignore[no-any-return]


def splintr_one(setup: Opened) -> Call:
    """A list: quicker to have for a short text than np.frombuffer(encode_flat(text))."""
    return open_splintr(setup).encode  # type: ignore[no-any-return]


def rows_of_splintr(output: Any) -> Rows:
    ids, row_offsets = output
    return Rows(ids.astype(np.int64), np.diff(row_offsets.astype(np.int64)))


# flash-tokenizer. Its Python class adds masks; the core below it gives the ids alone.


def open_flash(setup: Opened) -> Any:
    import flash_tokenizer

    return flash_tokenizer.BertTokenizerFlash(
        str(setup.model.vocab), do_lower_case=setup.model.lowercase, model_max_length=UNCUT
    ).tokenizer


def flash_lists(setup: Opened) -> Call:
    encode, parallel = open_flash(setup).encode, setup.threads > 1
    assert not parallel  # batch_encode pads; without threads its README's loop over encode is as quick
    return lambda texts: [encode(text, "longest", UNCUT) for text in texts]


def flash_one(setup: Opened) -> Call:
    encode = open_flash(setup).encode
    return lambda text: encode(text, "longest", UNCUT)


# BlingFire: one text a call, its own compiled copies of a few vocabularies, no [CLS] and [SEP]. A text gives
# at most one id a character.


def blingfire_arrays(setup: Opened) -> Call:
    import blingfire

    name = {"bert-base-chinese": "bert_chinese", "bert-base-uncased": "bert_base_tok"}.get(setup.model.name)
    if name is None:
        raise Missing(f"has no {setup.model.name}")
    model = blingfire.load_model(str(Path(blingfire.__file__).parent / f"{name}.bin"))
    unk, encode = setup.id_of("[UNK]"), blingfire.text_to_ids
    return lambda texts: [encode(model, text, len(text) + 1, unk, True) for text in texts]


# kitoken: exact, but without the post-processor.


def kitoken_lists(setup: Opened) -> Call:
    import kitoken

    encode = kitoken.Kitoken.from_tokenizers_file(str(setup.json)).encode_all
    return lambda texts: encode(texts, True)


# easytokenizer, not on PyPI: github.com/zejunwang1/easytokenizer.


def easytokenizer_lists(setup: Opened) -> Call:
    from easytokenizer import AutoTokenizer

    tok = AutoTokenizer(str(setup.model.vocab), do_lower_case=setup.model.lowercase)

    def call(texts: list[str]) -> Any:
        output = tok.encode(texts, num_threads=setup.threads, padding=False, truncation=False)
        # A tuple of lists in older versions, a map of vectors in newer ones.
        return output[0] if isinstance(output, tuple) else output["input_ids"]

    return call

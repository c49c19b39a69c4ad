"""The contenders of SentencePiece's vocabularies, by kind of model and of case."""

import byte_bpe_rivals as bpe
import outputs
import rivals
import sentencepiece_rivals as spm
from contender import OURS, SLOW, SLOWER, TOKENIZERS1, Contender

NUMPY = 'encode(texts, return_type="numpy", num_threads=1)'
FLAT = "encode_batch_flat(texts, num_threads=1)"
PADDED = 'padding="max_length", truncation=True, max_length=128, return_tensors="np"'
SAMPLE = "encode(t, enable_sampling=True, nbest_size=-1, alpha=0.1)"

ours_flat = Contender(OURS, FLAT, rivals.fasttok_flat, rivals.rows_of_token_batch)
gigatoken_batch = Contender(
    "gigatoken", "encode_batch(texts, parallel=False)", spm.gigatoken_batch, bpe.rows_of_awkward
)
gigatoken_file = Contender(
    "gigatoken, from a file",
    'encode_files(TextFileSource([path], separator="\\n"), parallel=False)',
    spm.gigatoken_file,
    bpe.rows_of_awkward,
    whole_file=True,
)

# A `.model`; the reference is sentencepiece.
OF_MODEL: dict[str, list[Contender]] = {
    "flat": [
        ours_flat,
        Contender(f"{OURS} sentencepiece", NUMPY, spm.fasttok_arrays, spm.rows_of_arrays),
        gigatoken_batch,
        gigatoken_file,
        Contender("kitoken", "encode_all(texts, False)", spm.kitoken_of_model, outputs.rows_of_lists, SLOW),
        Contender(
            "sentencepiece", NUMPY, spm.sentencepiece_arrays, spm.rows_of_arrays, 8_000_000, reference=True
        ),
    ],
    "lists": [
        Contender(
            OURS, "sentencepiece: encode(texts, num_threads=1)", spm.fasttok_lists, outputs.rows_of_lists
        ),
        Contender(
            "gigatoken",
            "encode_batch_list(texts, parallel=False)",
            spm.gigatoken_lists,
            outputs.rows_of_lists,
        ),
        Contender("kitoken", "encode_all(texts, False)", spm.kitoken_of_model, outputs.rows_of_lists, SLOW),
        Contender(
            "sentencepiece",
            "encode(texts, num_threads=1)",
            spm.sentencepiece_lists,
            outputs.rows_of_lists,
            8_000_000,
            reference=True,
        ),
    ],
    "one": [
        Contender(OURS, "encode_ids(text)", rivals.fasttok_ids_of_one, outputs.rows_of_lists),
        Contender(
            f"{OURS} sentencepiece", "sentencepiece: encode(text)", spm.fasttok_one, outputs.rows_of_lists
        ),
        Contender("kitoken", "encode(text, False)", spm.kitoken_one, outputs.rows_of_lists, SLOW),
        Contender(
            "sentencepiece",
            "encode(text)",
            spm.sentencepiece_one,
            outputs.rows_of_lists,
            SLOW,
            reference=True,
        ),
    ],
    "n_best": [
        Contender(
            OURS, "[nbest_encode(t, nbest_size=10) for t in texts]", spm.fasttok_n_best, spm.rows_of_ways
        ),
        Contender(
            "sentencepiece",
            "[nbest_encode(t, nbest_size=10) for t in texts]",
            spm.sentencepiece_n_best,
            spm.rows_of_ways,
            reference=True,
        ),
    ],
    "sample": [  # random: nothing to compare
        Contender(
            OURS, f"[{SAMPLE} for t in texts]", spm.fasttok_sample, outputs.rows_of_lists, compare=False
        ),
        Contender(
            "sentencepiece",
            f"[{SAMPLE} for t in texts]",
            spm.sentencepiece_sample,
            outputs.rows_of_lists,
            reference=True,
        ),
    ],
    "model_file": [
        Contender(OURS, "SentencePieceProcessor(model_file=path)", spm.load_ours, outputs.rows_of_lists),
        Contender(
            f"{OURS} Tokenizer", "Tokenizer.from_file(path)", spm.load_tokenizer, outputs.rows_of_lists
        ),
        Contender("kitoken", "from_sentencepiece_file(path)", spm.load_kitoken, outputs.rows_of_lists),
        Contender("gigatoken", "from_sentencepiece(path)", spm.load_gigatoken, outputs.rows_of_lists),
        Contender(
            "sentencepiece",
            "SentencePieceProcessor(model_file=path)",
            spm.load_sentencepiece,
            outputs.rows_of_lists,
            reference=True,
        ),
    ],
}

# A tokenizer.json; the reference is tokenizers.
OF_JSON: dict[str, list[Contender]] = {
    "flat": [
        ours_flat,
        gigatoken_batch,
        gigatoken_file,
        Contender("tokie", "encode_batch_flat(texts)", rivals.tokie_flat, rivals.rows_of_tokie),
        Contender(
            "splintr", "encode_batch_flat(texts), np.frombuffer", rivals.splintr_flat, rivals.rows_of_splintr
        ),
        Contender("kitoken", "encode_all(texts, True)", spm.kitoken_of_json, outputs.rows_of_lists, SLOW),
        Contender(
            "tokenizers 1.0.0rc3",
            "[e.ids_array for e in encode_batch(texts)]",
            rivals.tokenizers1_arrays,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender(
            "tokenizers",
            "encode_batch_fast(texts)",
            spm.tokenizers_plain,
            outputs.rows_of_encodings,
            SLOW,
            reference=True,
        ),
    ],
    "offsets": [
        Contender(
            OURS,
            'encode_batch_flat(texts, num_threads=1, offsets="char")',
            lambda setup: rivals.fasttok_flat(setup, offsets="char"),
            rivals.rows_of_token_batch_offsets,
        ),
        Contender(
            f"{OURS} without offsets",
            FLAT,
            rivals.fasttok_flat,
            rivals.rows_of_token_batch,
            compare=False,  # done in the flat cases
        ),
        Contender(
            "tokenizers",
            "encode_batch(texts)",
            rivals.tokenizers_batch,
            outputs.rows_of_offsets,
            SLOWER,
            reference=True,
        ),
    ],
    "one": [
        Contender(OURS, "encode_ids(text)", rivals.fasttok_ids_of_one, outputs.rows_of_lists),
        Contender("tokie", "encode(text).ids", rivals.tokie_ids_of_one, outputs.rows_of_lists),
        Contender("splintr", "encode(text)", rivals.splintr_one, outputs.rows_of_lists),
        Contender(  # of a text in some thousands it makes something else (docs/sentencepiece.md)
            "sentencepiece, the .model",
            "encode(text)",
            spm.sentencepiece_one,
            outputs.rows_of_lists,
            SLOW,
            compare=False,
        ),
        Contender(
            "tokenizers",
            "encode(text).ids",
            rivals.tokenizers_ids_of_one,
            outputs.rows_of_lists,
            SLOW,
            reference=True,
        ),
    ],
    "padded": [
        Contender(OURS, f"tok(texts, {PADDED})", spm.fasttok_padded, outputs.rows_of_matrices),
        Contender(
            "transformers",
            f"tok(texts, {PADDED})",
            spm.transformers_padded,
            outputs.rows_of_matrices,
            SLOWER,
            reference=True,
        ),
    ],
}

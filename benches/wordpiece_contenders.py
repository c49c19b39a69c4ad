"""The contenders of WordPiece, by kind of case."""

import loading
import outputs
import rivals
from contender import OURS, SLOW, SLOWER, TOKENIZERS1, Contender
from rivals import MAX_LENGTH

FLAT = "encode_batch_flat(texts)"
PADDED = f'padding="max_length", truncation=True, max_length={MAX_LENGTH}, return_tensors="np"'
NO_MASKS = "return_attention_mask=False, return_token_type_ids=False"

tokenizers_flat = Contender(
    "tokenizers",
    "encode_batch_fast(texts)",
    rivals.tokenizers_fast,
    outputs.rows_of_encodings,
    SLOW,
    reference=True,
)
tokenizers_batch = Contender(
    "tokenizers encode_batch",
    "encode_batch(texts)",
    rivals.tokenizers_batch,
    outputs.rows_of_encodings,
    SLOW,
)

CONTENDERS: dict[str, list[Contender]] = {
    "flat": [
        Contender(
            OURS, "encode_batch_flat(texts, num_threads=1)", rivals.fasttok_flat, rivals.rows_of_token_batch
        ),
        Contender("tokie", FLAT, rivals.tokie_flat, rivals.rows_of_tokie),
        Contender(
            "nanotoken",
            "encode_batch(texts, parallel=False)",
            rivals.nanotoken_flat,
            rivals.rows_of_ragged,
        ),
        Contender("splintr", f"{FLAT}, np.frombuffer", rivals.splintr_flat, rivals.rows_of_splintr),
        Contender(
            "tokenizers 1.0.0rc3",
            "[e.ids_array for e in encode_batch(texts)]",
            rivals.tokenizers1_arrays,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender(
            "blingfire",
            "[text_to_ids(model, t, len(t) + 1, unk, True) for t in texts]",
            rivals.blingfire_arrays,
            outputs.rows_of_lists,
            SLOW,
            bare=True,
        ),
        tokenizers_flat,
        tokenizers_batch,
    ],
    "lists": [
        Contender(OURS, f'tok(texts, {NO_MASKS})["input_ids"]', rivals.fasttok_lists, outputs.rows_of_lists),
        Contender("tokie", "[e.ids for e in encode_batch(texts)]", rivals.tokie_lists, outputs.rows_of_lists),
        Contender(
            "tokie, lists from arrays",
            f"{FLAT}, tolist, slices",
            rivals.tokie_flat_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            "nanotoken",
            "encode_batch_list(texts, parallel=False)",
            rivals.nanotoken_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            "nanotoken, lists from arrays",
            "encode_batch(texts, parallel=False).to_list()",
            rivals.nanotoken_flat_lists,
            outputs.rows_of_lists,
        ),
        Contender("splintr", "encode_batch(texts)", rivals.splintr_lists, outputs.rows_of_lists),
        Contender(
            "flash-tokenizer",
            '[encode(t, "longest", 2**30) for t in texts]',
            rivals.flash_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            "tokenizers 1.0.0rc3",
            "[e.ids for e in encode_batch(texts)]",
            rivals.tokenizers_batch_lists,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender(
            "kitoken",
            "encode_all(texts, True)",
            rivals.kitoken_lists,
            outputs.rows_of_lists,
            SLOW,
            bare=True,
        ),
        Contender(
            "easytokenizer",
            "encode(texts, padding=False, truncation=False)",
            rivals.easytokenizer_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            "tokenizers",
            "[e.ids for e in encode_batch_fast(texts)]",
            rivals.tokenizers_lists,
            outputs.rows_of_lists,
            SLOW,
            reference=True,
        ),
        Contender(
            "transformers",
            f'tok(texts, {NO_MASKS})["input_ids"]',
            rivals.transformers_lists,
            outputs.rows_of_lists,
            SLOWER,
        ),
    ],
    "padded": [
        Contender(OURS, f"tok(texts, {PADDED})", rivals.fasttok_padded, outputs.rows_of_matrices),
        Contender(
            "nanotoken",
            f'encode_batch_padded(texts, max_length={MAX_LENGTH}, padding="max_length", parallel=False)',
            rivals.nanotoken_padded,
            outputs.rows_of_matrices,
        ),
        Contender(
            "transformers",
            f"tok(texts, {PADDED})",
            rivals.transformers_padded,
            outputs.rows_of_matrices,
            SLOWER,
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
            "encode_batch_flat(texts, num_threads=1)",
            rivals.fasttok_flat,
            rivals.rows_of_token_batch,
            compare=False,  # done in the flat cases
        ),
        Contender(
            "tokenizers",
            "encode_batch(texts)",
            rivals.tokenizers_batch,
            outputs.rows_of_offsets,
            SLOW,
            reference=True,
        ),
    ],
    "made": [
        Contender(OURS, "encode_batch(texts)", rivals.fasttok_encodings, outputs.rows_of_offsets),
        Contender(
            "tokenizers 1.0.0rc3",
            "encode_batch(texts)",
            rivals.tokenizers_batch,
            outputs.rows_of_encodings,
            home=TOKENIZERS1,
            compare=False,  # its Encodings have no offsets; ids are compared in the flat cases
        ),
        Contender(
            "tokenizers",
            "encode_batch(texts)",
            rivals.tokenizers_batch,
            outputs.rows_of_offsets,
            SLOW,
            reference=True,
        ),
    ],
    "read": [
        Contender(
            OURS,
            "encode_batch(texts); of each e.ids, e.offsets, then e is dropped",
            rivals.fasttok_encodings,
            outputs.rows_of_offsets,
        ),
        Contender(
            "tokenizers",
            "encode_batch(texts); of each e.ids, e.offsets, then e is dropped",
            rivals.tokenizers_batch,
            outputs.rows_of_offsets,
            SLOW,
            reference=True,
        ),
    ],
    "one": [
        # The leanest call of each that returns ids, and ours that is the reference's.
        Contender(OURS, "encode_ids(text)", rivals.fasttok_ids_of_one, outputs.rows_of_lists),
        Contender(
            f"{OURS} encode", "encode(text).ids", rivals.fasttok_encoding_of_one, outputs.rows_of_lists
        ),
        Contender("nanotoken", "encode(text)", rivals.nanotoken_one, outputs.rows_of_lists),
        Contender("tokie", "encode(text).ids", rivals.tokie_ids_of_one, outputs.rows_of_lists),
        Contender("splintr", "encode(text)", rivals.splintr_one, outputs.rows_of_lists),
        Contender(
            "flash-tokenizer", 'encode(text, "longest", 2**30)', rivals.flash_one, outputs.rows_of_lists
        ),
        Contender(
            "tokenizers 1.0.0rc3",
            "encode(text).ids",
            rivals.tokenizers_ids_of_one,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender(
            "tokenizers",
            "encode(text).ids",
            rivals.tokenizers_ids_of_one,
            outputs.rows_of_lists,
            100_000,
            reference=True,
        ),
    ],
    "vocab_file": [
        Contender(
            OURS, 'Tokenizer.from_file("vocab.txt")', loading.fasttok_vocab_file, outputs.rows_of_lists
        ),
        Contender(
            f"{OURS} BertTokenizer",
            'BertTokenizer("vocab.txt")',
            loading.fasttok_bert_tokenizer,
            outputs.rows_of_lists,
        ),
        Contender(
            "tokenizers",
            'BertWordPieceTokenizer("vocab.txt")',
            loading.tokenizers_vocab_file,
            outputs.rows_of_lists,
            reference=True,
        ),
    ],
    "json_file": [
        Contender(
            OURS, 'Tokenizer.from_file("tokenizer.json")', loading.fasttok_json_file, outputs.rows_of_lists
        ),
        Contender("tokie", "Tokenizer.from_json(path)", loading.tokie_json_file, outputs.rows_of_lists),
        Contender("nanotoken", "Tokenizer(path)", loading.nanotoken_json_file, outputs.rows_of_lists),
        Contender("splintr", "from_json(path)", loading.splintr_json_file, outputs.rows_of_lists),
        Contender(
            "tokenizers",
            'Tokenizer.from_file("tokenizer.json")',
            loading.tokenizers_json_file,
            outputs.rows_of_lists,
            reference=True,
        ),
    ],
}

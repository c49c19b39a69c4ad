"""The contenders of byte-level BPE, by kind of case."""

import byte_bpe_rivals as bpe
import outputs
import rivals
from contender import OURS, SLOW, TOKENIZERS1, Contender

MEDIUM = 8_000_000

ours_flat = Contender(
    OURS, "encode_batch_flat(texts, num_threads=1)", rivals.fasttok_flat, rivals.rows_of_token_batch
)
tiktoken_lists = Contender(
    "tiktoken",
    "encode_ordinary_batch(texts, num_threads=1)",
    bpe.tiktoken_lists,
    outputs.rows_of_lists,
    MEDIUM,
)

CONTENDERS: dict[str, list[Contender]] = {
    "flat": [
        ours_flat,
        Contender(
            "gigatoken", "encode_batch(texts, parallel=False)", bpe.gigatoken_batch, bpe.rows_of_awkward
        ),
        Contender(
            "gigatoken, from a file",
            'encode_files(TextFileSource([path], separator="\\n"), parallel=False)',
            bpe.gigatoken_file,
            bpe.rows_of_awkward,
            whole_file=True,
        ),
        Contender("tokie", "encode_batch_flat(texts)", rivals.tokie_flat, rivals.rows_of_tokie),
        Contender(
            "splintr", "encode_batch_flat(texts), np.frombuffer", rivals.splintr_flat, rivals.rows_of_splintr
        ),
        Contender(
            "fastokens", "encode_batch_flat(texts), np.frombuffer", bpe.fastokens_flat, rivals.rows_of_splintr
        ),
        Contender("rs-bpe", "[encode(t) for t in texts]", bpe.rs_bpe_lists, outputs.rows_of_lists, MEDIUM),
        Contender(
            "tokenizers 1.0.0rc3",
            "[e.ids_array for e in encode_batch(texts)]",
            rivals.tokenizers1_arrays,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        tiktoken_lists,
        Contender(
            "tokenizers",
            "encode_batch_fast(texts)",
            rivals.tokenizers_fast,
            outputs.rows_of_encodings,
            SLOW,
            reference=True,
        ),
    ],
    "lists": [
        Contender(
            OURS,
            "tiktoken: encode_ordinary_batch(texts, num_threads=1)",
            bpe.fasttok_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            f"{OURS} to_lists",
            "encode_batch_flat(texts, num_threads=1).to_lists()",
            bpe.fasttok_flat_lists,
            outputs.rows_of_lists,
        ),
        Contender(
            "gigatoken",
            "encode_batch_list(texts, parallel=False)",
            bpe.gigatoken_lists,
            outputs.rows_of_lists,
        ),
        Contender("tokie", "[e.ids for e in encode_batch(texts)]", rivals.tokie_lists, outputs.rows_of_lists),
        Contender("splintr", "encode_batch(texts)", rivals.splintr_lists, outputs.rows_of_lists),
        Contender(
            "fastokens", "[e.ids for e in encode_batch(texts)]", bpe.fastokens_lists, outputs.rows_of_lists
        ),
        Contender("rs-bpe", "[encode(t) for t in texts]", bpe.rs_bpe_lists, outputs.rows_of_lists, MEDIUM),
        Contender(
            "tokenizers 1.0.0rc3",
            "[e.ids for e in encode_batch(texts)]",
            rivals.tokenizers_batch_lists,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender(
            "tiktoken",
            "encode_ordinary_batch(texts, num_threads=1)",
            bpe.tiktoken_lists,
            outputs.rows_of_lists,
            MEDIUM,
            reference=True,
        ),
    ],
    "one": [
        Contender(OURS, "encode_ids(text)", rivals.fasttok_ids_of_one, outputs.rows_of_lists),
        Contender(
            f"{OURS} tiktoken", "tiktoken: encode_ordinary(text)", bpe.fasttok_ordinary, outputs.rows_of_lists
        ),
        # As gigatoken: an array.
        Contender(
            f"{OURS} array",
            "tiktoken: encode_to_numpy(text)",
            bpe.fasttok_array_of_one,
            outputs.rows_of_lists,
        ),
        Contender(
            f"{OURS} encode", "encode(text).ids", rivals.fasttok_encoding_of_one, outputs.rows_of_lists
        ),
        Contender("gigatoken", "encode(text)", bpe.gigatoken_one, outputs.rows_of_lists),
        Contender("tokie", "encode(text).ids", rivals.tokie_ids_of_one, outputs.rows_of_lists),
        Contender("splintr", "encode(text)", rivals.splintr_one, outputs.rows_of_lists),
        Contender("fastokens", "encode(text).ids", bpe.fastokens_one, outputs.rows_of_lists),
        Contender("rs-bpe", "encode(text)", bpe.rs_bpe_one, outputs.rows_of_lists),
        Contender(
            "tokenizers 1.0.0rc3",
            "encode(text).ids",
            rivals.tokenizers_ids_of_one,
            outputs.rows_of_lists,
            home=TOKENIZERS1,
        ),
        Contender("tiktoken", "encode_ordinary(text)", bpe.tiktoken_ordinary, outputs.rows_of_lists, SLOW),
        Contender(
            "tokenizers",
            "encode(text).ids",
            rivals.tokenizers_ids_of_one,
            outputs.rows_of_lists,
            SLOW // 4,
            reference=True,
        ),
    ],
    # Ids in a list, and in an array where that is taken; text, or bytes.
    "decode": [
        Contender(OURS, "tiktoken: decode(ids)", bpe.fasttok_decode, outputs.bytes_of_text),
        Contender(
            f"{OURS} bytes", "tiktoken: decode_bytes(ids)", bpe.fasttok_decode_bytes, outputs.bytes_of_text
        ),
        Contender(
            f"{OURS} array",
            "tiktoken: decode_bytes(array)",
            bpe.fasttok_decode_bytes,
            outputs.bytes_of_text,
            array=True,
        ),
        Contender("gigatoken", "decode(ids)", bpe.gigatoken_decode, outputs.bytes_of_text),
        Contender(
            "gigatoken array", "decode(array)", bpe.gigatoken_decode, outputs.bytes_of_text, array=True
        ),
        Contender("tokie", "decode(ids)", bpe.tokie_decode, outputs.bytes_of_text),
        Contender("splintr", "decode(ids)", bpe.splintr_decode, outputs.bytes_of_text),
        Contender("fastokens", "decode(ids)", bpe.fastokens_decode, outputs.bytes_of_text),
        Contender("rs-bpe", "decode(ids)", bpe.rs_bpe_decode, outputs.bytes_of_text),
        Contender("tokenizers", "decode(ids)", bpe.tokenizers_decode, outputs.bytes_of_text, SLOW),
        Contender("tiktoken bytes", "decode_bytes(ids)", bpe.tiktoken_decode_bytes, outputs.bytes_of_text),
        Contender("tiktoken", "decode(ids)", bpe.tiktoken_decode, outputs.bytes_of_text, reference=True),
    ],
    "rank_file": [
        Contender(
            OURS, "tiktoken: Encoding(load_tiktoken_bpe(path))", bpe.load_fasttok, outputs.rows_of_lists
        ),
        Contender("gigatoken", "from_tiktoken(path)", bpe.load_gigatoken, outputs.rows_of_lists),
        Contender("splintr", "from_bytes(data, pattern)", bpe.load_splintr, outputs.rows_of_lists),
        Contender("fastokens", "from_tiktoken(path, pattern)", bpe.load_fastokens, outputs.rows_of_lists),
        Contender(
            "tiktoken",
            "Encoding(load_tiktoken_bpe(path))",
            bpe.load_tiktoken,
            outputs.rows_of_lists,
            reference=True,
        ),
    ],
}

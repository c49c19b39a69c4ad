"""The compiled core: immutable objects, plain data in, columns out. Private; `fasttok.Tokenizer` is the
door."""

import builtins
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, final

import numpy as np
import numpy.typing as npt

from fasttok.pinyin_table import Syllable

Truncation = tuple[int, int, str, str]  # max_length, stride, strategy, direction (HF's strings)
Padding = tuple[
    int | None, str, int | None, int, int, str
]  # length, direction, multiple, pad_id, pad_type_id, pad_token
Specials = Literal["parse", "text", "error"] | list[str]
Surrogates = Literal["error", "replace"]
AddedTokenEntry = tuple[str, int, bool, bool, bool, bool, bool]
# (content, id, single_word, lstrip, rstrip, normalized, special)
TemplatePieceSpec = tuple[str, int] | tuple[Literal["special"], int, list[int], list[str]]
PostProcessorSpec = (
    tuple[Literal["template"], list[TemplatePieceSpec], list[TemplatePieceSpec]]
    | tuple[Literal["bert"], tuple[str, int], tuple[str, int]]
    | tuple[
        Literal["roberta"], tuple[str, int], tuple[str, int], bool, bool
    ]  # trim_offsets, add_prefix_space
    | tuple[Literal["byte_level"], bool, bool]  # trim_offsets, add_prefix_space
    | tuple[Literal["sequence"], list[Any]]  # of specs that are no sequences
)
DecoderStep = (
    tuple[Literal["bpe"], str]  # suffix
    | tuple[Literal["byte_fallback", "byte_level", "fuse"]]
    | tuple[Literal["ctc"], str, str, bool]  # pad_token, word_delimiter_token, cleanup
    | tuple[Literal["metaspace"], str, bool]  # replacement, whether prepend_scheme is "never"
    | tuple[Literal["replace"], str | Regex, str]  # pattern, content
    | tuple[Literal["strip"], str, int, int]  # content, start, stop
    | tuple[Literal["wordpiece"], str, bool]  # prefix, cleanup
    | tuple[Literal["custom"], Callable[[list[str]], list[str]]]
)
Rows = Sequence[Any] | npt.NDArray[Any]

def set_num_threads(n: int | None) -> None:
    """Sets how many threads batches may use: 1 to 1024, else ValueError; None = the CPUs that may be used."""

def get_num_threads() -> int:
    """How many threads batches may use; at first the CPUs that this process may use."""

def lists_of_one(rows: list[list[int]], value: int) -> list[list[int]]:
    """[[value] * len(row) for row in rows]."""

def tuple_of_rows(rows: Sequence[Any]) -> tuple[Any, ...]:
    """The rows as they are now, in tuples also what is sequences in them; the collector of cycles does not
    go over a tuple of str."""

def isa() -> str:
    """The instruction set in use: "scalar", "avx2" and so on; FASTTOK_ISA forces one."""

def cache_info() -> dict[str, int]:
    """Bytes and counts of what has been cached at run time; "vocabulary_bytes" are those of tables built from
    vocabularies, which no cap counts."""

def clear_cache() -> None:
    """Empties all caches."""

def set_cache_bytes(n: int) -> None:
    """Caps what caches may hold, in bytes; 0 turns them off. Ids never depend on it."""

def json_float(text: str, /) -> float:
    """A number of JSON as serde_json 1 reads it; ValueError beyond the range of doubles."""

def byte_alphabet() -> list[str]:
    """The characters that stand for the bytes 0 to 255 in byte-level models."""

@final
class Charsmap:
    """SentencePiece's rewriting rules; Exception where the bytes cannot be parsed."""

    def __init__(self, precompiled_charsmap: builtins.bytes) -> None: ...
    @property
    def bytes(self) -> builtins.bytes: ...

@final
class NormalizedString:
    """A text and what normalization made of it, with the way back.

    Args:
        sequence: the text, without lone surrogates.

    Raises:
        TypeError: not a str. UnicodeEncodeError: a lone surrogate.

    Mirrors `tokenizers.NormalizedString`. All methods but `slice`, `split` and `for_each` work in place.
    """

    def __init__(self, sequence: str) -> None: ...
    @property
    def normalized(self) -> str:
        """The text as it is now."""

    @property
    def original(self) -> str:
        """The text as it came, or that part of it that this is a slice of."""

    def nfc(self) -> None: ...
    def nfd(self) -> None: ...
    def nfkc(self) -> None: ...
    def nfkd(self) -> None: ...
    def lowercase(self) -> None: ...
    def uppercase(self) -> None: ...
    def prepend(self, s: str) -> None:
        """Puts `s` before the text; does nothing to an empty one."""

    def append(self, s: str) -> None: ...
    def lstrip(self) -> None: ...
    def rstrip(self) -> None: ...
    def strip(self) -> None: ...
    def clear(self) -> None: ...
    def filter(self, func: Callable[[str], bool]) -> None:
        """Keeps the characters for which `func` returns True."""

    def map(self, func: Callable[[str], str]) -> None:
        """Replaces each character by the first of what `func` returns."""

    def for_each(self, func: Callable[[str], object]) -> None:
        """Calls `func` with each character."""

    def replace(self, pattern: str | Regex, content: str) -> None:
        """Puts `content` in the place of every match."""

    def split(self, pattern: str | Regex, behavior: str) -> list[NormalizedString]:
        """The parts between matches; `behavior` as in `pre_tokenizers.Split`."""

    def slice(self, range: int | tuple[int, int] | builtins.slice) -> NormalizedString | None:
        """The characters of a range, or None where there are none; negative numbers count from the length in
        bytes, as upstream."""

    def __getitem__(self, range: int | tuple[int, int] | builtins.slice) -> NormalizedString | None: ...

@final
class PreTokenizedString:
    """A text cut into splits, which may have tokens; those that have are left alone.

    Args:
        s: the text, without lone surrogates.

    Raises:
        TypeError: not a str. UnicodeEncodeError: a lone surrogate.

    Mirrors `tokenizers.PreTokenizedString`. An exception of a function that is passed in surfaces as
    `Exception("KeyError: 'x'")`, with the exception as its cause.
    """

    def __init__(self, s: str) -> None: ...
    def split(self, func: Callable[[int, NormalizedString], Sequence[NormalizedString]]) -> None:
        """Replaces each split by what `func(its number, its text)` returns."""

    def normalize(self, func: Callable[[NormalizedString], object]) -> None:
        """Calls `func` with each split, which it changes in place."""

    def tokenize(self, func: Callable[[str], list[Any]]) -> None:
        """Gives each split the list of `Token` that `func` returns for its text."""

    def to_encoding(self, type_id: int = 0, word_idx: int | None = None) -> Encoding:
        """All tokens as an Encoding; Exception where a split has none yet."""

    def get_splits(
        self, offset_referential: str = "original", offset_type: str = "char"
    ) -> list[tuple[str, tuple[int, int], list[Any] | None]]:
        """(text, (start, end), tokens) of each split; offsets in the "original" or the "normalized" text, in
        "char" or "byte"."""

@final
class Normalizer:
    """Normalizers compiled from (name, settings...) tuples."""

    def __init__(self, steps: Sequence[tuple[Any, ...]]) -> None: ...
    def normalize(self, normalized: NormalizedString) -> None: ...
    def normalize_str(self, sequence: str) -> str: ...

@final
class PreTokenizer:
    """Pre-tokenizers compiled from (name, settings...) tuples."""

    def __init__(self, steps: Sequence[tuple[Any, ...]]) -> None: ...
    def pre_tokenize(self, pretok: PreTokenizedString) -> None: ...
    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]: ...

def set_seed(seed: int) -> None:
    """Starts what is random on purpose anew: BPE dropout and Unigram sampling. From 0 to 2**64 - 1."""

@final
class Pinyin:
    """The syllables of pinyin and their costs; `v` is 0 (v), 1 (ü), 2 (u:) or -1 (as in the text)."""

    def __init__(self, costs: bytes, syllable: type[Syllable]) -> None:
        """FormatError where the costs are damaged."""

    def segment(self, text: str, longest: bool, v: int, extended: bool) -> list[Syllable]: ...
    def n_best(self, text: str, k: int, most: int, v: int, extended: bool) -> list[list[Syllable]]:
        """Up to `k` readings that, after the first, hold no more than `most` syllables."""

    def lattice(self, text: str, v: int, extended: bool) -> list[Syllable]: ...
    def is_valid(self, text: str, extended: bool) -> bool: ...
    def path_factors(self, text: str, extended: bool) -> tuple[list[int], list[list[list[list[int]]]]]:
        """Factors, and chains of matrices; see `pinyin_paths`."""

@final
class PinyinPeerTrie:
    """The trie of pinyintokenizer, compiled: for each node whether it is an end, and its children by key."""

    def __init__(self, nodes: list[tuple[bool, dict[str, int]]]) -> None:
        """ValueError where it is too large or too deep."""

    def tokenize(self, text: str) -> tuple[list[str], list[str]]: ...

@final
class Regex:
    """A pattern in Oniguruma's Ruby syntax, for `Split`, `Replace` and `NormalizedString`.

    Mirrors `tokenizers.Regex` 0.23.3. What is below `__init__` is for tests.
    """

    def __init__(self, s: str) -> None:
        """Exception with Oniguruma's message for a wrong pattern; UnicodeEncodeError for a lone surrogate."""

    @staticmethod
    def from_rust(pattern: str) -> Regex:
        """A pattern in the syntax of Rust's fancy-regex, which tiktoken's are written in; Exception for a
        wrong one."""

    @property
    def pattern(self) -> str:
        """The pattern as it was given."""

    @property
    def syntax(self) -> Literal["ruby", "rust"]:
        """Which syntax the pattern is in."""

    @property
    def engine(self) -> Literal["dfa", "two_pass", "backtrack"]:
        """What finds the matches."""

    def with_engine(self, engine: Literal["dfa", "two_pass", "backtrack"]) -> Regex:
        """The same pattern, run by that engine; ValueError if it cannot run the pattern."""

    def find_all(self, text: str) -> list[tuple[int, int]]:
        """All matches as (begin, end) in characters; ValueError if the backtracker gives up."""

    def count(self, text: str) -> int:
        """Their number."""

@final
class WordPiece:
    """A vocabulary and WordPiece's settings."""

    def __init__(
        self,
        vocab: dict[str, int],
        unk_token: str,
        max_input_chars_per_word: int,
        continuing_subword_prefix: str,
    ) -> None: ...
    @staticmethod
    def from_vocab_txt(
        data: bytes, name: str, unk_token: str, max_input_chars_per_word: int, continuing_subword_prefix: str
    ) -> WordPiece:
        """One token a line, whitespace at its end dropped; FormatError "name: line N: …" where it is not
        UTF-8."""

    def with_settings(
        self, unk_token: str, max_input_chars_per_word: int, continuing_subword_prefix: str
    ) -> WordPiece:
        """The same vocabulary, shared, with other settings."""

    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]:
        """(id, token, (start, end) in UTF-8 bytes of the word)."""

    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...
    def vocab_size(self) -> int:
        """Number of distinct tokens."""

    def get_vocab(self) -> dict[str, int]: ...

def is_plain_vocab(vocab: dict[Any, Any]) -> bool:
    """Whether all tokens are str and all ids int (no bool) of 32 bits."""

class BadMerge(Exception):
    """A merge cannot be; args are its place in the list and what is wrong."""

@final
class BpeTables:
    """A vocabulary and merges: pairs of str, or str with a space between two tokens."""

    def __init__(self, vocab: dict[str, int], merges: list[Any], continuing_subword_prefix: str) -> None: ...
    def vocab_size(self) -> int:
        """Number of distinct tokens."""

    def get_vocab(self) -> dict[str, int]: ...
    def get_merges(self) -> list[tuple[str, str]]:
        """In the order of their ranks, each pair once."""

@final
class Bpe:
    """Tables, shared, and BPE's settings."""

    def __init__(
        self,
        tables: BpeTables,
        dropout: float | None,
        unk_token: str | None,
        continuing_subword_prefix: str | None,
        end_of_word_suffix: str | None,
        fuse_unk: bool,
        byte_fallback: bool,
        ignore_merges: bool,
    ) -> None: ...
    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...

@final
class UnigramTables:
    """Scored pieces; the id of each is its place."""

    def __init__(self, pieces: list[Any], unk_id: int | None) -> None: ...
    def vocab_size(self) -> int:
        """Number of pieces, equal ones counted."""

    def get_vocab(self) -> dict[str, int]: ...
    def get_pieces(self) -> list[tuple[str, float]]: ...

@final
class Unigram:
    """Tables, shared, and Unigram's settings."""

    def __init__(
        self, tables: UnigramTables, byte_fallback: bool, alpha: float | None, nbest_size: int | None
    ) -> None: ...
    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...

@final
class WordLevel:
    """A vocabulary and the unknown token."""

    def __init__(self, vocab: dict[str, int], unk_token: str) -> None: ...
    def with_settings(self, unk_token: str) -> WordLevel:
        """The same vocabulary, shared, with another unknown token."""

    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...
    def vocab_size(self) -> int: ...
    def get_vocab(self) -> dict[str, int]: ...

@final
class RankBpe:
    """Tokens in the characters of bytes; their ids are ranks. FormatError where two have one rank."""

    def __init__(self, vocab: dict[str, int]) -> None: ...
    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...
    def vocab_size(self) -> int: ...
    def get_vocab(self) -> dict[str, int]: ...

class WholeTextModel: ...

@final
class SentencePieceText(WholeTextModel):
    def __init__(self, model: bytes, name: str) -> None: ...
    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...
    def vocab_size(self) -> int: ...
    def get_vocab(self) -> dict[str, int]: ...

Model = WordPiece | Bpe | RankBpe | Unigram | WordLevel | SentencePieceText

@final
class Decoder:
    """A chain of decoders."""

    def __init__(self, steps: Sequence[DecoderStep]) -> None: ...
    def decode(self, tokens: list[str]) -> str: ...
    def decode_chain(self, tokens: list[str]) -> list[str]: ...

@final
class Encoding:
    """The tokens of one row (or window of a row), with all their columns; computed when read.

    Mirrors `tokenizers.Encoding` 0.23.3.
    """

    def __init__(self) -> None: ...
    @property
    def ids(self) -> list[int]:
        """The ids."""

    @property
    def type_ids(self) -> list[int]:
        """The type ids: 0 for the first sequence of a pair, 1 for the second, as the template says."""

    @property
    def tokens(self) -> list[str]:
        """The texts of the tokens."""

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """(start, end) of each token in characters of the original text; (0, 0) for special tokens."""

    @property
    def attention_mask(self) -> list[int]:
        """1, and 0 for padding."""

    @property
    def special_tokens_mask(self) -> list[int]:
        """1 for special tokens and padding, else 0."""

    @property
    def word_ids(self) -> list[int | None]:
        """The index of each token's word in its sequence."""

    @property
    def words(self) -> list[int | None]:
        """`word_ids`; deprecated."""

    @property
    def sequence_ids(self) -> list[int | None]:
        """0 or 1 for the tokens of a sequence, None for special tokens."""

    @property
    def overflowing(self) -> list[Encoding]:
        """The windows that truncation cut off."""

    @property
    def n_sequences(self) -> int:
        """1, or 2 for a pair."""

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The range of tokens of a word."""

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The range of characters of a word."""

    def token_to_sequence(self, token_index: int) -> int | None:
        """The sequence that a token belongs to."""

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """The range of characters of a token."""

    def token_to_word(self, token_index: int) -> int | None:
        """The word of a token."""

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The token that contains a character."""

    def char_to_word(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The word that contains a character."""

    def set_sequence_id(self, sequence_id: int) -> None:
        """Makes all tokens belong to one sequence."""

    def pad(
        self,
        length: int,
        *,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
    ) -> None:
        """Pads in place."""

    def truncate(self, max_length: int, stride: int = 0, direction: str = "right") -> None:
        """Truncates in place; fills `overflowing`."""

    @staticmethod
    def merge(encodings: Sequence[Encoding], growing_offsets: bool = True) -> Encoding:
        """One encoding after the other."""

    def __len__(self) -> int: ...
    def __getstate__(self) -> bytes: ...
    def __setstate__(self, state: bytes) -> None: ...
    def __reduce__(self) -> tuple[type[Encoding], tuple[()], bytes]: ...

@final
class Tokenizer:
    """A compiled pipeline. Immutable: any number of threads may call it."""

    engine: Final[str]

    def __init__(
        self,
        model: Model,
        normalizer: Normalizer | None,
        pre_tokenizer: PreTokenizer | Pinyin | None,
        post_processor: PostProcessorSpec | None,
        decoder: Decoder | None,
        added_tokens: Sequence[AddedTokenEntry],
        engine: str,
    ) -> None:
        """`added_tokens`: in the order of addition, one entry an id."""

    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Truncation | None,
        padding: Padding | None,
        specials: Specials,
        surrogates: Surrogates,
    ) -> Encoding: ...
    def encode_batch(
        self,
        inputs: Rows,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Truncation | None,
        padding: Padding | None,
        fast: bool,
        specials: Specials,
        surrogates: Surrogates,
        num_threads: int | None,
    ) -> list[Encoding]: ...
    def encode_batch_flat(
        self,
        inputs: Rows,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Truncation | None,
        offsets: Literal["char", "byte"] | None,
        type_ids: bool,
        word_ids: bool,
        specials: Specials,
        surrogates: Surrogates,
        num_threads: int | None,
    ) -> tuple[
        npt.NDArray[np.uint32],
        npt.NDArray[np.int64],
        npt.NDArray[np.uint32] | None,
        npt.NDArray[np.uint32] | None,
        npt.NDArray[np.int32] | None,
    ]:
        """(ids, row_offsets, offsets, type_ids, word_ids), read-only."""

    def encode_lists(
        self,
        inputs: Rows,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Truncation | None,
        specials: Specials,
        surrogates: Surrogates,
        num_threads: int | None,
    ) -> tuple[list[list[int]], int]:
        """The ids of each row, and the number of ids of the longest."""

    def lists_of(
        self, ids: npt.NDArray[np.uint32], row_offsets: npt.NDArray[np.int64]
    ) -> list[list[int]]: ...
    def lists_of_matrix(self, matrix: npt.NDArray[np.int64]) -> list[list[int]]: ...
    def encode_padded(
        self,
        inputs: Rows,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        truncation: Truncation | None,
        length: int | None,
        pad_to_multiple_of: int | None,
        pad_id: int,
        pad_type_id: int,
        side: str,
        want_type_ids: bool,
        want_mask: bool,
        specials: Specials,
        surrogates: Surrogates,
        num_threads: int | None,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64] | None, npt.NDArray[np.int64] | None]:
        """(ids, type_ids, mask), int64[rows, width]."""

    def count(
        self, text: str | bytes, *, add_special_tokens: bool, specials: Specials, surrogates: Surrogates
    ) -> int: ...
    def count_batch(
        self,
        inputs: Rows,
        *,
        is_pretokenized: bool,
        add_special_tokens: bool,
        specials: Specials,
        surrogates: Surrogates,
        num_threads: int | None,
    ) -> npt.NDArray[np.int64]: ...
    def fits(
        self,
        text: str | bytes,
        max_tokens: int,
        *,
        add_special_tokens: bool,
        specials: Specials,
        surrogates: Surrogates,
    ) -> bool: ...
    def post_process(
        self,
        encoding: Encoding,
        pair: Encoding | None,
        *,
        add_special_tokens: bool,
        truncation: Truncation | None,
        padding: Padding | None,
    ) -> Encoding: ...
    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool, cjk_spacing: bool) -> str: ...
    def decode_batch(
        self, sequences: Sequence[Sequence[int]], *, skip_special_tokens: bool, cjk_spacing: bool
    ) -> list[str]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...
    def num_special_tokens_to_add(self, is_pair: bool) -> int: ...
    def type_ids_are_zero(self, *, add_special_tokens: bool) -> bool:
        """Whether the post-processor gives the tokens of a single text no other type id than 0."""

def add_lean_calls(cls: type) -> None: ...
def add_lean_forward(cls: type) -> None: ...
def add_token_batch(cls: type) -> None: ...
def add_lean_encoding_calls(cls: type) -> None: ...
def add_lean_sentencepiece_calls(cls: type, signature: str) -> None: ...
def load_ranks(data: bytes, name: str) -> dict[bytes, int]:
    """The tokens and ranks of a rank file; FormatError, with the line."""

@final
class SpecialTokens:
    """Special tokens that are looked for in texts: leftmost first, then longest."""

    def __init__(self, ids: dict[str, int]) -> None: ...
    def find(self, text: str, begin: int) -> tuple[int, int] | None:
        """(begin, end) of the first at character `begin` or later."""

@final
class RankEncoding:
    """The core of tiktoken's Encoding. `allowed`: the special tokens that become ids; None: no one.

    UnicodeEncodeError for lone surrogates, KeyError for a byte or an id that no token has.
    """

    def __init__(
        self, ranks: dict[bytes, int], special_tokens: dict[str, int], pattern: Regex, engine: str
    ) -> None: ...
    @property
    def engine(self) -> str: ...
    def encode(self, text: str, allowed: SpecialTokens | None) -> list[int]: ...
    def encode_plain(self, text: str) -> list[int] | None:
        """The ids of a short text without special tokens; None: `encode` must do it."""

    def encode_array(self, text: str, allowed: SpecialTokens | None) -> npt.NDArray[np.uint32]: ...
    def encode_batch(
        self, texts: list[str], allowed: SpecialTokens | None, num_threads: int
    ) -> list[list[int]]: ...
    def encode_piece(self, piece: bytes) -> list[int]:
        """The ids of bytes that no pattern cuts."""

    def merge_piece(self, piece: bytes) -> list[int]:
        """The same by merges alone, even where the bytes are a token."""

    def decode_bytes(self, tokens: Sequence[int]) -> bytes: ...
    def decode(self, tokens: Sequence[int], errors: str) -> str: ...
    def decode_token(self, token: int) -> bytes: ...

def set_n_best_timeout(milliseconds: int) -> None: ...
def normalizer_spec_of(model: bytes) -> bytes: ...

class SentencePiece:
    def __init__(self, model: bytes, name: str) -> None: ...
    @property
    def serialized(self) -> bytes: ...
    @property
    def unk_id(self) -> int: ...
    @property
    def bos_id(self) -> int: ...
    @property
    def eos_id(self) -> int: ...
    @property
    def pad_id(self) -> int: ...
    @property
    def model_type(self) -> int: ...
    @property
    def normalizer_flags(self) -> tuple[bool, bool, bool]: ...
    def encode(
        self,
        text: str | bytes,
        output: str,
        sample: bool,
        nbest_size: int,
        alpha: float,
        add_bos: bool,
        add_eos: bool,
        reverse: bool,
        emit_unk_piece: bool,
    ) -> Any: ...
    def encode_batch(
        self,
        texts: Sequence[str | bytes],
        output: str,
        num_threads: int,
        sample: bool,
        nbest_size: int,
        alpha: float,
        add_bos: bool,
        add_eos: bool,
        reverse: bool,
        emit_unk_piece: bool,
    ) -> list[Any]: ...
    def encode_flat(
        self, texts: Sequence[str], num_threads: int, add_bos: bool, add_eos: bool, reverse: bool
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]: ...
    @property
    def engine(self) -> str: ...
    def with_engine(self, name: str) -> SentencePiece: ...
    def encode_chunks(
        self,
        text: str | bytes,
        output: str,
        chunk_length: int,
        num_threads: int,
        add_bos: bool,
        add_eos: bool,
        reverse: bool,
        emit_unk_piece: bool,
    ) -> Any: ...
    def n_best(
        self,
        text: str | bytes,
        count: int,
        output: str,
        add_bos: bool,
        add_eos: bool,
        reverse: bool,
        emit_unk_piece: bool,
    ) -> Any: ...
    def sample_and_score(
        self,
        text: str | bytes,
        count: int,
        alpha: float,
        replace: bool,
        include_best: bool,
        output: str,
        add_bos: bool,
        add_eos: bool,
        reverse: bool,
        emit_unk_piece: bool,
    ) -> Any: ...
    def entropy(self, text: str | bytes, alpha: float) -> float: ...
    def decode(self, items: Sequence[Any], are_pieces: bool, output: str) -> Any: ...
    def decode_batch(
        self, rows: Sequence[Sequence[Any]], are_pieces: bool, output: str, num_threads: int
    ) -> list[Any]: ...
    def normalize(self, text: str | bytes, with_offsets: bool) -> Any: ...
    def piece_to_id(self, piece: str | bytes) -> int: ...
    def id_to_piece(self, id: int, bytes: bool = False) -> Any: ...
    def score(self, id: int) -> float: ...
    def type(self, id: int) -> int: ...
    def is_unknown(self, id: int) -> bool: ...
    def with_types(self, types: list[int]) -> SentencePiece: ...
    def with_normalizer(
        self, add_dummy_prefix: bool, remove_extra_whitespaces: bool, escape_whitespaces: bool
    ) -> SentencePiece: ...
    def __len__(self) -> int: ...

def build_charsmap(rules: Sequence[tuple[str, str]]) -> bytes: ...
def sentencepiece_parts(model: bytes, name: str) -> tuple[list[tuple[str, float, int]], int, int, bytes]: ...

class SentencePieceNormalizer:
    def __init__(self, spec: bytes) -> None: ...
    @property
    def flags(self) -> tuple[bool, bool, bool]: ...
    @property
    def serialized(self) -> bytes: ...
    def normalize(self, text: str | bytes, with_offsets: bool) -> Any: ...
    def with_flags(
        self, add_dummy_prefix: bool, remove_extra_whitespaces: bool, escape_whitespaces: bool
    ) -> SentencePieceNormalizer: ...
    def rules(self) -> list[tuple[str, str]]: ...

"""fasttok.tiktoken against tiktoken: every method of Encoding, on made-up vocabularies and on real ones."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fasttok import tiktoken as ours
from fasttok.tiktoken import load, model, openai_public

peer = pytest.importorskip("tiktoken")
pytest.importorskip("tiktoken.load")

END, PROMPT = "<|endoftext|>", "<|endofprompt|>"
SPECIALS = {END: 100000, PROMPT: 100007, "<中>": 100003}
PATTERNS = {
    "gpt2": openai_public.r50k_pat_str,
    "cl100k": openai_public._CL100K_PATTERN,
    "o200k": openai_public._O200K_PATTERN,
    "qwen": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "words only": r"\w+",
}
WORDS = [
    "the ",
    " and",
    "ing",
    "'s",
    "'LL",
    "'ſ",
    "12345",
    "٣٤",
    "\r\n",
    "  ",
    "\u0085",
    "\xa0",
    "\u3000",
    "中文",
    "你好",
    "é",
    "e\u0301",
    "가",
    "😀",
    "ǅ",
    "\u200d",
    "-->",
    "\t",
    "a",
    "B",
    "!",
    END,
    "<|end",
    PROMPT,
    "<中>",
    "<",
    "中>",
]


def merged_ranks(seed: int) -> dict[bytes, int]:
    """All bytes, and tokens that were made by merging such texts, in an order that says their rank."""
    rng = random.Random(seed)
    text = "".join(rng.choices(WORDS, k=400)).encode()
    ranks = {bytes([b]): i for i, b in enumerate(rng.sample(range(256), 256))}
    parts = [text[i : i + 1] for i in range(len(text))]
    while len(ranks) < 700:
        i = rng.randrange(len(parts) - 1)
        token = parts[i] + parts[i + 1]
        ranks.setdefault(token, len(ranks) + rng.choice([0, 0, 1]) * 1000 * (len(ranks) % 7 == 0))
        if len(token) < 12:
            parts = [p for p in parts if p] + [token, b"x"]
    used: set[int] = set()
    return {t: r for t, r in ranks.items() if not (r in used or used.add(r))}


def both(name: str, **parts: Any) -> tuple[Any, Any]:
    return ours.Encoding(name, **parts), peer.Encoding(name, **parts)


@pytest.fixture(scope="module", params=PATTERNS)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    ranks = merged_ranks(list(PATTERNS).index(request.param))
    return both(
        request.param, pat_str=PATTERNS[request.param], mergeable_ranks=ranks, special_tokens=SPECIALS
    )


def texts(seed: int, count: int, words: int = 12) -> list[str]:
    rng = random.Random(seed)
    made = ["".join(rng.choices(WORDS, k=rng.randint(0, words))) for _ in range(count)]
    return [*made, "", " ", "a" * 300, "ab" * 200, " " * 200, "\n \n" * 50, "中" * 150]


def outcomes(pair: tuple[Any, Any], call: Callable[..., Any], *arguments: Any) -> tuple[Any, Any]:
    """Of both: the answer, or the class of what was raised."""

    def outcome(encoding: Any) -> Any:
        try:
            return call(encoding, *arguments)
        except Exception as error:
            return type(error)

    return outcome(pair[0]), outcome(pair[1])


def test_encode_ordinary(pair: tuple[Any, Any]) -> None:
    for text in texts(1, 300):
        assert pair[0].encode_ordinary(text) == pair[1].encode_ordinary(text), text


POLICIES: list[dict[str, Any]] = [
    {},
    {"allowed_special": "all"},
    {"allowed_special": {END}},
    {"allowed_special": {END, "<中>"}, "disallowed_special": ()},
    {"allowed_special": set(), "disallowed_special": ()},
    {"allowed_special": {END}, "disallowed_special": {PROMPT}},
    {"allowed_special": {"unknown"}, "disallowed_special": ["ing", "中文"]},
    {"allowed_special": "all", "disallowed_special": {END}},
    {"allowed_special": frozenset({PROMPT}), "disallowed_special": "all"},
    {"disallowed_special": (END,)},
    {"disallowed_special": ("",)},
]


@pytest.mark.parametrize("policy", POLICIES)
def test_special_tokens(pair: tuple[Any, Any], policy: dict[str, Any]) -> None:
    for text in texts(2, 60):
        got, expected = outcomes(pair, lambda e, t: e.encode(t, **policy), text)
        assert got == expected, text
        got, expected = outcomes(pair, lambda e, t: e.encode_to_numpy(t, **policy).tolist(), text)
        assert got == expected, text
    got, expected = outcomes(pair, lambda e: e.encode_batch(texts(3, 20), **policy))
    assert got == expected


@pytest.mark.parametrize("num_threads", [1, 8])
def test_batches(pair: tuple[Any, Any], num_threads: int) -> None:
    rows = texts(4, 200)
    ids = pair[0].encode_ordinary_batch(rows, num_threads=num_threads)
    assert ids == pair[1].encode_ordinary_batch(rows, num_threads=num_threads)
    assert pair[0].encode_batch(rows, num_threads=num_threads, allowed_special="all") == pair[1].encode_batch(
        rows, num_threads=num_threads, allowed_special="all"
    )
    assert pair[0].decode_batch(ids, num_threads=num_threads) == pair[1].decode_batch(ids)
    assert pair[0].decode_bytes_batch(ids, num_threads=num_threads) == pair[1].decode_bytes_batch(ids)


SURROGATES = [
    "\ud83d",
    "a\ud83d\udc4d b",
    "\uddcb\udbc0 x",
    "\udbc0",
    "ok",
    f"\ud800{END}\udc00",
    "a\udfff\n",
]


def test_surrogates(pair: tuple[Any, Any]) -> None:
    for text in SURROGATES:
        for call in (
            lambda e, t: e.encode_ordinary(t),
            lambda e, t: e.encode(t, allowed_special="all"),
            lambda e, t: e.encode_to_numpy(t, allowed_special="all").tolist(),
            lambda e, t: e.encode_with_unstable(t, allowed_special="all")[0],
            lambda e, t: e.encode_single_token(t),
        ):
            got, expected = outcomes(pair, call, text)
            assert got == expected, text
    assert pair[0].encode_ordinary_batch(SURROGATES) == pair[1].encode_ordinary_batch(SURROGATES)
    assert pair[0].encode_batch(SURROGATES, disallowed_special=()) == pair[1].encode_batch(
        SURROGATES, disallowed_special=()
    )


def test_unstable(pair: tuple[Any, Any]) -> None:
    for text in texts(5, 60, words=4):
        got, expected = outcomes(
            pair, lambda e, t: e.encode_with_unstable(t, disallowed_special=(), allowed_special={END}), text
        )
        assert got[0] == expected[0], text
        assert sorted(got[1]) == sorted(expected[1]), text


def test_decoding_any_ids(pair: tuple[Any, Any]) -> None:
    rng = random.Random(6)
    values = pair[1].token_byte_values()
    assert pair[0].token_byte_values() == values
    known = [pair[1].encode_single_token(v) for v in values] + list(SPECIALS.values())
    for _ in range(200):
        ids = rng.choices(known, k=rng.randint(0, 30))
        assert pair[0].decode_bytes(ids) == pair[1].decode_bytes(ids)
        assert pair[0].decode_tokens_bytes(ids) == pair[1].decode_tokens_bytes(ids)
        for errors in ("replace", "ignore", "backslashreplace", "strict", "no such"):
            got, expected = outcomes(pair, lambda e, i, x: e.decode(i, errors=x), ids, errors)
            assert got == expected
        got, expected = outcomes(pair, lambda e, i: e.decode_with_offsets(i), ids)
        assert got == expected
    for token in known:
        assert pair[0].decode_single_token_bytes(token) == pair[1].decode_single_token_bytes(token)
        assert pair[0].is_special_token(token) == pair[1].is_special_token(token)


def test_offsets_of_texts(pair: tuple[Any, Any]) -> None:
    for text in texts(8, 100):
        ids = pair[1].encode(text, allowed_special="all")
        assert pair[0].decode_with_offsets(ids) == pair[1].decode_with_offsets(ids)


def test_attributes(pair: tuple[Any, Any]) -> None:
    a, b = pair
    for name in (
        "name",
        "_pat_str",
        "_mergeable_ranks",
        "_special_tokens",
        "max_token_value",
        "n_vocab",
        "eot_token",
        "special_tokens_set",
        "_special_token_values",
    ):
        assert getattr(a, name) == getattr(b, name)
    assert repr(a) == repr(b)
    assert {n for n in dir(peer.Encoding) if not n.startswith("__")} <= set(dir(ours.Encoding))


def test_pickling(pair: tuple[Any, Any]) -> None:
    text = f"a copy of {END} 中文"
    for other in (pickle.loads(pickle.dumps(pair[0])), copy.copy(pair[0]), copy.deepcopy(pair[0])):
        assert other.encode(text, allowed_special="all") == pair[1].encode(text, allowed_special="all")
        assert other.name == pair[0].name


BAD_IDS: list[Any] = [
    [-1],
    [10**6],
    [2**32],
    [2**64],
    ["a"],
    "abc",
    5,
    None,
    {1, 2},
    {1: 2},
    iter([1]),
    [1.0],
    [None],
    b"ab",
    bytearray(b"ab"),
    (65, 66),
    range(65, 70),
    [True, False],
    [],
]


@pytest.mark.parametrize("ids", BAD_IDS)
def test_ids_of_other_kinds(pair: tuple[Any, Any], ids: Any) -> None:
    got, expected = outcomes(pair, lambda e: e.decode_bytes(ids))
    assert got == expected


def test_ids_in_arrays(pair: tuple[Any, Any]) -> None:
    np = pytest.importorskip("numpy")
    for dtype in ("int64", "int32", "uint32", "uint8", "float64"):
        ids = np.array([1, 2, 3], dtype=dtype)
        got, expected = outcomes(pair, lambda e, i: e.decode_bytes(i), ids)
        assert got == expected
        got, expected = outcomes(pair, lambda e, i: e.decode_single_token_bytes(i), ids[0])
        assert got == expected


@pytest.mark.parametrize("token", [-1, 2**32, 10**6, "a", None, 1.5])
def test_a_token_of_other_kinds(pair: tuple[Any, Any], token: Any) -> None:
    for name in ("decode_single_token_bytes", "encode_single_token", "is_special_token"):
        got, expected = outcomes(pair, lambda e, n: getattr(e, n)(token), name)
        assert got == expected, name


def test_errors_say_what_the_reference_says(pair: tuple[Any, Any]) -> None:
    for call in (
        lambda e: e.decode_bytes([10**6]),
        lambda e: e.decode_single_token_bytes(10**6),
        lambda e: e.encode_single_token(b"no such token"),
    ):
        messages = []
        for e in pair:
            with pytest.raises(KeyError) as caught:
                call(e)
            messages.append(caught.value.args)
        assert messages[0] == messages[1]
    for e in pair:
        with pytest.raises(
            ValueError, match=r"Encountered text corresponding to disallowed special token '<中>'"
        ):
            e.encode("a<中>")


@pytest.mark.parametrize("text", [None, 5, b"ab", ["a"], 1.5])
def test_texts_of_other_kinds(pair: tuple[Any, Any], text: Any) -> None:
    for name in ("encode", "encode_ordinary", "encode_to_numpy", "encode_with_unstable"):
        with pytest.raises(TypeError, match=type(text).__name__):
            getattr(pair[0], name)(text)
    with pytest.raises(TypeError, match=r"text\[2\]"):
        pair[0].encode_ordinary_batch(["a", "b", text])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"a\xffb",
        b"a b\xff",
        b"a !\xff",
        b"a \xffz z",
        b"<s>\xffz",
        "é".encode()[:1],
        b"",
        b"plain",
        b"\n \xff",
    ],
)
def test_bytes_that_are_no_utf8(pair: tuple[Any, Any], data: bytes) -> None:
    assert pair[0]._encode_bytes(data) == pair[1]._encode_bytes(data)
    if data:
        assert pair[0]._encode_single_piece(data) == pair[1]._encode_single_piece(data)
        assert pair[0].decode_bytes(pair[0]._encode_single_piece(data)) == data


def test_one_piece(pair: tuple[Any, Any]) -> None:
    for text in texts(9, 100):
        if text:
            assert pair[0]._encode_single_piece(text) == pair[1]._encode_single_piece(text)
        assert pair[0]._encode_only_native_bpe(text) == pair[0].encode_ordinary(text)


def test_odd_vocabularies() -> None:
    """Holes, colliding special tokens, a greatest rank, an empty token, tokens that no merge reaches."""
    byte_ranks = {bytes([b]): b for b in range(256)}
    cases: list[dict[str, Any]] = [
        {"mergeable_ranks": {b"a": 5, b"b": 900, b"ab": 2**31}, "special_tokens": {}},
        {"mergeable_ranks": {b"a": 0, b"b": 1, b"ab": 2**32 - 1, b"aba": 7}, "special_tokens": {}},
        {"mergeable_ranks": byte_ranks, "special_tokens": {"<s>": 97, "<t>": 300, "<u>": 300}},
        {"mergeable_ranks": {**byte_ranks, b"abab": 256, b"": 257}, "special_tokens": {"": 300}},
        {"mergeable_ranks": {b"a": 0, b"b": 1, b"ba": 2, b"ab": 3}, "special_tokens": {"b": 4}},
    ]
    for parts in cases:
        a, b = both("odd", pat_str=r"[ab]+", **parts)
        for text in ("a", "ab", "abab", "ababa", "bbaab", "abc<s>", "ba" * 60):
            assert a.encode_ordinary(text) == b.encode_ordinary(text)
        for value in [*parts["mergeable_ranks"].values(), *parts["special_tokens"].values()]:
            if not (
                value == 300 and len(parts["special_tokens"]) == 3
            ):  # which of two, tiktoken leaves to chance
                assert a.decode_single_token_bytes(value) == b.decode_single_token_bytes(value)
        assert a.max_token_value == b.max_token_value


@pytest.mark.parametrize(
    "parts",
    [
        {"mergeable_ranks": {}},
        {"mergeable_ranks": {b"a": -1}},
        {"mergeable_ranks": {b"a": 2**32}},
        {"mergeable_ranks": {"a": 1}},
        {"mergeable_ranks": {b"a": "x"}},
        {"mergeable_ranks": {b"a": 1}, "special_tokens": {b"q": 3}},
        {"mergeable_ranks": {b"a": 1}, "special_tokens": {"q": "3"}},
        {"mergeable_ranks": {b"a": 1}, "pat_str": "("},
        {"mergeable_ranks": {b"a": 1}, "pat_str": "\ud800"},
        {"mergeable_ranks": {b"a": 1}, "explicit_n_vocab": 3},
        {"mergeable_ranks": {b"a": 1}, "explicit_n_vocab": 1},
    ],
    ids=str,
)
def test_what_an_encoding_cannot_be_made_of(parts: dict[str, Any]) -> None:
    given = {"pat_str": ".", "special_tokens": {}, **parts}
    got, expected = outcomes((ours, peer), lambda m: m.Encoding("x", **given))
    assert isinstance(expected, type)
    assert issubclass(got, expected)


def test_models_and_names() -> None:
    from tiktoken import model as peer_model

    assert model.MODEL_TO_ENCODING == peer_model.MODEL_TO_ENCODING
    assert list(model.MODEL_PREFIX_TO_ENCODING.items()) == list(peer_model.MODEL_PREFIX_TO_ENCODING.items())
    for name in [*model.MODEL_TO_ENCODING, "gpt-4o-2024-05-13", "ft:gpt-4o-x", "gpt-oss-20b", "o1-mini"]:
        assert ours.encoding_name_for_model(name) == peer.encoding_name_for_model(name)
    for module in (ours, peer):
        with pytest.raises(KeyError, match="Could not automatically map claude"):
            module.encoding_name_for_model("claude")


@pytest.mark.parametrize("name", openai_public.ENCODING_CONSTRUCTORS)
def test_openai_encodings_are_made_of_the_same_parts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiktoken_ext.openai_public as peer_public

    def note(*args: Any, **kwargs: Any) -> dict[bytes, int]:
        noted.append((args, kwargs))
        return {b"a": 0}

    parts = []
    for module in (openai_public, peer_public):
        noted: list[Any] = []
        for function in ("load_tiktoken_bpe", "data_gym_to_mergeable_bpe_ranks"):
            monkeypatch.setattr(module, function, note)
        parts.append((module.ENCODING_CONSTRUCTORS[name](), noted))
    assert parts[0] == parts[1]


# The real vocabularies.

REAL = {
    "cl100k_base": PATTERNS["cl100k"],
    "o200k_base": PATTERNS["o200k"],
    "llama3": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "qwen": PATTERNS["qwen"],
}


@pytest.fixture(scope="module", params=REAL)
def real(request: pytest.FixtureRequest, data_dir: Path) -> tuple[Any, Any]:
    path = data_dir / "vocabs" / "tiktoken" / f"{request.param}.tiktoken"
    ranks = load.load_tiktoken_bpe(str(path))
    assert ranks == peer.load.load_tiktoken_bpe(str(path))
    special = {END: max(ranks.values()) + 1, PROMPT: max(ranks.values()) + 20}
    pair = both(request.param, pat_str=REAL[request.param], mergeable_ranks=ranks, special_tokens=special)
    assert pair[0].engine == "byte_bpe"
    return pair


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")


CORPUS_BYTES = 150_000


def test_real_vocabularies_on_corpora(real: tuple[Any, Any], data_dir: Path) -> None:
    for path in sorted((data_dir / "corpora").iterdir()):
        text = path.read_bytes()[:CORPUS_BYTES].decode(errors="ignore")
        lines = text.splitlines(keepends=True)
        expected = real[1].encode_ordinary(text)
        assert real[0].encode_ordinary(text) == expected, path
        assert real[0].encode_ordinary_batch(lines) == real[1].encode_ordinary_batch(lines), path
        assert real[0].decode(expected) == text


def test_real_vocabularies_on_every_character(real: tuple[Any, Any]) -> None:
    characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for i in range(0, len(characters), 100_000):
        text = " ".join(characters[i : i + 100_000])
        assert real[0].encode_ordinary(text) == real[1].encode_ordinary(text)


def test_real_vocabularies_on_random_texts(real: tuple[Any, Any]) -> None:
    rows = texts(10, 1500)
    assert real[0].encode_ordinary_batch(rows) == real[1].encode_ordinary_batch(rows)
    for text in rows[:40]:
        got, expected = (e.encode_with_unstable(text[:12], disallowed_special=()) for e in real)
        assert got[0] == expected[0]
        assert sorted(got[1]) == sorted(expected[1])


def test_the_educational_encoding(capsys: pytest.CaptureFixture[str]) -> None:
    """Training and encoding word by word, beside tiktoken's."""
    from fasttok.tiktoken import _educational as mine

    others = pytest.importorskip("tiktoken._educational")
    rng = random.Random(11)
    for pattern in (r"\w+|\W", r".+", PATTERNS["gpt2"]):
        data = "".join(rng.choices(WORDS, k=400))
        ranks = mine.bpe_train(data, 330, pattern, visualise=None)
        assert ranks == others.bpe_train(data, 330, pattern, visualise=None)
        simple = mine.SimpleBytePairEncoding(pat_str=pattern, mergeable_ranks=ranks)
        other = others.SimpleBytePairEncoding(pat_str=pattern, mergeable_ranks=ranks)
        whole = ours.Encoding("x", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        for _ in range(50):
            text = "".join(rng.choices(WORDS, k=rng.randint(0, 8)))
            ids = simple.encode(text, visualise=None)
            assert ids == other.encode(text, visualise=None) == whole.encode_ordinary(text)
            assert simple.decode(ids) == other.decode(ids)
            assert simple.decode_tokens_bytes(ids) == other.decode_tokens_bytes(ids)
        assert mine.SimpleBytePairEncoding.from_tiktoken(whole).mergeable_ranks == ranks
        few = {token: rank for token, rank in ranks.items() if rank < 256}
        assert mine.bpe_train(data[:5], 256, pattern, visualise=None) == few
    assert capsys.readouterr().out == ""
    assert simple.encode("ab", visualise="simple") == simple.encode("ab", visualise="colour")
    assert "[b'a', b'b']" in capsys.readouterr().out
    with pytest.raises(ValueError, match="at least 256"):
        mine.bpe_train("a", 255, ".")

"""The calls that the core answers by itself, beside those that go through Python."""

from __future__ import annotations

import ctypes
import gc
import inspect
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np
import pytest

import fasttok
from fasttok import BertTokenizer, InputError, Tokenizer

TEXTS = [
    "",
    "a",
    "Hello, world!",
    "北京 is 2,000 km 远",
    "naïve [SEP] \U0001f600 e\u0301",
    "x" * 5000,
    "中" * 4097,
]


class Pair(NamedTuple):
    first: str
    second: bytes


class Text(str):
    """Not exactly a str."""


def bundled() -> Tokenizer:
    return BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer


@pytest.fixture
def tokenizer() -> Tokenizer:
    return bundled()


def nothing(tokenizer: Tokenizer) -> None:
    pass


def truncate(tokenizer: Tokenizer) -> None:
    tokenizer.enable_truncation(4)


def pad_left(tokenizer: Tokenizer) -> None:
    tokenizer.enable_padding(length=12, direction="left", pad_id=7)


def plain_specials(tokenizer: Tokenizer) -> None:
    tokenizer.encode_special_tokens = True


def edit(tokenizer: Tokenizer) -> None:
    tokenizer.normalizer.lowercase = not tokenizer.normalizer.lowercase


def there_and_back(tokenizer: Tokenizer) -> None:
    tokenizer.enable_truncation(4)
    tokenizer.encode("Hello, world!")
    tokenizer.no_truncation()


CHANGES = [nothing, truncate, pad_left, plain_specials, edit, there_and_back]


@pytest.mark.parametrize("change", CHANGES)
def test_equal_to_batches(tokenizer: Tokenizer, change: Callable[[Tokenizer], None]) -> None:
    tokenizer.encode("warm")  # the core of before must not answer
    change(tokenizer)
    for text in TEXTS:
        for specials in (True, False):
            whole = tokenizer.encode_batch([text], add_special_tokens=specials)[0]
            one = tokenizer.encode(text, add_special_tokens=specials)
            assert tokenizer.encode_ids(text, add_special_tokens=specials) == whole.ids
            for column in ("ids", "offsets", "tokens", "type_ids", "word_ids", "attention_mask"):
                assert getattr(one, column) == getattr(whole, column)
        for given in (text, Text(text)):
            assert tokenizer.encode_ids(given) == tokenizer.encode(given).ids
            assert tokenizer.encode(given).ids == tokenizer.encode_batch([text])[0].ids
            assert tokenizer.encode(given).offsets == tokenizer.encode_batch([text])[0].offsets


@pytest.mark.parametrize("wrong", [None, 5, b"bytes", ["a"], "a\ud800b"])
def test_wrong_inputs_raise_what_the_general_call_raises(tokenizer: Tokenizer, wrong: Any) -> None:
    with pytest.raises(InputError) as general:
        tokenizer.encode(wrong, add_special_tokens=True)
    for lean in (tokenizer.encode, tokenizer.encode_ids):
        with pytest.raises(InputError) as error:
            lean(wrong)
        assert str(error.value) == str(general.value)
    assert str(general.value).startswith("TextInputSequence must be str; sequence ")


@pytest.mark.parametrize("change", CHANGES)
def test_flat_batches(tokenizer: Tokenizer, change: Callable[[Tokenizer], None]) -> None:
    tokenizer.encode_batch_flat(["warm"])
    change(tokenizer)
    rows = [*TEXTS, Text("中 b"), "in bytes 中".encode(), ("a", "b"), Pair("a", b"c"), ["a", "d"]]
    for inputs in (rows, tuple(rows), np.array(TEXTS, object), []):
        general = tokenizer.encode_batch_flat(inputs, add_special_tokens=True)
        for lean in (
            tokenizer.encode_batch_flat(inputs),
            tokenizer.encode_batch_flat(inputs, num_threads=2),
            tokenizer.encode_batch_flat(inputs, num_threads=None),
        ):
            assert type(lean) is type(general)
            for slot in type(lean).__slots__:
                assert hasattr(lean, slot)
            assert lean.ids.tolist() == general.ids.tolist()
            assert lean.row_offsets.tolist() == general.row_offsets.tolist()
            assert not lean.ids.flags.writeable
            assert (lean.offsets, lean.type_ids, lean.word_ids) == (None, None, None)
            assert [row.tokens for row in lean] == [row.tokens for row in general]
            assert lean.to_lists() == general.to_lists()
            for key, matrix in general.padded().items():
                assert (lean.padded()[key] == matrix).all()
            again = pickle.loads(pickle.dumps(lean))
            assert again.padded()["input_ids"].tolist() == general.padded()["input_ids"].tolist()
            if len(inputs):
                with pytest.raises(ValueError, match="was pickled"):
                    again[0]


@pytest.mark.parametrize("wrong", [None, 5, "text", [None], ["a", 5], ["a\ud800b"], [b"\xff"]])
def test_wrong_batches_raise_what_the_general_call_raises(tokenizer: Tokenizer, wrong: Any) -> None:
    with pytest.raises(InputError) as general:
        tokenizer.encode_batch_flat(wrong, add_special_tokens=True)
    with pytest.raises(InputError) as error:
        tokenizer.encode_batch_flat(wrong)
    assert str(error.value) == str(general.value)


@pytest.mark.parametrize("wrong", [0, -1, 1025, "2", 1.5, True])
def test_wrong_threads_raise_what_the_general_call_raises(tokenizer: Tokenizer, wrong: Any) -> None:
    def outcome(**settings: Any) -> Any:
        try:
            return tokenizer.encode_batch_flat(["a"], num_threads=wrong, **settings).to_lists()
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    assert outcome() == outcome(add_special_tokens=True)


def test_flat_batches_of_presets() -> None:
    preset = BertTokenizer.from_pretrained("zh-en-wordpiece")
    expected = preset.backend_tokenizer.encode_batch_flat(TEXTS, add_special_tokens=True)
    assert preset.encode_batch_flat(TEXTS).to_lists() == expected.to_lists()
    assert preset.encode_batch_flat(inputs=TEXTS).to_lists() == expected.to_lists()
    bare = preset.encode_batch_flat(TEXTS, add_special_tokens=False, num_threads=1)
    assert len(bare.ids) == len(expected.ids) - 2 * len(TEXTS)
    with pytest.raises(TypeError):
        preset.encode_batch_flat(TEXTS, nonsense=1)
    with pytest.raises(TypeError):
        preset.encode_batch_flat()


def test_wrong_calls(tokenizer: Tokenizer) -> None:
    for call in (tokenizer.encode, tokenizer.encode_ids, tokenizer.encode_batch_flat):
        with pytest.raises(TypeError):
            call()
        with pytest.raises(TypeError):
            call("a", nonsense=1)


def test_a_tokenizer_that_was_never_started() -> None:
    with pytest.raises(AttributeError):
        Tokenizer.__new__(Tokenizer).encode("a")
    with pytest.raises(AttributeError):
        Tokenizer.__new__(Tokenizer).encode_batch_flat(["a"])


def test_signatures() -> None:
    parameters = inspect.signature(fasttok.Tokenizer.encode).parameters
    assert list(parameters)[1:] == [
        "sequence",
        "pair",
        "is_pretokenized",
        "add_special_tokens",
        "specials",
        "surrogates",
    ]
    assert list(inspect.signature(fasttok.Tokenizer.encode_ids).parameters)[1:] == [
        "text",
        "add_special_tokens",
    ]
    assert list(inspect.signature(fasttok.Tokenizer.encode_batch_flat).parameters)[1:] == [
        "inputs",
        "is_pretokenized",
        "add_special_tokens",
        "truncation",
        "offsets",
        "type_ids",
        "word_ids",
        "specials",
        "surrogates",
        "num_threads",
    ]


def test_plain_calls_enter_no_python_function(tokenizer: Tokenizer) -> None:
    tokenizer.encode("a")  # compiles
    tokenizer.encode_batch_flat(["a"])  # imports NumPy
    entered: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        tokenizer.encode("ab")
        tokenizer.encode_ids("ab")
        tokenizer.encode_batch_flat(["ab", "中"], num_threads=2)
    finally:
        sys.setprofile(None)
    assert entered == []


def check_references(tokenizer: Tokenizer) -> None:
    for more in ([], ["y" * 300_000], [b"in bytes"], [("a", "b")], ["z" * 300_000, b"c", ("d", "e")]):
        rows: list[Any] = ["".join(["中文 a ", str(i)]) * (1 + i % 700) for i in range(400)]
        rows[200:200] = more
        expected = [tokenizer.encode(*(row if isinstance(row, tuple) else (_text(row),))).ids for row in rows]
        before = [sys.getrefcount(row) for row in rows]
        for inputs in (rows, tuple(rows), np.array(rows[:100], object)):
            for threads in (1, 2):
                batch = tokenizer.encode_batch_flat(inputs, num_threads=threads)
                assert batch.to_lists() == expected[: len(inputs)]
                counts = tokenizer.count_batch(inputs, num_threads=threads)
                assert counts.tolist() == np.diff(batch.row_offsets).tolist()
        del inputs, batch
        assert [sys.getrefcount(row) for row in rows] == before


def test_rows_keep_their_references(tokenizer: Tokenizer) -> None:
    """Little text is borrowed, the more where no other thread runs; else references to the rows are held."""
    code = "import test_lean_calls as t; t.check_references(t.bundled())"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        check_references(tokenizer)
    finally:
        stop.set()
        other.join()


def _text(row: str | bytes) -> str:
    return row.decode() if isinstance(row, bytes) else row


def test_arguments_that_change_the_rows(tokenizer: Tokenizer) -> None:
    class Two:
        def __index__(self) -> int:
            rows[:] = ["b"] * 3
            return 2

    for settings in ({}, {"add_special_tokens": False}):
        rows = ["".join(["a", str(i)]) for i in range(1000)]
        batch = tokenizer.encode_batch_flat(rows, num_threads=Two(), **settings)  # type: ignore[arg-type]
        assert batch.to_lists() == tokenizer.encode_batch_flat(["b"] * 3, **settings).to_lists()


@pytest.mark.parametrize("ready_made", [False, True])
def test_lists_of_every_length(tokenizer: Tokenizer, ready_made: bool) -> None:
    words = ["the", "。", "unaffable", "中", "zebra", "!"]
    if ready_made:
        tokenizer.encode_ids("the " * tokenizer.get_vocab_size())
    for length in range(45):
        text = " ".join(words[i % len(words)] for i in range(length))
        expected = tokenizer.encode_batch_flat([text]).ids.tolist()
        ids = tokenizer.encode_ids(text)
        assert ids == expected
        # Ordinary ints: of the smallest ones there is one each, as everywhere in CPython.
        assert [i is j for i, j in zip(ids, expected, strict=True) if i <= 256].count(False) == 0
        assert [(i * 3, hash(i), f"{i}", i & 255) for i in ids] == [
            (i * 3, hash(i), f"{i}", i & 255) for i in expected
        ]
        # An ordinary list.
        ids.extend(expected)
        ids.insert(0, ids.pop())
        assert sorted(ids) == sorted(expected * 2)


def test_a_list_in_a_cycle_is_collected(tokenizer: Tokenizer) -> None:
    class Witness:
        pass

    ids: Any = tokenizer.encode_ids("a list")
    witness = Witness()
    gone = weakref.ref(witness)
    ids += [ids, witness]
    del ids, witness
    gc.collect()
    assert gone() is None


def test_lists_without_room_for_ready_made_ints() -> None:
    code = """if True:
        import resource

        from fasttok import BertTokenizer

        tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
        text = "hello world " * 300
        ids = tokenizer.encode_batch_flat([text]).ids.tolist()
        tokenizer.encode_ids("hello")
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 25_000_000,) * 2)
        for _ in range(50):  # more ids than are worth ready-made ints
            assert tokenizer.encode_ids(text) == ids
    """
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.filterwarnings("ignore:PyUnicode_FromUnicode:DeprecationWarning")
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="every str is ready")
def test_a_str_that_cannot_be_made_ready(tokenizer: Tokenizer) -> None:
    """What CPython says of such a str is raised, and does not end the process."""
    make = ctypes.pythonapi.PyUnicode_FromUnicode
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_ssize_t]
    place_of_text = 40  # in the object: wstr
    legacy = {}
    for name, content in {"good": "ab", "long": "ab " * 3000, "bad": "a"}.items():
        text = make(None, len(content) + (name == "bad"))
        place = ctypes.c_void_p.from_address(id(text) + place_of_text).value
        assert place
        codes = [ord(c) for c in content] + ([0x110000] if name == "bad" else [])
        ctypes.memmove(place, (ctypes.c_uint32 * len(codes))(*codes), 4 * len(codes))
        legacy[name] = text
    assert tokenizer.encode_ids(legacy["good"]) == tokenizer.encode_ids("ab")
    assert tokenizer.encode_ids(legacy["long"]) == tokenizer.encode_ids("ab " * 3000)
    with pytest.raises(ValueError, match="U\\+110000"):
        tokenizer.encode_ids(legacy["bad"])

"""One object, many threads, each with settings of its own: ids as in serial."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import fasttok
from fasttok import BertTokenizer

TEXTS = [
    "快速的 tokenizer, 一二三!",
    "The quick brown fox [SEP] jumps",
    "",
    "中" * 40,
    "naïve café " * 9,
    "[CLS] [MASK] x",
]
BATCH = [f"{text} {i}" for i in range(60) for text in TEXTS]


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return BertTokenizer.from_pretrained("zh-en-wordpiece")


def settings_of(number: int) -> dict[str, Any]:
    """Truncation, padding and specials of thread `number`; no two of 32 are equal."""
    return {
        "truncation": bool(number % 2),
        "max_length": 5 + number,
        "padding": "max_length" if number % 3 else False,
        "padding_side": "left" if number % 4 else "right",
        "specials": ["parse", "text", {"[SEP]"}, {"[CLS]", "[MASK]"}][number // 8],
        "return_offsets_mapping": number % 5 == 0,
    }


def test_32_threads_with_settings_of_their_own(tokenizer: BertTokenizer) -> None:
    expected = [[tokenizer(text, **settings_of(n)).data for text in TEXTS] for n in range(32)]
    begin = threading.Barrier(32)

    def work(number: int) -> int:
        settings = settings_of(number)
        begin.wait()
        return sum(
            tokenizer(text, **settings).data != expected[number][i]
            for _ in range(30)
            for i, text in enumerate(TEXTS)
        )

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(work, range(32))) == 0


def test_batches_on_threads_that_share_the_pool(tokenizer: BertTokenizer) -> None:
    core = tokenizer.backend_tokenizer
    rows = BATCH * 8
    expected = {length: core.encode_batch_flat(rows, truncation=length).ids for length in (4, 9, 300)}
    begin = threading.Barrier(6)

    def work(number: int) -> bool:
        begin.wait()
        length = (4, 9, 300)[number % 3]
        return all(
            np.array_equal(
                core.encode_batch_flat(rows, truncation=length, num_threads=threads).ids, expected[length]
            )
            for threads in (1, 2, 3, 8)
        )

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(6)))


def test_components_change_while_others_encode(tokenizer: BertTokenizer) -> None:
    core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
    text = "Ab [X] Cd"
    answers = set()
    for lowercase in (True, False):
        core.normalizer.lowercase = lowercase
        answers.add(tuple(core.encode(text).ids))
    done = threading.Event()
    strange = []

    def work() -> None:
        while not done.is_set():
            if tuple(core.encode(text).ids) not in answers:
                strange.append(1)

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(work) for _ in range(4)]
        for i in range(40):
            core.normalizer.lowercase = bool(i % 2)
        done.set()
        for future in running:
            future.result()
    assert not strange


def test_num_threads_of_a_call_and_of_the_process(tokenizer: BertTokenizer) -> None:
    core = tokenizer.backend_tokenizer
    before = fasttok.get_num_threads()
    expected = core.encode_batch_flat(BATCH * 10, num_threads=1)
    try:
        for n in (1, 2, 7, 1024):
            fasttok.set_num_threads(n)
            assert fasttok.get_num_threads() == n
            assert np.array_equal(core.encode_batch_flat(BATCH * 10).ids, expected.ids)
            assert np.array_equal(core.encode_batch_flat(BATCH * 10, num_threads=n).ids, expected.ids)
        for bad, error in (
            ("2", TypeError),
            (1.0, TypeError),
            (0, ValueError),
            (1025, ValueError),
            (2**70, ValueError),
        ):
            with pytest.raises(error, match="num_threads is"):
                fasttok.set_num_threads(bad)  # type: ignore[arg-type]
            assert fasttok.get_num_threads() == 1024
    finally:
        fasttok.set_num_threads(None)
    assert fasttok.get_num_threads() == before


def letters_tokenizer() -> fasttok.Tokenizer:
    """a to j are 0 to 9, each character a word."""
    model = fasttok.models.WordLevel({letter: id for id, letter in enumerate("abcdefghij")}, "a")
    tokenizer = fasttok.Tokenizer(model)
    tokenizer.pre_tokenizer = fasttok.pre_tokenizers.FixedLength(1)
    return tokenizer


def test_32_threads_while_another_changes_components() -> None:
    """The parts of a Sequence change together: each call sees both old or both new."""
    tokenizer = letters_tokenizer()
    changes = [
        fasttok.normalizers.Sequence(
            [fasttok.normalizers.Replace("x", mark), fasttok.normalizers.Replace(mark, mark * 2)]
        )
        for mark in "abcdefghij"
    ]
    answers = set()
    for change in changes:
        tokenizer.normalizer = change
        answers.add((tuple(tokenizer.encode("x").ids), tokenizer.encode_batch_flat(["x"]).ids.tobytes()))
    done = threading.Event()
    begin = threading.Barrier(33)

    def work(number: int) -> int:
        begin.wait()
        wrong = 0
        while not done.is_set():
            ids = tuple(tokenizer.encode("x").ids)
            flat = tokenizer.encode_batch_flat(["x"]).ids.tobytes()
            wrong += all(ids != one for one, _ in answers) or all(flat != other for _, other in answers)
        return wrong

    with ThreadPoolExecutor(33) as threads:
        running = [threads.submit(work, number) for number in range(32)]
        begin.wait()
        for i in range(150):
            tokenizer.normalizer = changes[i % 10]
        done.set()
        assert sum(future.result() for future in running) == 0
    assert tuple(tokenizer.encode("x").ids) == (9, 9)


def test_a_call_sees_the_settings_of_one_moment() -> None:
    """All stages and settings go from one whole configuration to the next, one by one: whatever a call sees
    was the state at some moment, never the end of a change without its beginning."""
    text = "xax"
    tokenizer = letters_tokenizer()
    states = set()
    steps: list[tuple[str, Any]] = []
    for number in (1, 2, 3):
        mark = "abcdefghij"[number]
        template = fasttok.processors.TemplateProcessing("$A m", "$A $B", [("m", 100 + number)])
        steps += [
            ("normalizer", fasttok.normalizers.Replace("x", mark)),
            ("post_processor", template),
            ("truncation", 3 + number),
            ("padding", 200 + number),
        ]

    def step(what: str, value: Any) -> None:
        if what == "truncation":
            tokenizer.enable_truncation(value)
        elif what == "padding":
            tokenizer.enable_padding(length=8, pad_id=value)
        else:
            setattr(tokenizer, what, value)

    for _ in range(2):
        for what, value in steps:
            step(what, value)
            states.add(tuple(tokenizer.encode(text).ids))
    done = threading.Event()
    strange = set()

    def work() -> None:
        while not done.is_set():
            ids = tuple(tokenizer.encode(text).ids)
            if ids not in states:
                strange.add(ids)

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(work) for _ in range(8)]
        for _ in range(25):
            for what, value in steps:
                step(what, value)
        done.set()
        for future in running:
            future.result()
    assert strange == set()


@pytest.mark.parametrize("kind", ["BPE", "Unigram", "WordPiece", "WordLevel"])
def test_a_models_property_is_never_lost(kind: str) -> None:
    """What a thread compiles from the old value while another sets a new one is not kept."""
    vocab = {"<unk>": 0, "a": 1, "b": 2, "<u>": 3}
    made = {
        "BPE": lambda: fasttok.models.BPE(vocab, [], unk_token="<unk>"),
        "Unigram": lambda: fasttok.models.Unigram([("<unk>", 0.0), ("a", -1.0)], 0),
        "WordPiece": lambda: fasttok.models.WordPiece(vocab, unk_token="<unk>"),
        "WordLevel": lambda: fasttok.models.WordLevel(vocab, "<unk>"),
    }
    tokenizer = fasttok.Tokenizer(made[kind]())
    name, values = ("alpha", [0.0, 0.5]) if kind == "Unigram" else ("unk_token", ["<unk>", "<u>"])
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            tokenizer.encode("x")

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(work) for _ in range(4)]
        for i in range(300):
            setattr(tokenizer.model, name, values[i % 2])
        done.set()
        for future in running:
            future.result()
    if kind != "Unigram":
        assert tokenizer.encode("x").tokens == ["<u>"]
    assert getattr(tokenizer.model, name) == values[1]

"""Damaged files: FormatError, what the reference accepts, or MemoryError; never something else, or a crash.

Files are truncated at every byte, bits are flipped, each field is replaced by values of each wrong type;
hypothesis adds random damage, and fuzz/ does the same to the C++ side.
"""

import copy
import errno
import json
import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from fasttok import BertTokenizer, FormatError, Tokenizer, models

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCAB_TXT = ("\n".join([*SPECIALS, "a", "##b", "中", "é", "😀", "", " x", "##"]) + "\n").encode()
DOCUMENT: dict[str, Any] = {
    "version": "1.0",
    "truncation": {"direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0},
    "padding": {
        "strategy": {"Fixed": 8},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    },
    "added_tokens": [
        {"id": 2, "content": "[CLS]", "single_word": False, "lstrip": False, "rstrip": False}
        | {"normalized": False, "special": True}
    ],
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}},
    },
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 6, "a": 4, "##b": 5, "中": 7},
    },
}
CONFIG = {
    "do_lower_case": True,
    "unk_token": "[UNK]",
    "model_max_length": 512,
    "tokenizer_class": "BertTokenizer",
    "added_tokens_decoder": {
        "2": {"content": "[CLS]", "single_word": False, "lstrip": False, "rstrip": False}
        | {"normalized": False, "special": True}
    },
}
# As JSON text, for what Python's `json` would not write.
WRONG = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "4294967296",
    "18446744073709551616",
    "9" * 5000,
    "NaN",
    "-Infinity",
]
WRONG += [
    "1e999",
    '""',
    '"x"',
    r'"\ud800"',
    r'"\udc00x"',
    "[]",
    "{}",
    "[null]",
    '{"a": 1}',
    '[["a", 1]]',
    "[" * 900,
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], text: str) -> str:
    """`document` as JSON, with `text` in one place."""
    if not path:
        return text
    document = copy.deepcopy(document)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = "<here>"
    return json.dumps(document).replace('"<here>"', text)


def use(tokenizer: Any) -> None:
    """What a tokenizer that was loaded has to stand; errors of settings are ordinary exceptions."""
    core = tokenizer.backend_tokenizer if isinstance(tokenizer, BertTokenizer) else tokenizer
    padding = core.padding
    if padding and max(padding["length"] or 0, padding["pad_to_multiple_of"] or 0) > 10_000:
        core.no_padding()  # asks for gigabytes, and would get them
    for call in (
        lambda: core.encode("ab [CLS] 中é😀", "a").tokens,
        lambda: core.decode(range(12)),
        lambda: tokenizer("a b") if tokenizer is not core else None,
        lambda: Tokenizer.from_str(core.to_str()),
    ):
        try:
            call()
        except RuntimeError as error:  # pybind11's own, of what the checks let through
            raise AssertionError(error) from error
        except (ValueError, TypeError, OverflowError):
            pass
        except Exception as error:
            assert type(error) is Exception, error  # noqa: PT017  the reference's class for failures of a call


def survives(load: Callable[[], Any]) -> bool:
    """Whether it was loaded; any exception but FormatError goes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tokenizer = load()
        except FormatError as error:
            return not str(error)  # there must be a message
        use(tokenizer)
    return True


def accepted_by_reference(text: str) -> bool:
    try:
        tokenizers.Tokenizer.from_str(text)
    except Exception:
        return False
    return True


@pytest.mark.parametrize(
    "data", [VOCAB_TXT, json.dumps(DOCUMENT).encode()], ids=["vocab.txt", "tokenizer.json"]
)
def test_truncated_at_every_byte(data: bytes) -> None:
    loaded = [survives(lambda end=end: Tokenizer.from_buffer(data[:end])) for end in range(len(data) + 1)]
    assert loaded[-1]
    assert loaded.count(True) == (1 if data[:1] == b"{" else sum(loaded))


@pytest.mark.parametrize(
    "data", [VOCAB_TXT, json.dumps(DOCUMENT).encode()], ids=["vocab.txt", "tokenizer.json"]
)
def test_flipped_bits(data: bytes) -> None:
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << random.Random(at).randrange(8)
        survives(lambda damaged=damaged: Tokenizer.from_buffer(bytes(damaged)))


def test_fields_of_wrong_types() -> None:
    for path in places(DOCUMENT):
        for wrong in WRONG:
            text = replaced(DOCUMENT, path, wrong)
            if survives(lambda text=text: Tokenizer.from_str(text)):
                assert accepted_by_reference(text), (path, wrong)


def folder_of(tmp_path: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = (
            tmp_path
            / {"json": "tokenizer.json", "config": "tokenizer_config.json", "vocab": "vocab.txt"}[name]
        )
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return tmp_path


def test_pretrained_files_of_wrong_types(tmp_path: Path) -> None:
    folder_of(tmp_path, json=json.dumps(DOCUMENT), config=json.dumps(CONFIG), vocab=VOCAB_TXT)
    assert survives(lambda: BertTokenizer.from_pretrained(tmp_path))
    for name, document in (("json", DOCUMENT), ("config", CONFIG)):
        for path in places(document):
            for wrong in WRONG:
                folder_of(tmp_path, **{name: replaced(document, path, wrong)})
                try:
                    survives(lambda: BertTokenizer.from_pretrained(tmp_path))
                except (TypeError, ValueError, OverflowError) as error:
                    # A setting that cannot be: as where it is given as an argument.
                    assert name == "config" or "stride" in str(error), (path, wrong, error)  # noqa: PT017
        folder_of(tmp_path, **{name: json.dumps(document)})


def test_pretrained_files_truncated(tmp_path: Path) -> None:
    whole = {"json": json.dumps(DOCUMENT).encode(), "config": json.dumps(CONFIG).encode()}
    folder_of(tmp_path, vocab=VOCAB_TXT, **whole)
    for name, data in whole.items():
        for end in range(0, len(data), 7):
            folder_of(tmp_path, **{name: data[:end]})
            assert not survives(lambda: BertTokenizer.from_pretrained(tmp_path))
        folder_of(tmp_path, **{name: data})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([*SPECIALS, "type"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(SPECIALS), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(list(places(DOCUMENT))), json_values)
def test_any_value_in_any_field(path: tuple[Any, ...], value: Any) -> None:
    survives(lambda: Tokenizer.from_str(replaced(DOCUMENT, path, json.dumps(value))))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"", b"[UNK]\n", b'{"']))
def test_any_bytes(data: bytes, begin: bytes) -> None:
    survives(lambda: Tokenizer.from_buffer(begin + data))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"model":' * 50_000, '{"a":[' * 3_000])
def test_deep_nesting_on_a_small_stack(text: str) -> None:
    messages: list[str] = []

    def load() -> None:
        for loader in (Tokenizer.from_str, lambda text: Tokenizer.from_buffer(text.encode())):
            try:
                loader(text)
            except FormatError as error:
                messages.append(str(error))

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=load)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(messages) == 2


def test_largest_ids() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["model"]["vocab"]["a"] = 2**32 - 1
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.no_padding()
    assert tokenizer.encode("a").ids == [2, 2**32 - 1]
    assert tokenizer.encode_batch_flat(["a"]).ids.tolist() == [2, 2**32 - 1]
    assert tokenizer.id_to_token(2**32 - 1) == "a"
    document["model"]["vocab"]["a"] = 2**32
    with pytest.raises(FormatError, match=r"model\.vocab\.a: expected an integer from 0 to 4294967295"):
        Tokenizer.from_str(json.dumps(document))
    with pytest.raises(ValueError, match="4294967296"):
        models.WordPiece({"a": 2**32})


def test_too_little_memory_is_a_memory_error() -> None:
    code = """
import resource
from fasttok import BertTokenizer
tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
text = "中 " * 20_000_000
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 30_000_000, used + 30_000_000))
for call in (
    lambda: tokenizer.encode_batch_flat([text]),
    lambda: tokenizer.backend_tokenizer.encode(text),
    lambda: tokenizer(["a"] * 9, padding="max_length", max_length=2**40),
    lambda: tokenizer.backend_tokenizer.with_engine("generic").encode(text),
):
    try:
        call()
    except MemoryError:
        print("MemoryError")
print(tokenizer("a").input_ids == tokenizer.encode("a"))
"""
    if not Path("/proc/self/statm").exists():
        pytest.skip("looks into /proc")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.stdout.split(), done.stderr) == (["MemoryError"] * 4 + ["True"], "")


def test_added_tokens_by_the_hundred_thousand() -> None:
    # Loading and encoding take time in proportion to what there is, not to its square: 40,000 tokens here,
    # 400,000 in scripts/linear.py.
    tokens = [f"<tok_{i}>" for i in range(40_000)]
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}))
    assert tokenizer.add_special_tokens(tokens) == len(tokens)
    again = Tokenizer.from_str(tokenizer.to_str())
    assert again.encode("a<tok_39999><tok_0>").ids == tokenizer.encode("a<tok_39999><tok_0>").ids
    assert again.encode("<tok_39999><tok_0>").ids == [40_001, 2]


# Saving


def save_all(tokenizer: BertTokenizer, folder: Path) -> None:
    tokenizer.save_pretrained(folder)
    tokenizer.backend_tokenizer.model.save(str(folder))


def test_a_full_disk_leaves_the_old_files_whole(tmp_path: Path) -> None:
    save_all(BertTokenizer.from_pretrained("zh-en-wordpiece"), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code = """
import resource, signal, sys
from fasttok import BertTokenizer
from fasttok.models import WordPiece
tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
tokenizer.add_tokens(["another"])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
core = tokenizer.backend_tokenizer
for save in (
    lambda: tokenizer.save_pretrained(sys.argv[1]),
    lambda: core.save(sys.argv[1] + "/tokenizer.json"),
    lambda: core.model.save(sys.argv[1]),
):
    try:
        save()
    except OSError:
        print("OSError")
"""
    for limit in ("0", "100000"):
        run = [sys.executable, "-c", code, str(tmp_path), limit]
        done = subprocess.run(run, capture_output=True, text=True, timeout=100)
        assert (done.stdout.split(), done.stderr) == (["OSError"] * 3, "")
        after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        if limit == "0":
            assert after == before
        else:  # the small configuration could be written
            assert after.keys() == before.keys()
            assert all(after[name] == before[name] for name in ("tokenizer.json", "vocab.txt"))


def test_a_device_that_is_full() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        Tokenizer(models.WordPiece({"[UNK]": 0})).save("/dev/full")
    assert caught.value.errno == errno.ENOSPC
    Tokenizer(models.WordPiece({"[UNK]": 0})).save("/dev/null")
    assert Path("/dev/null").is_char_device()


def test_saving_keeps_links_and_permissions(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}))
    target, link = tmp_path / "a.json", tmp_path / "b.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    tokenizer.save(link)
    assert link.is_symlink()
    assert target.read_text() == tokenizer.to_str(pretty=True)
    assert target.stat().st_mode & 0o777 == 0o640
    tokenizer.save(tmp_path / "new.json")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert (tmp_path / "new.json").stat().st_mode == plain.stat().st_mode
    with pytest.raises(FileNotFoundError):
        tokenizer.save(tmp_path / "none" / "c.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json", "new.json", "plain"]

"""CpmTokenizer beside transformers', and the jieba step beside its definition."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from parity.sentencepiece_cases import random_text, trained

import fasttok
from fasttok import jieba_words

reference = pytest.importorskip("transformers")
pytest.importorskip("rjieba")  # the reference asks for it, and does not call it

TEXTS = [
    "Hello world",
    " 中国人  我们的天气 ",
    "",
    " ",
    "naïve café 1,234 12, 5,ﬁn ``quoted''",
    "ＡＢＣ　１２３ e\u0301 Å ㍿",
    "a\n\n b\t",
    "<sep>x <mask> y<unk>z<eop>",
    "▂ ▃ ▁",
]
CALLS: list[dict[str, Any]] = [
    {},
    {"add_special_tokens": False},
    {"return_special_tokens_mask": True, "return_token_type_ids": True, "return_length": True},
    {"text_pair": "a pair 中国", "return_token_type_ids": True},
    {"max_length": 5, "truncation": True},
    {"text_pair": "models", "max_length": 9, "truncation": "only_first"},
    {"max_length": 19, "padding": "max_length", "return_token_type_ids": True},
    {"padding": True, "pad_to_multiple_of": 8, "return_tensors": "np"},
]


@pytest.fixture(scope="module", params=[False, True], ids=["unigram", "bpe"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cpm")
    symbols = "<cls>,<sep>,<pad>,<mask>" if request.param else "<cls>,<sep>"
    model = trained("bpe" if request.param else "unigram", request.param, control_symbols=symbols)
    (folder / "spiece.model").write_bytes(model)
    return folder


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: plain(column) for key, column in value.items()}
    return ("array", value.tolist()) if isinstance(value, np.ndarray) else value


def outcome(call: Callable[[Any], Any], tokenizer: Any) -> Any:
    try:
        return plain(call(tokenizer))
    except Exception:
        return "error"


def assert_equal(ours: Any, theirs: Any) -> None:
    rng = random.Random(3)
    texts = [*TEXTS, *(random_text(rng) for _ in range(40))]
    for text in texts:
        for options in CALLS:
            got, expected = (outcome(lambda t, o=options, x=text: t(x, **o), t) for t in (ours, theirs))
            assert got == expected, (text, options)
        ids = theirs(text)["input_ids"]
        assert ours.tokenize(text) == theirs.tokenize(text)
        assert ours.convert_ids_to_tokens(ids) == theirs.convert_ids_to_tokens(ids)
        for skip in (False, True):
            got, expected = (t.decode(ids, skip_special_tokens=skip) for t in (ours, theirs))
            assert got == expected, (text, skip)
    words = [text.split() for text in texts if text.split()]
    for call in (
        lambda t: t(words, is_split_into_words=True),
        lambda t: t(texts, padding=True, return_tensors="np", return_token_type_ids=True),
        lambda t: t(list(zip(texts, texts[::-1], strict=True))),
        lambda t: t.batch_decode(t(texts)["input_ids"]),
        lambda t: sorted(t.get_vocab().items()),
        lambda t: t.special_tokens_map,
        lambda t: (t.all_special_tokens, t.all_special_ids, len(t), t.vocab_size),
        lambda t: (t.num_special_tokens_to_add(pair=True), t.pad_token_type_id, t.padding_side),
        lambda t: t.convert_tokens_to_ids(["a", "nowhere", t.eos_token]),
        lambda t: t.convert_tokens_to_string(["▁a", "b", "▁"]),
        lambda t: {i: str(token) for i, token in t.added_tokens_decoder.items()},
    ):
        assert outcome(call, ours) == outcome(call, theirs)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"do_lower_case": True},
        {"remove_space": False},
        {"keep_accents": True},
        {"mask_token": "<here>", "padding_side": "left", "truncation_side": "left"},
        {"additional_special_tokens": ["<one>"]},
    ],
    ids=str,
)
def test_beside_the_reference(folder: Path, options: dict[str, Any]) -> None:
    path = str(folder / "spiece.model")
    assert_equal(fasttok.CpmTokenizer(path, **options), reference.CpmTokenizer(path, **options))
    assert_equal(
        *(module.CpmTokenizer.from_pretrained(str(folder), **options) for module in (fasttok, reference))
    )


def test_saved_by_one_and_read_by_the_other(folder: Path, tmp_path: Path) -> None:
    for module, name in ((fasttok, "ours"), (reference, "theirs")):
        tokenizer = module.CpmTokenizer(str(folder / "spiece.model"), pad_token="<fill>")
        tokenizer.save_pretrained(str(tmp_path / name))
        assert (tmp_path / name / "spiece.model").read_bytes() == (folder / "spiece.model").read_bytes()
        assert_equal(*(m.CpmTokenizer.from_pretrained(str(tmp_path / name)) for m in (fasttok, reference)))


def test_shared_models(data_dir: Path) -> None:
    for name in ("pangu-alpha/vocab.model", "xlnet-base-cased/spiece.model"):
        path = str(data_dir / "vocabs" / name)
        assert_equal(fasttok.CpmTokenizer(path), reference.CpmTokenizer(path))


def as_trained(text: str) -> str:
    """The step of PanGu-α's and CPM's programs, word for word."""
    import jieba

    table = str.maketrans(" \n", "\u2582\u2583")
    return " ".join([x.translate(table) for x in jieba.cut(text, cut_all=False)])


@pytest.mark.parametrize("name", [None, "pangu-alpha/vocab.model"])
def test_jieba_step(name: str | None, folder: Path, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("jieba")
    path = folder / "spiece.model"
    if name is not None:
        path = request.getfixturevalue("data_dir") / "vocabs" / name
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    tokenizer = fasttok.CpmTokenizer(path, jieba=True, keep_accents=True)
    for text in ("今天天气很好，我们的中国人。", "we have\n12 tokens", "中文 字符\n"):
        assert jieba_words.cut(text) == as_trained(text)
        assert jieba_words.joined(jieba_words.cut(text)) == text
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert ids == processor.encode(as_trained(text))
        decoded = processor.decode(ids).replace(" ", "").replace("\u2582", " ").replace("\u2583", "\n")
        if not any(processor.is_byte(ids)) and processor.unk_id() not in ids:
            assert tokenizer.decode(ids) == decoded
    fast = fasttok.CpmTokenizerFast(path, keep_accents=True)
    assert fast("今天天气很好")["input_ids"] == tokenizer("今天天气很好")["input_ids"]


def test_words_of_ones_own(folder: Path, tmp_path: Path) -> None:
    tokenizer = fasttok.CpmTokenizer(folder / "spiece.model", jieba=lambda text: [text[:2], text[2:]])
    plain_one = fasttok.CpmTokenizer(folder / "spiece.model")
    assert tokenizer.tokenize("中国天气") == plain_one.tokenize("中国 天气")
    again = pickle.loads(pickle.dumps(fasttok.CpmTokenizer(folder / "spiece.model", do_lower_case=True)))
    assert again("ABC")["input_ids"] == plain_one("abc")["input_ids"]
    pytest.importorskip("jieba")
    fasttok.CpmTokenizer(folder / "spiece.model", jieba=True).save_pretrained(tmp_path)
    assert json.loads((tmp_path / "tokenizer_config.json").read_text())["jieba"] is True
    assert fasttok.CpmTokenizer.from_pretrained(tmp_path).jieba is True


def test_what_it_refuses(folder: Path, tmp_path: Path) -> None:
    tokenizer = fasttok.CpmTokenizer(folder / "spiece.model")
    with pytest.raises(NotImplementedError, match="offsets"):
        tokenizer("a", return_offsets_mapping=True)
    with pytest.raises(fasttok.InputError, match=r"text\[1\] is int"):
        tokenizer(["a", 1])
    (tmp_path / "spiece.model").write_bytes(b"\x0a\xff")
    with pytest.raises(fasttok.FormatError, match=r"spiece\.model"):
        fasttok.CpmTokenizer.from_pretrained(tmp_path)

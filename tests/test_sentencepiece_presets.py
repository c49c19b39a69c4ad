"""The classes over SentencePiece vocabularies (T5, XLNet, ALBERT, …) beside those of transformers."""

from __future__ import annotations

import json
import pickle
import random
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parity.sentencepiece_cases import random_text, trained

import fasttok
from fasttok import FormatError

reference = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

UNIGRAMS = ["T5Tokenizer", "XLNetTokenizer", "AlbertTokenizer", "XLMRobertaTokenizer"]
NAMES = [*UNIGRAMS, "LlamaTokenizer"]
FILES = dict.fromkeys(UNIGRAMS, "spiece.model") | {
    "XLMRobertaTokenizer": "sentencepiece.bpe.model",
    "LlamaTokenizer": "tokenizer.model",
}
TEXTS = [
    "Hello world",
    " the  quick brown ",
    "",
    " ",
    "naïve café résumé Straße ``quoted'' 1,234",
    "中国人，我们的天气。東京",
    "ｽﾅｯﾌﾟﾘﾝｸﾞ　SC-40 ﷺ ㍿ Å e\u0301",
    "a\n\n b\t\r\n",
    "<s> x</s><mask>y <pad><unk> [CLS]",
    "<extra_id_0> tokens <extra_id_99>z",
    "😀 👍🏽 \ufe30",
    "▁▁the ▁ models",
    "\u00a0\u3000x\u200d",
    "don't , stop !",
]


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def model_of(name: str) -> bytes:
    """A tiny model with the special pieces where the class looks for them."""
    if name == "LlamaTokenizer":
        return trained("bpe", True)
    pieces: dict[str, Any] = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    if name in ("XLNetTokenizer", "XLMRobertaTokenizer"):
        pieces = {"unk_id": 0, "bos_id": 1, "eos_id": 2}
    if name == "XLNetTokenizer":
        pieces["control_symbols"] = "<cls>,<sep>,<pad>,<mask>,<eod>,<eop>"
    if name == "AlbertTokenizer":
        pieces = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1}
        pieces["control_symbols"] = "[CLS],[SEP],[MASK]"
    return trained("unigram", False, name != "XLNetTokenizer", **pieces)


@pytest.fixture(scope="module")
def folder(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(name)
    (folder / FILES[name]).write_bytes(model_of(name))
    return folder


@pytest.fixture(scope="module")
def parts(folder: Path, name: str) -> tuple[Any, ...]:
    """What the constructor takes: a list of (piece, score), or a dict and merges."""
    model = json.loads(getattr(reference, name).from_pretrained(str(folder)).backend_tokenizer.to_str())[
        "model"
    ]
    if name == "LlamaTokenizer":
        return model["vocab"], [tuple(pair) for pair in model["merges"]]
    return ([(piece, score) for piece, score in model["vocab"]],)


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, plain(column)) for key, column in value.items()]
    return ("array", value.tolist()) if isinstance(value, np.ndarray) else value


def outcome(call: Callable[[Any], Any], tokenizer: Any) -> Any:
    try:
        return plain(call(tokenizer))
    except Exception:
        return "error"


CALLS: list[dict[str, Any]] = [
    {},
    {"add_special_tokens": False},
    {"return_offsets_mapping": True, "return_special_tokens_mask": True, "return_token_type_ids": True},
    {"text_pair": "a pair", "return_token_type_ids": True},
    {"max_length": 5, "truncation": True},
    {"text_pair": "models of 中国", "max_length": 14, "truncation": "only_first"},
    {
        "max_length": 8,
        "truncation": True,
        "return_overflowing_tokens": True,
        "stride": 1,
        "return_length": True,
    },
    {"max_length": 19, "padding": "max_length", "return_token_type_ids": True},
    {"max_length": 19, "padding": "max_length", "padding_side": "right", "return_attention_mask": False},
    {"padding": True, "pad_to_multiple_of": 8, "return_tensors": "np"},
    {"text_target": "tokens"},
]


def assert_equal(ours: Any, theirs: Any, seed: int = 1) -> None:
    rng = random.Random(seed)
    texts = [*TEXTS, *(random_text(rng) for _ in range(20))]
    for text in texts:
        for options in CALLS:
            got, expected = (outcome(lambda t, o=options, x=text: t(x, **o), t) for t in (ours, theirs))
            assert got == expected, (text, options)
        ids = theirs(text)["input_ids"]
        assert ours.tokenize(text) == theirs.tokenize(text)
        for skip in (False, True):
            for clean in (None, True, False):
                got, expected = (
                    t.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=clean)
                    for t in (ours, theirs)
                )
                assert got == expected, (text, skip, clean)
    words = [text.split() for text in texts if text.split()]
    for call in (
        lambda t: t(words, is_split_into_words=True, return_offsets_mapping=True),
        lambda t: t(texts, padding=True, return_tensors="np", return_token_type_ids=True),
        lambda t: t(texts, texts[::-1], padding=True, truncation=True, max_length=20),
        lambda t: t.batch_decode(t(texts)["input_ids"]),
        lambda t: sorted(t.get_vocab().items()),
        lambda t: t.special_tokens_map,
        lambda t: (t.all_special_tokens, t.all_special_ids, len(t), t.vocab_size),
        lambda t: (t.num_special_tokens_to_add(pair=True), t.extra_special_tokens),
        lambda t: t.convert_tokens_to_ids(["a", "nowhere", t.eos_token]),
        lambda t: t.convert_tokens_to_string(["▁a", "b", "▁"]),
        lambda t: t.get_special_tokens_mask(t("a b")["input_ids"], already_has_special_tokens=True),
        lambda t: {i: repr(token) for i, token in t.added_tokens_decoder.items()},
        lambda t: json.loads(t.backend_tokenizer.to_str()),
        lambda t: (t.add_prefix_space, t.padding_side, t.pad_token_type_id, t.model_input_names),
        lambda t: tuple(
            getattr(t, a, 0) for a in ("do_lower_case", "keep_accents", "trim_offsets", "legacy")
        ),
        lambda t: t.can_save_slow_tokenizer,
    ):
        assert outcome(call, ours) == outcome(call, theirs)


def both(name: str, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(fasttok, name)(*arguments, **options), getattr(reference, name)(*arguments, **options)


def loaded(name: str, folder: Path, **options: Any) -> tuple[Any, Any]:
    return tuple(  # type: ignore[return-value]
        getattr(module, name).from_pretrained(str(folder), **options) for module in (fasttok, reference)
    )


def test_of_a_vocabulary(name: str, parts: tuple[Any, ...]) -> None:
    assert_equal(*both(name, *parts))


def test_without_a_vocabulary(name: str) -> None:
    assert_equal(*both(name))


def test_from_a_folder_with_a_model(name: str, folder: Path) -> None:
    assert_equal(*loaded(name, folder))


OPTIONS: list[dict[str, Any]] = [
    {"add_prefix_space": False},
    {"do_lower_case": True},
    {"keep_accents": True, "do_lower_case": False},
    {"extra_ids": 3},
    {"extra_ids": 0},
    {"legacy": True},
    {"unk_token": "the", "pad_token": "<fill>"},
    {"mask_token": "<here>", "cls_token": "<first>"},
    {"add_bos_token": True, "bos_token": "<begin>"},
    {"add_bos_token": True, "add_eos_token": True},
    {"clean_up_tokenization_spaces": True},
    {"padding_side": "right", "truncation_side": "left", "model_max_length": 7},
    {"extra_special_tokens": ["<one>", "the"]},
    {"additional_special_tokens": ["<one>", "the"]},
    {"split_special_tokens": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_settings(name: str, parts: tuple[Any, ...], options: dict[str, Any]) -> None:
    # Copies: the reference adds sentinels to the caller's list.
    made = []
    for module in (fasttok, reference):
        copied = {key: list(value) if isinstance(value, list) else value for key, value in options.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.append(outcome_of_class(module, name, parts, copied))
    assert (made[0] == "error") == (made[1] == "error")
    if made[1] != "error":
        assert_equal(*made)


def outcome_of_class(module: Any, name: str, parts: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        return getattr(module, name)(*parts, **options)
    except Exception:
        return "error"


@pytest.mark.parametrize(
    "options", [{"extra_ids": 2}, {"do_lower_case": True}, {"add_eos_token": True}], ids=str
)
def test_settings_of_a_folder(name: str, folder: Path, options: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_equal(*loaded(name, folder, **options))


def test_saved_by_one_and_read_by_the_other(name: str, folder: Path, tmp_path: Path) -> None:
    ours, theirs = loaded(name, folder)
    ours.save_pretrained(str(tmp_path / "ours"))
    theirs.save_pretrained(str(tmp_path / "theirs"))
    for saved in ("ours", "theirs"):
        configs = [
            json.loads((tmp_path / which / "tokenizer_config.json").read_text())
            for which in ("ours", "theirs")
        ]
        assert configs[0] == configs[1]
        assert_equal(*loaded(name, tmp_path / saved))


def test_settings_beside_the_model(name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / FILES[name]).write_bytes((folder / FILES[name]).read_bytes())
    config = {
        "model_max_length": 12,
        "pad_token": "<pad>",
        "add_bos_token": True,
        "additional_special_tokens": ["<x>"],
    }
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<new>": 1000}))
    (tmp_path / "special_tokens_map.json").write_text(
        json.dumps({"unk_token": {"content": "<unk>", "lstrip": True}})
    )
    assert_equal(*loaded(name, tmp_path))


def test_files_given_to_the_class(name: str, folder: Path) -> None:
    path = folder / FILES[name]
    loaded_one = getattr(fasttok, name).from_pretrained(str(folder))
    for made in (
        getattr(fasttok, name)(path),
        getattr(fasttok, name)(str(path)),
        getattr(fasttok, name)(vocab_file=str(path)),
    ):
        for text in TEXTS:
            assert made(text)["input_ids"] == loaded_one(text)["input_ids"]


def test_the_model_is_saved_again(name: str, folder: Path, tmp_path: Path) -> None:
    tokenizer = getattr(fasttok, name).from_pretrained(str(folder))
    (path,) = tokenizer.save_vocabulary(str(tmp_path), "my")
    assert Path(path).name == f"my-{FILES[name]}"
    assert Path(path).read_bytes() == (folder / FILES[name]).read_bytes()
    again = getattr(fasttok, name).from_pretrained(str(folder))
    assert again.save_vocabulary(str(folder)) == (str(folder / FILES[name]),)
    with pytest.raises(ValueError, match="save_pretrained"):
        getattr(fasttok, name)().save_vocabulary(str(tmp_path))
    with pytest.raises(NotADirectoryError):
        tokenizer.save_vocabulary(str(tmp_path / "nowhere"))


def test_pickled(name: str, folder: Path) -> None:
    tokenizer = getattr(fasttok, name).from_pretrained(str(folder))
    again = pickle.loads(pickle.dumps(tokenizer))
    assert again(TEXTS)["input_ids"] == tokenizer(TEXTS)["input_ids"]


def test_sentinels(tmp_path: Path) -> None:
    tokenizer = fasttok.T5Tokenizer(
        extra_ids=3, extra_special_tokens=["<one>", *map("<extra_id_{}>".format, range(3))]
    )
    tokens, ids = tokenizer.get_sentinel_tokens(), tokenizer.get_sentinel_token_ids()
    assert tokens == ["<extra_id_0>", "<extra_id_1>", "<extra_id_2>"]
    assert ids == [6, 5, 4]
    with pytest.raises(AttributeError):
        reference.T5Tokenizer().get_sentinel_tokens()  # what the docstring says of it


def test_other_names() -> None:
    for name in NAMES:
        assert getattr(fasttok, name + "Fast") is getattr(fasttok, name)
        assert getattr(reference, name + "Fast") is getattr(reference, name)


def test_by_auto_tokenizer(name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / FILES[name]).write_bytes((folder / FILES[name]).read_bytes())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    tokenizer = fasttok.AutoTokenizer.from_pretrained(str(tmp_path))
    assert type(tokenizer) is getattr(fasttok, name)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("XLNetTokenizer", "xlnet-base-cased"),
        ("LlamaTokenizer", "llama2"),
        ("T5Tokenizer", "t5-nai"),
        ("AlbertTokenizer", "xlnet-base-cased"),
        ("XLMRobertaTokenizer", "pangu-alpha"),
    ],
)
@pytest.mark.parametrize("with_json", [True, False])
def test_shared_models(name: str, folder: str, with_json: bool, data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "vocabs" / folder
    if with_json and not (path / "tokenizer.json").exists():
        pytest.skip("there is no tokenizer.json")
    if with_json:
        (tmp_path / "tokenizer.json").write_bytes((path / "tokenizer.json").read_bytes())
    else:
        (file,) = path.glob("*.model")
        (tmp_path / FILES[name]).write_bytes(file.read_bytes())
    options = {"extra_ids": 0} if name == "T5Tokenizer" else {}
    made = []
    for module in (fasttok, reference):
        try:
            made.append(getattr(module, name).from_pretrained(str(tmp_path), **options))
        except Exception:
            made.append("error")
    assert ("error" in made) == (made == ["error", "error"])
    if "error" not in made:
        assert_equal(*made)


def test_damaged_files(tmp_path: Path) -> None:
    for name, data, message in (
        ("T5Tokenizer", b"\x0a\xff", "spiece.model"),
        ("T5Tokenizer", b"\x0a\x03\x0a\x01\xff", r"spiece.model: pieces\[0\]: not UTF-8"),
        ("LlamaTokenizer", b"IQ== 0\nIg== 1\n", "tokenizer.model"),
    ):
        (tmp_path / FILES[name]).write_bytes(data)
        with pytest.raises(FormatError, match=message):
            getattr(fasttok, name).from_pretrained(str(tmp_path))
    for json_text, message in (
        ({"model": {"type": "Unigram", "vocab": {}}}, "model.vocab: expected a list"),
        ({"model": {"vocab": [["a"]]}}, r"model.vocab\[0\]"),
        ({"model": {"vocab": [["a", "b"]]}}, r"model.vocab\[0\]\[1\]: expected a number"),
        (
            {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "§"}, "model": {"vocab": []}},
            "normalizer.precompiled_charsmap: not base64",
        ),
    ):
        (tmp_path / "tokenizer.json").write_text(json.dumps(json_text))
        with pytest.raises(FormatError, match=message):
            fasttok.T5Tokenizer.from_pretrained(str(tmp_path))
    with pytest.raises(TypeError):
        fasttok.T5Tokenizer({"a": 1})
    with pytest.raises(ValueError, match="extra_ids"):
        fasttok.T5Tokenizer(additional_special_tokens=["<extra_id_0>"], extra_ids=2)
    with pytest.raises(FileNotFoundError):
        fasttok.XLNetTokenizer("missing.model")

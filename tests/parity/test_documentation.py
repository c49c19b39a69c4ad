"""The programs of Hugging Face's documentation (quick tour without its training, pipeline, components), with
only the import changed: both packages print the same."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import tokenizers as reference

import fasttok
from parity.compare import columns

Say = Callable[..., None]
SUBMODULES = ("models", "normalizers", "pre_tokenizers", "processors", "decoders", "implementations")
TEXT = "Hello, y'all! How are you 😁 ?"


@pytest.fixture(params=["tokenizers", "fasttok"])
def package(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What `import tokenizers` gives."""
    if request.param == "fasttok":
        monkeypatch.setitem(sys.modules, "tokenizers", fasttok)
        for name in SUBMODULES:
            monkeypatch.setitem(sys.modules, f"tokenizers.{name}", importlib.import_module(f"fasttok.{name}"))
    return importlib.import_module("tokenizers")


@pytest.fixture(scope="module")
def printed() -> dict[str, list[str]]:
    """What each program printed with the first of the two packages."""
    return {}


@pytest.fixture
def say(request: pytest.FixtureRequest, printed: dict[str, list[str]]) -> Iterator[Say]:
    """print(), compared between the packages when the program is at its end."""
    lines: list[str] = []
    yield lambda *values: lines.append(" ".join(map(repr, values)))
    name = request.node.originalname
    assert lines
    assert printed.setdefault(name, lines) == lines


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> str:
    """tokenizer-wiki.json: what the quick tour has trained when it begins to encode."""
    tokenizer = reference.Tokenizer(reference.models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = reference.pre_tokenizers.Whitespace()
    specials = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    trainer = reference.trainers.BpeTrainer(special_tokens=specials, vocab_size=300, show_progress=False)
    words = re.findall(r"\S+", "Hello , y ' all ! How are you ? I'm fine, thank you. the quick brown fox")
    tokenizer.train_from_iterator([" ".join(words[i::k]) for k in range(1, 9) for i in range(k)], trainer)
    path = tmp_path_factory.mktemp("data") / "tokenizer-wiki.json"
    tokenizer.save(str(path))
    return str(path)


def test_quick_tour(package: ModuleType, say: Say, wiki: str, tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer.from_file(wiki)
    tokenizer.save(str(tmp_path / "again.json"))
    tokenizer = Tokenizer.from_file(str(tmp_path / "again.json"))
    output = tokenizer.encode(TEXT)
    say(output.tokens, output.ids, output.offsets)
    begin, end = output.offsets[output.tokens.index("[UNK]")]
    say(TEXT[begin:end])
    say(tokenizer.token_to_id("[SEP]"))
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[
            ("[CLS]", tokenizer.token_to_id("[CLS]")),
            ("[SEP]", tokenizer.token_to_id("[SEP]")),
        ],
    )
    say(tokenizer.encode(TEXT).tokens)
    output = tokenizer.encode("Hello, y'all!", "How are you 😁 ?")
    say(output.tokens, output.type_ids)
    say([row.tokens for row in tokenizer.encode_batch(["Hello, y'all!", "How are you 😁 ?"])])
    pairs = [["Hello, y'all!", "How are you 😁 ?"], ["Hello to you too!", "I'm fine, thank you!"]]
    say([columns(row) for row in tokenizer.encode_batch(pairs)])
    tokenizer.enable_padding(pad_id=3, pad_token="[PAD]")
    output = tokenizer.encode_batch(["Hello, y'all!", "How are you 😁 ?"])
    say(output[1].tokens, output[1].attention_mask)
    say(tokenizer, str(tokenizer), tokenizer.to_str(pretty=True))


def test_quick_tour_pretrained(package: ModuleType, say: Say, bert_en: Path) -> None:
    from tokenizers import BertWordPieceTokenizer, Tokenizer

    say(columns(Tokenizer.from_file(str(bert_en / "tokenizer.json")).encode(TEXT)))
    tokenizer = BertWordPieceTokenizer(str(bert_en / "vocab.txt"), lowercase=True)
    say(columns(tokenizer.encode(TEXT)), tokenizer)


def test_pipeline(package: ModuleType, say: Say, wiki: str) -> None:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.normalizers import NFD, StripAccents
    from tokenizers.pre_tokenizers import Digits, Whitespace

    normalizer = normalizers.Sequence([NFD(), StripAccents()])
    say(normalizer.normalize_str("Héllò hôw are ü?"))
    tokenizer = Tokenizer.from_file(wiki)
    tokenizer.normalizer = normalizer
    say(Whitespace().pre_tokenize_str("Hello! How are you? I'm fine, thank you."))
    pre_tokenizer = pre_tokenizers.Sequence([Whitespace(), Digits(individual_digits=True)])
    say(pre_tokenizer.pre_tokenize_str("Call 911!"))
    tokenizer.pre_tokenizer = pre_tokenizer
    output = tokenizer.encode("Héllò, y'all! Call 911 😁")
    say(columns(output))
    say(tokenizer.decode(output.ids), tokenizer.decode([1, 27, 2]))
    say(tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.model)


def test_pipeline_bert(package: ModuleType, say: Say, bert_en: Path) -> None:
    from tokenizers import Tokenizer, decoders, normalizers
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import NFD, Lowercase, StripAccents
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    bert = Tokenizer(WordPiece.from_file(str(bert_en / "vocab.txt"), unk_token="[UNK]"))
    bert.normalizer = normalizers.Sequence([NFD(), Lowercase(), StripAccents()])
    bert.pre_tokenizer = Whitespace()
    bert.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 101), ("[SEP]", 102)],
    )
    bert.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])
    output = bert.encode("Welcome to the 🤗 Tokenizers library. Nïce, très embeddings")
    say(columns(output))
    say(bert.decode(output.ids))
    bert.decoder = decoders.WordPiece()
    say(bert.decode(output.ids), bert.decode(output.ids, skip_special_tokens=False))


@pytest.mark.parametrize(
    ("room", "name", "arguments"),
    [
        ("normalizers", "NFKC", ()),
        ("normalizers", "Lowercase", ()),
        ("normalizers", "Strip", ()),
        ("normalizers", "Replace", ("e", "a")),
        ("normalizers", "BertNormalizer", ()),
        ("normalizers", "Nmt", ()),
        ("pre_tokenizers", "ByteLevel", ()),
        ("pre_tokenizers", "Whitespace", ()),
        ("pre_tokenizers", "WhitespaceSplit", ()),
        ("pre_tokenizers", "Punctuation", ()),
        ("pre_tokenizers", "Metaspace", ()),
        ("pre_tokenizers", "CharDelimiterSplit", ("x",)),
        ("pre_tokenizers", "Digits", ()),
        ("pre_tokenizers", "Split", (" ", "isolated")),
        ("pre_tokenizers", "UnicodeScripts", ()),
    ],
)
@pytest.mark.parametrize(
    "text", ["Hello there Helloxthere", "ℌ𝔢𝔩𝔩𝔬 HELLO  ὈΔΥΣΣΕΎΣ ", "Hello123there Hello?", "どう 使う"]
)
def test_components(room: str, name: str, arguments: tuple[str, ...], text: str) -> None:
    made = [getattr(getattr(one, room), name)(*arguments) for one in (reference, fasttok)]
    method = "normalize_str" if room == "normalizers" else "pre_tokenize_str"
    assert getattr(made[0], method)(text) == getattr(made[1], method)(text)
    assert repr(made[0]) == repr(made[1])


@pytest.fixture
def jieba() -> ModuleType:
    module: ModuleType = pytest.importorskip("jieba")
    module.setLogLevel(60)
    return module


def test_custom_components(jieba: ModuleType, package: ModuleType, say: Say) -> None:
    """jieba as a pre-tokenizer, a normalizer and a decoder in Python."""
    from tokenizers import NormalizedString, PreTokenizedString, Regex, Tokenizer
    from tokenizers.decoders import Decoder
    from tokenizers.models import BPE
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

    class JiebaPreTokenizer:
        def jieba_split(self, i: int, text: NormalizedString) -> list[NormalizedString]:
            return [text[begin:end] for _, begin, end in jieba.tokenize(str(text))]

        def odd_number_split(self, i: int, text: NormalizedString) -> list[NormalizedString]:
            last, parts = 0, []
            for at, c in enumerate(str(text)):
                if c.isnumeric() and int(c) % 2 == 1:
                    parts.append(text[last:at])
                    last = at
            return [*parts, text[last:]]

        def pre_tokenize(self, text: PreTokenizedString) -> None:
            text.split(self.jieba_split)
            text.split(self.odd_number_split)

    class CustomDecoder:
        def decode(self, tokens: list[str]) -> str:
            return "".join(tokens)

        def decode_chain(self, tokens: list[str]) -> list[str]:
            return [f" {token}" for token in tokens]

    class CustomNormalizer:
        def normalize(self, text: NormalizedString) -> None:
            text.nfkc()
            text.filter(lambda c: not c.isnumeric())
            text.replace(Regex(" +"), " ")
            text.lowercase()

    tokenizer = Tokenizer(BPE({c: i for i, c in enumerate("永和服装饰品有限公司我来到北京")}, []))
    tokenizer.normalizer = Normalizer.custom(CustomNormalizer())
    tokenizer.pre_tokenizer = PreTokenizer.custom(JiebaPreTokenizer())
    tokenizer.decoder = Decoder.custom(CustomDecoder())
    text = "永和服装饰品有限公司１２３  我来到北京"
    say(columns(tokenizer.encode(text)))
    say(tokenizer.normalizer.normalize_str(text), tokenizer.pre_tokenizer.pre_tokenize_str(text))
    say(tokenizer.pre_tokenizer.pre_tokenize_str("永和服装饰品有限公司1234"))
    say(tokenizer.decode(tokenizer.encode(text).ids))


def test_async_calls(package: ModuleType, say: Say, wiki: str) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(wiki)

    async def run() -> None:
        one = await tokenizer.async_encode("Hello!", "How are you")  # ASCII: see docs/exactness.md
        rows = await tokenizer.async_encode_batch([TEXT, ("Hello", "you")])
        fast = await tokenizer.async_encode_batch_fast([TEXT] * 3)
        say([columns(row) for row in (one, *rows, *fast)])
        say(await tokenizer.async_decode_batch([row.ids for row in rows]))
        say(await asyncio.gather(*[asyncio.ensure_future(many(i)) for i in range(4)]))

    async def many(number: int) -> int:
        return len((await tokenizer.async_encode("Hello " * number)).ids)

    asyncio.run(run())


def test_truncation_padding_and_encodings(package: ModuleType, say: Say, wiki: str) -> None:
    from tokenizers import AddedToken, Encoding, Tokenizer

    tokenizer = Tokenizer.from_file(wiki)
    tokenizer.add_tokens([AddedToken("<url>", single_word=True), "<new>"])
    tokenizer.enable_truncation(max_length=6, stride=2)
    tokenizer.enable_padding(length=8, direction="left")
    say(tokenizer.truncation, tokenizer.padding)
    output = tokenizer.encode(TEXT, "see <url> and <new>")
    say(columns(output), output.n_sequences, len(output))
    say([output.char_to_token(i) for i in range(len(TEXT))], [output.token_to_chars(i) for i in range(9)])
    say([output.word_to_tokens(i, 1) for i in range(4)], [output.token_to_word(i) for i in range(8)])
    merged = Encoding.merge([output, output.overflowing[0].overflowing[0]], growing_offsets=True)
    say(columns(merged))
    merged.truncate(5, stride=1, direction="left")
    merged.pad(9, pad_id=7)
    say(columns(merged), merged)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    say(tokenizer.get_vocab_size(), sorted(tokenizer.get_vocab(with_added_tokens=False).items())[:9])
    say({id: str(token) for id, token in tokenizer.get_added_tokens_decoder().items()})
    say(json.loads(tokenizer.to_str())["added_tokens"])

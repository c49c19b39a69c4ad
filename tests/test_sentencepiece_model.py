"""`Tokenizer.from_file` of a `.model`: sentencepiece's ids, pieces and places under a Tokenizer's calls."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from parity.sentencepiece_cases import SHARED, TYPES, random_text, trained

import fasttok
from fasttok import FormatError, Tokenizer, decoders, models, normalizers, processors
from fasttok.file_kinds import kind_of

KINDS = [(kind, fallback) for kind in TYPES for fallback in (False, True)]


@pytest.fixture(scope="module", params=KINDS, ids=str)
def model(request: pytest.FixtureRequest) -> bytes:
    kind, fallback = request.param
    return trained(kind, fallback, True)


def texts_of(seed: int, count: int = 150) -> list[str]:
    rng = random.Random(seed)
    return ["", " ", "Hello 中国", "<s>a</s>", *(random_text(rng) for _ in range(count))]


def assert_equal(tokenizer: Tokenizer, processor: Any, texts: list[str]) -> None:
    flat = tokenizer.encode_batch_flat(texts, offsets="char", word_ids=True)
    in_bytes = tokenizer.encode_batch_flat(texts, offsets="byte")
    assert tokenizer.encode_batch_flat(texts).to_lists() == processor.encode(texts)
    for row, (text, encoding) in enumerate(zip(texts, tokenizer.encode_batch(texts), strict=True)):
        expected = processor.encode(text, return_type="offset_mapping")
        assert encoding.ids == tokenizer.encode_ids(text) == expected["ids"], text
        assert encoding.tokens == expected["pieces"], text
        assert encoding.offsets == expected["offsets"], text
        assert encoding.word_ids == [0] * len(encoding)
        begin, end = flat.row_offsets[row : row + 2]
        assert flat.ids[begin:end].tolist() == expected["ids"]
        assert [*map(tuple, flat.offsets[begin:end].tolist())] == expected["offsets"]
        of_bytes = processor.encode(text.encode(), return_type="offset_mapping")
        assert [*map(tuple, in_bytes.offsets[begin:end].tolist())] == of_bytes["offsets"], text
        assert tokenizer.decode(encoding.ids) == processor.decode(encoding.ids)


def test_small_models(model: bytes) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizer = Tokenizer.from_buffer(model)
    assert_equal(tokenizer, processor, texts_of(1))
    rng = random.Random(2)
    for _ in range(200):
        ids = [rng.randrange(len(processor)) for _ in range(rng.randrange(12))]
        assert tokenizer.decode(ids) == processor.decode(ids)
    assert tokenizer.decode([0, 2**32 - 1, 5]) == processor.decode([0, 5])  # what is no id is left out
    assert tokenizer.get_vocab() == {processor.id_to_piece(id): id for id in range(len(processor))}
    assert tokenizer.token_to_id("no piece at all") is None
    assert tokenizer.id_to_token(len(processor)) is None


@pytest.mark.parametrize("name", SHARED)
def test_shared_models(name: str, data_dir: Path) -> None:
    path = data_dir / "vocabs" / name
    tokenizer = Tokenizer.from_file(path)
    assert_equal(tokenizer, sentencepiece.SentencePieceProcessor(model_file=str(path)), texts_of(3, 60))


def test_around_the_model() -> None:
    """Added tokens, templates, truncation and padding are the Tokenizer's, with the model between."""
    data = trained("unigram")
    plain, processor = Tokenizer.from_buffer(data), sentencepiece.SentencePieceProcessor(model_proto=data)
    tokenizer = Tokenizer.from_buffer(data)
    assert tokenizer.add_special_tokens(["<s>", "<new>"]) == 2
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A $B:1", [("<s>", 1)])
    parts = [plain.encode_ids(part) for part in ("the fox ", " tokens")]
    new = len(processor)
    encoding = tokenizer.encode("the fox <new> tokens", "models")
    assert encoding.ids == [1, *parts[0], new, *parts[1], *plain.encode_ids("models")]
    assert encoding.type_ids == [0] * (2 + len(parts[0] + parts[1])) + [1] * len(plain.encode_ids("models"))
    assert encoding.offsets[1 + len(parts[0])] == (8, 13)
    assert tokenizer.decode(encoding.ids) == processor.decode(parts[0]) + processor.decode(
        [*parts[1], *plain.encode_ids("models")]
    )
    assert "<new>" in tokenizer.decode(encoding.ids, skip_special_tokens=False)
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=6, pad_id=2)
    cut = tokenizer.encode("the quick brown fox")
    assert cut.ids == [1, *plain.encode_ids("the quick brown fox")[:3], 2, 2]
    ids = tokenizer.encode_batch_flat(["a", "the fox"] * 500, num_threads=2)
    assert ids.to_lists()[:2] == ids.to_lists()[-2:]
    plain.decoder = decoders.Fuse()
    assert plain.decode([*parts[0]]) == "".join(processor.id_to_piece(parts[0]))


def test_engines(model: bytes) -> None:
    """The fused engine, and generic, which does what it leaves: texts that may hold an added token, words."""
    fused = Tokenizer.from_buffer(model)
    for tokens in ([], ["<new>", "中"], ["ab", " "]):
        fused.add_tokens(tokens)
        generic = fused.with_engine("generic")
        assert (fused.engine, generic.engine) == ("sentencepiece", "generic")
        texts = [*texts_of(5), "a <new> b", "a中b", "<", "\U0001f600 ab", "é ab"]
        assert fused.encode_batch_flat(texts).to_lists() == generic.encode_batch_flat(texts).to_lists()
        assert [fused.encode_ids(text) for text in texts] == [generic.encode_ids(text) for text in texts]
        words = [text.split() for text in texts]
        batches = [made.encode_batch(words, is_pretokenized=True) for made in (fused, generic)]
        assert [row.ids for row in batches[0]] == [row.ids for row in batches[1]]
    with pytest.raises(ValueError, match="surrogate"):
        fused.encode_ids("a\ud800")
    stripped = Tokenizer.from_buffer(model)
    stripped.normalizer = normalizers.Lowercase()
    assert stripped.engine == "generic"


def test_pieces_that_are_not_utf8() -> None:
    """They have a text as Python's backslashreplace writes it; the facade raises, as the reference."""
    pieces = [(b"<unk>", 2), ("▁ab".encode(), 1), (b"\xff\xfe", 1), (b"b\xe4", 1), (b"a", 1)]
    data = b""
    for text, kind in pieces:
        piece = b"\x0a" + bytes([len(text)]) + text + b"\x18" + bytes([kind])
        data += b"\x0a" + bytes([len(piece)]) + piece
    tokenizer = Tokenizer.from_buffer(data)
    expected = [text.decode(errors="backslashreplace") for text, _ in pieces]
    assert [tokenizer.id_to_token(id) for id in range(5)] == expected
    assert tokenizer.get_vocab() == {text: id for id, text in enumerate(expected)}
    assert tokenizer.token_to_id(r"\xff\xfe") == 2


def test_saved_and_loaded(model: bytes, tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_buffer(model)
    tokenizer.add_tokens(["<new>"])
    tokenizer.save(tmp_path / "tokenizer.json")
    again = Tokenizer.from_file(tmp_path / "tokenizer.json")
    assert again.to_str() == tokenizer.to_str()
    assert again.fingerprint() == tokenizer.fingerprint()
    for made in (again, pickle.loads(pickle.dumps(tokenizer)), tokenizer.with_engine("generic")):
        for text in texts_of(4, 20):
            assert made.encode(text).ids == tokenizer.encode(text).ids
    (path,) = tokenizer.model.save(str(tmp_path), "my")
    assert Path(path).name == "my-spiece.model"
    assert Path(path).read_bytes() == model == tokenizer.model.model
    assert repr(models.SentencePiece(model)).startswith("SentencePiece(pieces=")
    expected = sentencepiece.SentencePieceProcessor(model_proto=model).encode(
        "中 the", return_type="offset_mapping", return_bytes=True
    )
    tokens = models.SentencePiece(model).tokenize("中 the")
    assert [token.id for token in tokens] == expected["ids"]
    assert [token.value.encode() for token in tokens] == expected["pieces"]
    assert [token.offsets for token in tokens] == expected["offsets"]


def test_what_a_file_is() -> None:
    data = trained("bpe", True)
    assert kind_of(data) == "sentencepiece"
    for end in range(40, len(data), 997):  # damaged, and still seen for what it is
        assert kind_of(data[:end]) == "sentencepiece"
    assert kind_of(b'{"model": {}}') == "json"
    assert kind_of(b"\n[UNK]\n\nhello\n") == "vocab_txt"
    assert kind_of("[PAD]\n[UNK]\n中\n".encode()) == "vocab_txt"
    assert kind_of(b"IQ== 0\nIg== 1\n") == "ranks"
    assert kind_of(b"Ig== 1\n[UNK]\n") == "vocab_txt"
    assert kind_of(b"Ig== 1\n[UNK]\n", of_ranks=True) == "ranks"
    assert kind_of(b"hello\n") is None
    assert kind_of(b"") is None


def test_damaged_files(tmp_path: Path) -> None:
    data = trained("unigram", True, True)
    path = tmp_path / "spiece.model"
    for end in (60, len(data) // 2, len(data) - 3):
        path.write_bytes(data[:end])
        with pytest.raises(FormatError, match=r"spiece\.model"):
            Tokenizer.from_file(path)
    text = Tokenizer.from_buffer(data).to_str()
    for bad, message in (
        (text.replace('"model":"C', '"model":"§'), "not base64"),
        (text[:-40] + '"}}', "model"),
    ):
        with pytest.raises(FormatError, match=message):
            Tokenizer.from_str(bad)
    with pytest.raises(FormatError):
        models.SentencePiece(b"hello")
    with pytest.raises(TypeError, match="bytes"):
        models.SentencePiece("hello")  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        models.SentencePiece(data).get_trainer()


def test_streams() -> None:
    data = trained("unigram", True)
    tokenizer = Tokenizer.from_buffer(data)
    with pytest.raises(ValueError, match="DecodeStream"):
        fasttok.StreamDecoder(tokenizer)
    stream = decoders.DecodeStream()
    text = "the quick brown fox 中 jumps"
    pushed = [stream.step(tokenizer, id) or "" for id in tokenizer.encode_ids(text)]
    assert "".join(pushed) == text
    with pytest.raises(TypeError):
        tokenizer.encode("\ud800")
    counts = tokenizer.count_batch([text, ""])
    assert counts.tolist() == [len(tokenizer.encode_ids(text)), 0]
    assert isinstance(counts, np.ndarray)


def message_of(*pieces: tuple[bytes, int]) -> bytes:
    """A model file of pieces and their types, each with the score -1."""

    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    return b"".join(
        field(1, field(1, piece) + b"\x15\0\0\x80\xbf\x18" + bytes([kind])) for piece, kind in pieces
    )


def test_empty_piece_at_the_end() -> None:
    """Its place is in characters, though no character is there."""
    pieces = ((b"<unk>", 2), ("▁".encode(), 1), ("é".encode(), 1), (b"a", 1))
    trainer = b"\x12\x03\xc0\x01\x01"  # trainer_spec { treat_whitespace_as_suffix: true }
    model = message_of(*pieces) + trainer
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizer = Tokenizer.from_buffer(model)
    assert processor.encode("é", return_type="offset_mapping")["offsets"][-1] == (1, 1)
    assert_equal(tokenizer, processor, ["é", "éé a", "中é", "a", ""])


def test_damage_that_cannot_be_printed() -> None:
    twice = message_of((b"<unk>", 2), (b"a\xff", 1), (b"a\xff", 1))
    with pytest.raises(FormatError, match=r"a\\xff"):
        Tokenizer.from_buffer(twice)

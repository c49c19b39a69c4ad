"""fasttok.sentencepiece: its names, its own additions from sentencepiece 0.2.1, and damaged files."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import random
import struct
from pathlib import Path
from typing import Any

import pytest
import sentencepiece as reference
from parity.sentencepiece_cases import TYPES, Pair, random_text, trained

import fasttok.sentencepiece as spm
from fasttok import FormatError
from fasttok.sentencepiece import sentencepiece_model_pb2, sentencepiece_pb2

CLASSES = ("SentencePieceProcessor", "SentencePieceNormalizer", "SentencePieceTrainer", "ThreadPool")


def test_every_public_name_is_there() -> None:
    theirs = {
        name
        for name, value in vars(reference).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert theirs <= set(dir(spm))


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_signatures_of_the_reference(name: str) -> None:
    ours, theirs = getattr(spm, name), getattr(reference, name)

    def parameters(method: Any) -> list[tuple[str, Any, Any]]:
        found = inspect.signature(method).parameters.values()
        # A compiled method takes `self` by position only.
        return [(each.name, each.default, each.kind) for each in found if each.name != "self"]

    compared = 0
    for method in dir(theirs):
        if method.startswith("_") and method not in ("__init__", "__len__", "__getitem__"):
            continue
        assert hasattr(ours, method), method
        try:
            expected = parameters(getattr(theirs, method))
        except ValueError:
            continue  # a compiled method
        assert parameters(getattr(ours, method)) == expected, method
        compared += 1
    assert compared or name == "ThreadPool"


def test_training_comes_later() -> None:
    for train in (spm.SentencePieceTrainer.train, spm.SentencePieceTrainer.Train):
        with pytest.raises(NotImplementedError, match="later version"):
            train(input="x", model_prefix="m")


def test_a_thread_pool_counts_for_lists_alone() -> None:
    model = trained("unigram")
    for module in (spm, reference):
        processor = module.SentencePieceProcessor(model_proto=model)
        one, several = processor.encode("the fox"), processor.encode(["the fox", "a"])
        assert processor.encode("the fox", thread_pool=3) == one
        assert processor.decode(one, thread_pool=3) == processor.decode(one)
        pool = module.ThreadPool(2)
        assert processor.encode(["the fox", "a"], thread_pool=pool) == several
        assert processor.decode(several, thread_pool=pool) == processor.decode(several)
        for call, argument in ((processor.encode, ["the fox", "a"]), (processor.decode, several)):
            with pytest.raises((TypeError, RuntimeError)):
                call(argument, thread_pool=3)


@pytest.mark.parametrize("kind", TYPES)
def test_pickles_and_copies(kind: str) -> None:
    processor = spm.SentencePieceProcessor(model_proto=trained(kind), out_type=str, add_eos=True)
    for again in (pickle.loads(pickle.dumps(processor)), copy.deepcopy(processor)):
        assert again.encode("the fox") == processor.encode("the fox")
        assert again.encode("the fox")[-1] == "</s>"


def test_immutable_text() -> None:
    processor = spm.SentencePieceProcessor(model_proto=trained("unigram", True))
    text = processor.encode("naïve 中国 ☃", out_type="immutable_proto")
    assert text.text == "naïve 中国 ☃"
    assert [piece.id for piece in text.pieces] == processor.encode("naïve 中国 ☃")
    for piece in text.pieces:
        assert text.text[piece.begin : piece.end] == piece.surface or piece.begin == piece.end
    message = sentencepiece_pb2.SentencePieceText.FromString(text.SerializeAsString())
    assert [piece.begin for piece in message.pieces] == [piece.begin for piece in text.pieces]
    assert text == processor.encode_as_immutable_proto("naïve 中国 ☃")
    assert hash(text) == hash(processor.encode_as_immutable_proto("naïve 中国 ☃"))
    several = processor.nbest_encode_as_immutable_proto("the fox", nbest_size=3)
    message = sentencepiece_pb2.NBestSentencePieceText.FromString(several.SerializeAsString())
    assert [way.score for way in message.nbests] == [way.score for way in several.nbests]
    assert len(several) == 3


def test_restricted_vocabulary() -> None:
    for kind in ("unigram", "bpe"):
        model = trained(kind)
        processor = spm.SentencePieceProcessor(model_proto=model)
        whole = processor.encode("the quick fox", out_type=str)
        processor.set_vocabulary(["▁the", "ck"])
        restricted = processor.encode("the quick fox", out_type=str)
        assert all(len(piece) == 1 or piece in ("▁the", "ck") for piece in restricted)
        # The reference runs what we say the file is now.
        again = reference.SentencePieceProcessor(model_proto=processor.serialized_model_proto())
        if kind == "bpe":
            assert again.encode("the quick fox", return_type=str) == restricted
        assert [again.is_unused(i) for i in range(len(again))] == processor.is_unused(list(range(len(again))))
        processor.reset_vocabulary()
        assert processor.encode("the quick fox", out_type=str) == whole
    with pytest.raises(RuntimeError, match="only enabled in subword units"):
        spm.SentencePieceProcessor(model_proto=trained("char")).set_vocabulary([])


def test_vocabulary_file(tmp_path: Path) -> None:
    file = tmp_path / "vocab.tsv"
    file.write_text("▁the\t5\n▁quick\t1\n", "utf-8")
    processor = spm.SentencePieceProcessor(model_proto=trained("unigram"))
    processor.load_vocabulary(file, 2)
    assert processor.encode("the", out_type=str) == ["▁the"]
    assert all(len(piece) == 1 for piece in processor.encode("quick", out_type=str))


def test_overridden_normalizer() -> None:
    rng = random.Random(8)
    for flags in ((False, True, True), (True, False, True), (False, False, False)):
        names = ("add_dummy_prefix", "remove_extra_whitespaces", "escape_whitespaces")
        processor = spm.SentencePieceProcessor(model_proto=trained("bpe", False, True))
        processor.override_normalizer_spec(**dict(zip(names, flags, strict=True)))
        again = reference.SentencePieceProcessor(model_proto=processor.serialized_model_proto())
        for _ in range(50):
            text = random_text(rng)
            assert processor.encode(text) == again.encode(text)
            assert processor.normalize(text) == again.normalize(text)
    with pytest.raises(ValueError, match="unknown field name"):
        processor.override_normalizer_spec(names="identity")
    with pytest.raises(ValueError, match="unknown rule 'x'; known: identity"):
        processor.override_normalizer_spec(name="x")


def test_samples_with_scores() -> None:
    processor = spm.SentencePieceProcessor(model_proto=trained("unigram"))
    text, alpha = "the models", 0.5
    ways = processor.nbest_encode(text, nbest_size=512, out_type="immutable_proto").nbests
    total = math.log(sum(math.exp(alpha * way.score) for way in ways))
    scores = {tuple(piece.id for piece in way.pieces): alpha * way.score - total for way in ways}
    for ids, score in processor.sample_encode_and_score(text, num_samples=50, alpha=alpha):
        assert score == pytest.approx(scores[tuple(ids)], abs=1e-4)
    entropy = -sum(math.exp(score) * score for score in scores.values())
    assert processor.calculate_entropy(text, alpha) == pytest.approx(entropy, abs=1e-3)
    several = processor.sample_encode_and_score(text, num_samples=5, alpha=alpha, wor=True, include_best=True)
    assert len({tuple(ids) for ids, _ in several}) == len(several) == 5
    assert several[0] == (processor.encode(text), 0.0)
    assert all(score <= 0 for _, score in several)


def test_normalizer() -> None:
    model = trained("unigram")
    rng = random.Random(9)
    for settings in (
        {},
        {"add_dummy_prefix": False},
        {"escape_whitespaces": False, "remove_extra_whitespaces": False},
    ):
        ours = spm.SentencePieceNormalizer(model_proto=model, **settings)
        theirs = reference.SentencePieceNormalizer(model_proto=model, **settings)
        for _ in range(100):
            text = random_text(rng)
            assert ours.normalize(text, with_offsets=True) == theirs.normalize(text, with_offsets=True)
        assert pickle.loads(pickle.dumps(ours)).normalize(" a ") == ours.normalize(" a ")
        assert ours.serialized_normalizer_spec() == theirs.serialized_normalizer_spec()
        assert ours.serialized_model_proto() == theirs.serialized_model_proto()
    assert sorted(ours.decompile()) == sorted(theirs.Decompile())
    for rule in ("identity", "nfkc"):
        named, theirs = (module.SentencePieceNormalizer(rule_name=rule) for module in (spm, reference))
        assert named.normalize(" ａ  b") == theirs.normalize(" ａ  b")


def test_models_as_messages() -> None:
    message = sentencepiece_model_pb2.ModelProto.FromString(trained("bpe"))
    assert message.trainer_spec.model_type == 2
    assert message.SerializeToString() == trained("bpe")
    assert spm.SentencePieceProcessor(model_proto=message).encode("the") == Pair(
        trained("bpe")
    ).theirs.encode("the")


def test_wrong_arguments(tmp_path: Path) -> None:
    processor = spm.SentencePieceProcessor(model_proto=trained("unigram"))
    with pytest.raises(TypeError, match="Input must be str or bytes"):
        processor.encode(3)
    with pytest.raises(TypeError, match="row 1"):
        processor.encode(["a", 3])
    with pytest.raises(RuntimeError, match="surrogate"):
        processor.encode("\ud800")
    with pytest.raises(IndexError, match="out of range"):
        processor.decode([10**6])
    with pytest.raises(IndexError, match="out of range"):
        processor.id_to_piece(-1)
    with pytest.raises(ValueError, match="Cannot specify both"):
        processor.encode("a", out_type=int, return_type=int)
    with pytest.raises(RuntimeError, match="load one first"):
        spm.SentencePieceProcessor().encode("a")
    for error in (OSError, RuntimeError):
        with pytest.raises(error, match="No such file"):
            spm.SentencePieceProcessor(model_file=tmp_path / "none.model")


def accepts(module: Any, model: bytes) -> bool:
    try:
        module.SentencePieceProcessor().LoadFromSerializedProto(model)
    except (RuntimeError, ValueError):
        return False
    return True


def small() -> Any:
    """A model of 40 pieces, as a message."""
    message = sentencepiece_model_pb2.ModelProto.FromString(
        trained("unigram", normalization_rule_name="identity")
    )
    del message.pieces[40:]
    return message


@pytest.mark.parametrize(
    "call",
    [
        lambda sp: sp.encode("a", add_bos="x"),
        lambda sp: sp.encode("a", add_eos=[]),
        lambda sp: sp.encode("a", reverse="x"),
        lambda sp: sp.encode("a", add_bos=1, add_eos=0.5, emit_unk_piece=None),
        lambda sp: sp.encode("a", enable_sampling="x", nbest_size=-1, alpha=0.1),
        lambda sp: sp.encode(["a"], add_bos="x"),
        lambda sp: sp.encode([], add_bos="x"),
        lambda sp: sp.nbest_encode("a", nbest_size=3, reverse="x"),
        lambda sp: sp.decode([2**31]),
        lambda sp: sp.decode([2**31 - 1]),
        lambda sp: sp.decode([-(2**31)]),
        lambda sp: sp.decode([2**70]),
        lambda sp: sp.decode([[1], [-(2**31) - 1]]),
        lambda sp: sp.decode(2**40),
        lambda sp: sp.id_to_piece(2**40),
        lambda sp: sp.get_score(2**31 - 1),
        lambda sp: sp.is_control([2**40]),
        lambda sp: sp.is_unknown(2**31),
    ],
)
def test_classes_of_arguments(call: Any) -> None:
    """What is refused, and by which exception."""
    pair = Pair(trained("unigram"))
    outcomes = []
    for sp in (pair.ours, pair.theirs):
        try:
            outcomes.append(call(sp))
        except Exception as error:
            outcomes.append(type(error))
    assert outcomes[0] == outcomes[1]


def test_arrays_cannot_be_written_to() -> None:
    ours = Pair(trained("unigram")).ours
    rows = ours.encode(["the fox", "", "中国"], return_type="numpy")
    rows += [ours.encode("the fox", return_type="numpy"), ours.encode([b"fox"], return_type="numpy")[0]]
    rows += ours.nbest_encode("the fox", nbest_size=3, return_type="numpy")
    assert [row.tolist() for row in rows[:3]] == ours.encode(["the fox", "", "中国"])
    for row in rows:
        assert (row.dtype, row.ndim, row.flags.writeable) == ("int32", 1, False)


def test_cut_off_at_every_byte() -> None:
    model = small().SerializeToString()
    for size in range(len(model)):
        assert accepts(spm, model[:size]) == accepts(reference, model[:size]), size


def test_changed_bytes() -> None:
    model = small().SerializeToString()
    rng = random.Random(10)
    for _ in range(2000):
        damaged = bytearray(model)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        ours, theirs = accepts(spm, bytes(damaged)), accepts(reference, bytes(damaged))
        if ours != theirs:
            # The one departure: a model type that is not known.
            with pytest.raises(FormatError, match="model_type"):
                spm.SentencePieceProcessor(model_proto=bytes(damaged))
        elif ours:
            pair = Pair(bytes(damaged))
            assert list(pair.differences("▁the fox  ☃")) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda m: m.pieces.add(piece=""), r"pieces\[40\]: is empty"),
        (lambda m: m.pieces.add(piece=m.pieces[5].piece), r"pieces\[40\]: .* is pieces\[5\] already"),
        (lambda m: m.pieces.add(piece="a\0b"), "NUL"),
        (lambda m: m.pieces.add(piece="x" * 100_000), "100000 bytes"),
        (lambda m: m.pieces.add(piece="nan", score=math.nan), "NaN"),
        (lambda m: m.pieces.add(piece="inf", score=-math.inf), "infinite"),
        (lambda m: m.pieces.add(piece="<0xZZ>", type=6), "byte_fallback is false"),
        (lambda m: m.pieces.add(piece="<unk2>", type=2), "second unknown"),
        (lambda m: setattr(m.pieces[0], "type", 1), "none is the unknown piece"),
        (lambda m: setattr(m.trainer_spec, "byte_fallback", True), "a byte has no piece"),
        (lambda m: setattr(m.normalizer_spec, "precompiled_charsmap", b"\1"), "precompiled_charsmap"),
        (
            lambda m: setattr(
                m.normalizer_spec, "precompiled_charsmap", struct.pack("<I", 1024) + b"\xff" * 1030
            ),
            "charsmap",
        ),
    ],
)
def test_damaged_models_say_what_and_where(change: Any, what: str) -> None:
    message = small()
    change(message)
    model = message.SerializeToString()
    assert not accepts(reference, model)
    with pytest.raises(FormatError, match=what) as caught:
        spm.SentencePieceProcessor(model_proto=model)
    assert isinstance(caught.value, RuntimeError)


def test_a_length_of_two_gigabytes() -> None:
    with pytest.raises(FormatError, match="only 3 are left"):
        spm.SentencePieceProcessor(model_proto=b"\x0a\xff\xff\xff\xff\x07abc")


def test_a_null_piece_beside_bytes() -> None:
    message = sentencepiece_model_pb2.ModelProto.FromString(trained("bpe", True))
    message.pieces.add(piece="\0", score=-1)
    pair = Pair(message.SerializeToString())
    assert list(pair.differences("a\0b the")) == []
    assert pair.ours.is_unused(len(pair.ours) - 1)


def test_unused_pieces() -> None:
    for kind in TYPES:
        message = sentencepiece_model_pb2.ModelProto.FromString(trained(kind, False, True))
        rng = random.Random(11)
        for piece in message.pieces:
            if piece.type == 1 and rng.random() < 0.4:
                piece.type = 5
        pair = Pair(message.SerializeToString())
        for _ in range(200):
            assert list(pair.differences(random_text(rng))) == []

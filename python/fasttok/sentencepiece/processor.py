"""SentencePieceProcessor: text to ids and pieces, and back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fasttok import _core
from fasttok._core import SentencePiece
from fasttok.sentencepiece.files import existing, load_model, read_file
from fasttok.sentencepiece.files import serialized as _serialized
from fasttok.sentencepiece.names import add_camel_case
from fasttok.sentencepiece.return_types import DECODED, FINISHED, OUTPUTS, finish, finish_ways, resolve
from fasttok.sentencepiece.rules import bytes_field, named_spec, spec_of_tsv
from fasttok.sentencepiece.spelled_calls import add_spelled_calls
from fasttok.sentencepiece.thread_pool import ThreadPool

__all__ = ["SentencePieceProcessor", "ThreadPool"]

# Types of pieces.
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
_UNIGRAM, _BPE = 1, 2


@add_camel_case(
    *(
        "from_file",
        "from_proto",
        "unk_id",
        "bos_id",
        "eos_id",
        "pad_id",
        "serialized_model_proto",
        "piece_size",
    ),
    "vocab_size",
)
class SentencePieceProcessor:
    """A SentencePiece model at work, as sentencepiece 0.2.3's class of that name.

    Args:
        model_file: path of a `.model` file.
        model_proto: the bytes of one, or a ModelProto message.
        out_type, return_type: what `encode` gives: int (ids), str (pieces), bytes (pieces in UTF-8),
            "numpy" (an int32 array of ids), "offset_mapping", "serialized_proto", "proto"; `out_type` also
            "immutable_proto". Not both.
        add_bos, add_eos, reverse, emit_unk_piece, enable_sampling, nbest_size, alpha, num_threads: the
            defaults of the calls.

    Raises:
        ValueError: both files are given, or the model is damaged (`fasttok.FormatError`).
        OSError: the file cannot be read; it is a RuntimeError, too.

    >>> SentencePieceProcessor().get_piece_size()
    0
    """

    def __init__(
        self,
        model_file: Any = None,
        model_proto: Any = None,
        out_type: Any = None,
        add_bos: bool = False,
        add_eos: bool = False,
        reverse: bool = False,
        emit_unk_piece: bool = False,
        enable_sampling: bool = False,
        nbest_size: int = -1,
        alpha: float = 0.1,
        num_threads: int = -1,
        return_type: Any = None,
    ) -> None:
        self._model: SentencePiece | None = None
        self._return_type = resolve(return_type, out_type, int)
        self._add_bos = add_bos
        self._add_eos = add_eos
        self._reverse = reverse
        self._emit_unk_piece = emit_unk_piece
        self._enable_sampling = enable_sampling
        self._nbest_size = nbest_size
        self._alpha = alpha
        self._num_threads = num_threads
        if model_file or model_proto:
            self.load(model_file=model_file, model_proto=model_proto)

    @classmethod
    def from_file(cls, model_file: Any, **kwargs: Any) -> SentencePieceProcessor:
        """A processor for a model file; the other arguments are those of the class."""
        if "model_file" in kwargs or "model_proto" in kwargs:
            raise ValueError(
                "from_file takes one model: leave model_file and model_proto out of the keywords"
            )
        processor = cls(**kwargs)
        processor.load_from_file(model_file)
        return processor

    @classmethod
    def from_proto(cls, model_proto: Any, **kwargs: Any) -> SentencePieceProcessor:
        """A processor for the bytes of a model; the other arguments are those of the class."""
        if "model_file" in kwargs or "model_proto" in kwargs:
            raise ValueError(
                "from_proto takes one model: leave model_file and model_proto out of the keywords"
            )
        processor = cls(**kwargs)
        processor.load_from_serialized_proto(model_proto)
        return processor

    def load(self, model_file: Any = None, model_proto: Any = None) -> bool:
        """Loads a file, or the bytes of one. Raises ValueError where both are given, or none."""
        if model_file and model_proto:
            raise ValueError("model_file and model_proto must be exclusive.")
        if model_proto:
            return self.load_from_serialized_proto(model_proto)
        if model_file:
            return self.load_from_file(model_file)
        raise ValueError("Either model_file or model_proto must be specified.")

    def load_from_file(self, filename: Any) -> bool:
        """Loads a `.model` file."""
        self._model = load_model(read_file(filename), str(filename))
        return True

    def load_from_serialized_proto(self, serialized: Any) -> bool:
        """Loads the bytes of a `.model` file, or a ModelProto message."""
        self._model = load_model(_serialized(serialized), "model_proto")
        return True

    def encode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        enable_sampling: bool | None = None,
        nbest_size: int | None = None,
        alpha: float | None = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_type: Any = None,
        out_type: Any = None,
        return_bytes: bool | None = None,
    ) -> Any:
        """Cuts a str, bytes, or each in a list into pieces.

        Args:
            input: str or bytes (UTF-8; what is not becomes U+FFFD), or a list.
            add_bos, add_eos: put `<s>` before, `</s>` behind.
            reverse: turn the pieces round, before that.
            emit_unk_piece: write the unknown piece for what is unknown.
            enable_sampling: draw one of the ways: of the `nbest_size` best, or of all where that is below 0,
                with a chance proportional to exp(`alpha` · its score); with BPE `alpha` is the chance to pass
                a merge over.
            num_threads: for a list; below 0: the default of the process.
            thread_pool: its number of threads instead; left out of account where the input is no list.
            return_type, out_type: see the class.
            return_bytes: pieces and offsets of "offset_mapping" in bytes; by default as the input.

        Raises:
            ValueError: an argument cannot be, or the model has no `<s>`.
            TypeError: the input is something else.
            RuntimeError: the model cannot do it.
        """
        kind = self._resolve_return_type(return_type, out_type)
        if return_bytes is not None and kind != "offset_mapping":
            raise ValueError("return_bytes is only supported when return_type='offset_mapping'")
        sample = self._enable_sampling if enable_sampling is None else enable_sampling
        size = self._nbest_size if nbest_size is None else nbest_size
        alpha = self._alpha if alpha is None else alpha
        if sample is True and (size is None or size in (0, 1) or alpha is None):
            raise ValueError(
                'When enable_sampling is True, We must specify "nbest_size > 1" or "nbest_size = -1", '
                'and "alpha"; '
                "-1 draws from all ways; BPE leaves nbest_size out of account"
            )
        threads = self._threads(num_threads, thread_pool if isinstance(input, list) else None)
        in_bytes = bool(return_bytes)
        if kind == "offset_mapping" and return_bytes is None:
            first = input[0] if isinstance(input, list) and input else input
            in_bytes = isinstance(first, bytes)
        output = "char_tokens" if kind == "offset_mapping" and not in_bytes else OUTPUTS[kind]
        extras = self._extras(add_bos, add_eos, reverse, emit_unk_piece)
        model = self._loaded()
        sampling = (sample, size, alpha)
        if not isinstance(input, list):
            return finish(kind, model.encode(input, output, *sampling, *extras), in_bytes)
        rows = model.encode_batch(input, output, threads, *sampling, *extras)
        return [finish(kind, row, in_bytes) for row in rows] if kind in FINISHED else rows

    tokenize = encode

    def nbest_encode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        nbest_size: int | None = None,
        return_type: Any = None,
        out_type: Any = None,
    ) -> Any:
        """The `nbest_size` (up to 512) best ways to cut a text, best first; Unigram models only."""
        kind = self._resolve_return_type(return_type, out_type)
        size = max(1, self._nbest_size if nbest_size is None else nbest_size)
        extras = self._extras(add_bos, add_eos, reverse, emit_unk_piece)

        def encode(text: Any) -> Any:
            if kind == "offset_mapping":
                raise ValueError(f"unknown return_type={kind}")
            return finish_ways(kind, self._loaded().n_best(text, size, OUTPUTS[kind], *extras))

        return [encode(text) for text in input] if isinstance(input, list) else encode(input)

    def sample_encode_and_score(
        self,
        input: Any,
        out_type: Any = None,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        num_samples: int | None = None,
        alpha: float | None = None,
        wor: bool | None = None,
        include_best: bool | None = None,
    ) -> Any:
        """Random ways to cut a text, with the logarithms of their chances; Unigram models only.

        Args:
            num_samples: how many.
            alpha: 1 draws from the model's own distribution, 0 takes all ways for equal.
            wor: without replacement; scores are then those of being among the samples.
            include_best: put the best way first, with score 0; needs `wor`.

        Mirrors sentencepiece 0.2.1; later versions dropped it.
        """
        kind = self._resolve_return_type(None, out_type)
        count = 1 if num_samples is None else num_samples
        if count <= 0:
            raise RuntimeError("num_examples must be positive")
        if include_best and not wor:
            raise RuntimeError('When include_best is True, We must specify "wor = True".')
        extras = self._extras(add_bos, add_eos, reverse, emit_unk_piece)
        alpha = 1.0 if alpha is None else alpha

        def encode(text: Any) -> Any:
            raw = self._loaded().sample_and_score(
                text, count, alpha, not wor, bool(include_best), OUTPUTS[kind], *extras
            )
            return finish_ways(kind, raw)

        return [encode(text) for text in input] if isinstance(input, list) else encode(input)

    def calculate_entropy(self, input: Any, alpha: float, num_threads: int | None = None) -> Any:
        """The entropy, in nats, of the ways to cut a text, drawn as `encode` does with `alpha`.

        Mirrors sentencepiece 0.2.1; later versions dropped it.
        """
        self._threads(num_threads, None)
        if isinstance(input, list):
            return [self._loaded().entropy(text, alpha) for text in input]
        return self._loaded().entropy(input, alpha)

    def parallel_encode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        chunk_len: int | None = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_type: Any = None,
        out_type: Any = None,
    ) -> Any:
        """Cuts one long text on several threads, in chunks of `chunk_len` characters.

        The result is the reference's, which need not be that of `encode`.
        """
        kind = self._resolve_return_type(return_type, out_type)
        threads = self._threads(num_threads, thread_pool)
        if not isinstance(chunk_len, int) or chunk_len <= 0:
            raise ValueError("chunk_len must be positive.")
        if kind == "offset_mapping":
            raise ValueError(f"unknown return_type={kind}")
        extras = self._extras(add_bos, add_eos, reverse, emit_unk_piece)

        def encode(text: Any) -> Any:
            return finish(
                kind, self._loaded().encode_chunks(text, OUTPUTS[kind], chunk_len, threads, *extras)
            )

        return [encode(text) for text in input] if isinstance(input, list) else encode(input)

    def decode(
        self,
        input: Any,
        return_type: Any = None,
        out_type: Any = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_bytes: bool | None = None,
    ) -> Any:
        """The text of ids or pieces.

        Args:
            input: an id, a piece, a sequence of either (a NumPy array, too), or a sequence of such.
            return_type, out_type: str, bytes, "offset_mapping", "serialized_proto", "proto"; `out_type` also
                "immutable_proto".

        Raises:
            IndexError: an id is out of range.
        """
        kind = resolve(return_type, out_type, str)
        if return_bytes is not None and kind != "offset_mapping":
            raise ValueError("return_bytes is only supported when return_type='offset_mapping'")
        threads = self._threads(num_threads, None)
        if kind not in DECODED:
            raise ValueError(f"unknown return_type={kind} or input type")
        if input is None or (isinstance(input, (str, bytes)) and not input):
            input = []
        if not _is_sequence(input):
            input = [input]
        many = input.ndim > 1 if hasattr(input, "ndim") else len(input) > 0 and _is_sequence(input[0])
        sample = next((row for row in input if _is_sequence(row) and len(row)), []) if many else input
        pieces = len(sample) > 0 and not hasattr(sample, "dtype") and isinstance(sample[0], (str, bytes))
        in_bytes = pieces and isinstance(sample[0], bytes)
        if kind == "offset_mapping":
            in_bytes |= bool(return_bytes)
        output = "tokens" if kind == "offset_mapping" and in_bytes else DECODED[kind]
        if kind == "offset_mapping" and not in_bytes:
            output = "char_tokens"
        if kind is str and in_bytes:
            output = "bytes"
        made_of = partial(finish, kind, in_bytes=in_bytes, with_text=True)
        if many:
            threads = self._threads(threads, thread_pool)
            rows = [_as_list(row) for row in input]
            return [made_of(raw) for raw in self._loaded().decode_batch(rows, pieces, output, threads)]
        return made_of(self._loaded().decode(_as_list(input), pieces, output))

    detokenize = decode

    def decode_pieces(self, input: Any, return_type: Any = None, **kwargs: Any) -> Any:
        """The same as `decode`."""
        return self.decode(input, return_type=return_type, **kwargs)

    def decode_ids(self, input: Any, return_type: Any = None, **kwargs: Any) -> Any:
        """The same as `decode`."""
        return self.decode(input, return_type=return_type, **kwargs)

    def normalize(self, input: Any, with_offsets: bool | None = None) -> Any:
        """The normalized text of a str, bytes, or each in a list.

        With `with_offsets` pairs of it and a list: for each of its characters (of bytes: bytes), and its end,
        the place in the input.
        """
        if isinstance(input, list):
            return [self._loaded().normalize(text, bool(with_offsets)) for text in input]
        return self._loaded().normalize(input, bool(with_offsets))

    def override_normalizer_spec(self, **kwargs: Any) -> None:
        """Changes the normalizer of the model.

        Args:
            kwargs: `add_dummy_prefix`, `remove_extra_whitespaces`, `escape_whitespaces`; `name` ("identity",
                "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf") or `normalization_rule_tsv` (path of a file of
                rules) for other rules.

        Mirrors sentencepiece 0.2.1, which notes name and path but goes on with the rules that it has; later
        versions dropped the method. Raises ValueError for other names.
        """
        names = ("add_dummy_prefix", "remove_extra_whitespaces", "escape_whitespaces")
        rules = ("name", "normalization_rule_tsv")
        for name in kwargs:
            if name not in (*names, *rules):
                raise ValueError(
                    f"unknown field name {name!r} in NormalizerSpec; "
                    f"known here: {', '.join((*names, *rules))}"
                )
        model = self._loaded()
        flags = [
            _flag(kwargs[name]) if name in kwargs else old
            for name, old in zip(names, model.normalizer_flags, strict=True)
        ]
        spec = named_spec(kwargs["name"]) if "name" in kwargs else b""
        if "normalization_rule_tsv" in kwargs:
            spec += spec_of_tsv(existing(kwargs["normalization_rule_tsv"]))
        if spec:  # of a message that comes twice, the later fields count
            model = load_model(model.serialized + bytes_field(3, spec), "model_proto")
        self._model = model.with_normalizer(*flags)

    def set_vocabulary(self, valid_vocab: Any) -> None:
        """Restricts the pieces that are used to these, and single characters.

        Mirrors sentencepiece 0.2.1; later versions dropped it. Raises RuntimeError for word and char models.
        """
        model = self._loaded()
        if model.model_type not in (_UNIGRAM, _BPE):
            raise RuntimeError("Vocabulary constraint is only enabled in subword units.")
        valid = {piece.encode() if isinstance(piece, str) else piece for piece in valid_vocab}
        types = []
        for number in range(len(model)):
            kind, piece = model.type(number), model.id_to_piece(number, True)
            if kind not in (_CONTROL, _UNKNOWN, _USER_DEFINED):
                kind = _NORMAL if piece in valid or _lead_size(piece[0]) == len(piece) else _UNUSED
            types.append(kind)
        self._model = model.with_types(types)

    def reset_vocabulary(self) -> None:
        """Takes the restriction back: no piece is unused."""
        model = self._loaded()
        kinds = (model.type(number) for number in range(len(model)))
        self._model = model.with_types([_NORMAL if kind == _UNUSED else kind for kind in kinds])

    def load_vocabulary(self, filename: Any, threshold: int) -> None:
        """`set_vocabulary` with the pieces of a file, one a line, that have a frequency from `threshold` on.

        A tab and the frequency may follow the piece; by default it is 1.
        """
        vocab = []
        for number, line in enumerate(Path(filename).read_bytes().splitlines(), 1):
            piece, *rest = line.split(b"\t")
            if not piece:
                raise RuntimeError(f"{filename}: line {number}: no piece")
            try:
                frequency = int(rest[0]) if rest else 1
            except ValueError:
                raise RuntimeError(f"{filename}: line {number}: Could not parse the frequency") from None
            if frequency >= threshold:
                vocab.append(piece)
        self.set_vocabulary(vocab)

    def get_piece_size(self) -> int:
        """The number of pieces; 0 without a model."""
        return 0 if self._model is None else len(self._model)

    piece_size = get_piece_size
    vocab_size = get_piece_size

    def piece_to_id(self, piece: Any) -> Any:
        """The id of a piece, or of each in a list; an unknown one has that of `<unk>`."""
        if isinstance(piece, (str, bytes)):
            return self._loaded().piece_to_id(piece)
        return [self._loaded().piece_to_id(each) for each in piece]

    def id_to_piece(self, id: Any) -> Any:
        """The piece of an id, or of each in a list. Raises IndexError."""
        return _each(self._loaded().id_to_piece, id)

    def get_score(self, id: Any) -> Any:
        """The score of an id's piece, or of each in a list. Raises IndexError."""
        return _each(self._loaded().score, id)

    def is_unknown(self, id: Any) -> Any:
        """Whether an id, or each in a list, is that of the unknown piece. Raises IndexError."""
        return _each(self._loaded().is_unknown, id)

    def is_control(self, id: Any) -> Any:
        """Whether an id, or each in a list, is that of a control symbol. Raises IndexError."""
        return self._is(_CONTROL, id)

    def is_unused(self, id: Any) -> Any:
        """Whether an id, or each in a list, is not used. Raises IndexError."""
        return self._is(_UNUSED, id)

    def is_byte(self, id: Any) -> Any:
        """Whether an id, or each in a list, stands for a byte. Raises IndexError."""
        return self._is(_BYTE, id)

    def unk_id(self) -> int:
        """The id of `<unk>`; -1: there is none."""
        return -1 if self._model is None else self._model.unk_id

    def bos_id(self) -> int:
        """The id of `<s>`; -1: there is none."""
        return -1 if self._model is None else self._model.bos_id

    def eos_id(self) -> int:
        """The id of `</s>`; -1: there is none."""
        return -1 if self._model is None else self._model.eos_id

    def pad_id(self) -> int:
        """The id of `<pad>`; -1: there is none."""
        return -1 if self._model is None else self._model.pad_id

    def serialized_model_proto(self) -> bytes:
        """The bytes of the model, with what was changed."""
        return b"" if self._model is None else self._model.serialized

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.pop("_model", None)
        state["model_proto"] = self.serialized_model_proto()
        return state

    def __setstate__(self, state: Any) -> None:
        state = dict(state) if isinstance(state, dict) else {"model_proto": state}
        model = state.pop("model_proto")
        SentencePieceProcessor.__init__(self)
        if model:
            self.load_from_serialized_proto(model)
        self.__dict__.update(state)

    def __len__(self) -> int:
        return self.get_piece_size()

    def __getitem__(self, piece: Any) -> Any:
        return self.piece_to_id(piece)

    def _loaded(self) -> SentencePiece:
        if self._model is None:
            raise RuntimeError("Model is not initialized: load one first")
        return self._model

    def _resolve_return_type(self, return_type: Any, out_type: Any) -> Any:
        return resolve(return_type, out_type, self._return_type)

    def _extras(
        self, add_bos: Any, add_eos: Any, reverse: Any, emit_unk_piece: Any
    ) -> tuple[Any, Any, Any, Any]:
        # As they are: the core refuses what has no truth by a method of its own, such as a str.
        return (
            self._add_bos if add_bos is None else add_bos,
            self._add_eos if add_eos is None else add_eos,
            self._reverse if reverse is None else reverse,
            self._emit_unk_piece if emit_unk_piece is None else emit_unk_piece,
        )

    def _threads(self, num_threads: Any, thread_pool: ThreadPool | None) -> int:
        threads = self._num_threads if num_threads is None else num_threads
        if not isinstance(threads, int):
            raise TypeError("num_threads must be int")
        if thread_pool is None:
            return threads
        if not isinstance(thread_pool, ThreadPool):
            raise TypeError(f"thread_pool is {type(thread_pool).__name__}; expected ThreadPool")
        return thread_pool.num_threads()

    def _is(self, kind: int, id: Any) -> Any:
        model = self._loaded()
        return _each(lambda number: model.type(number) == kind, id)


def _each(of: Any, id: Any) -> Any:
    if hasattr(id, "__len__"):
        return [of(number) for number in _as_list(id)]
    return of(id)


def _as_list(row: Any) -> Any:
    if isinstance(row, (list, tuple)):
        return row
    if isinstance(row, (str, bytes)):
        raise TypeError("Batch input must be a sequence of sequences or a 2D integer array.")
    if hasattr(row, "__array__") or isinstance(row, memoryview):
        array = np.asarray(row)
        if not np.issubdtype(array.dtype, np.integer):
            raise TypeError("Buffer must be of integer type")
        if array.ndim != 1:
            raise TypeError("Buffer must be 1-dimensional")
        return array.tolist()
    return list(row)


def _is_sequence(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes))


def _flag(value: Any) -> bool:
    """A bool as sentencepiece's settings are written."""
    text = str(value).lower()
    if text in ("1", "t", "true", "y", "yes", ""):
        return True
    if text in ("0", "f", "false", "n", "no"):
        return False
    raise ValueError(f"cannot parse {value!r} as bool")


def _lead_size(byte: int) -> int:
    return 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4


add_spelled_calls(SentencePieceProcessor)

# encode() of one short text, without a Python frame.
_core.add_lean_sentencepiece_calls(
    SentencePieceProcessor,
    "($self, input, add_bos=None, add_eos=None, reverse=None, emit_unk_piece=None, enable_sampling=None, "
    "nbest_size=None, alpha=None, num_threads=None, thread_pool=None, return_type=None, out_type=None, "
    "return_bytes=None)",
)

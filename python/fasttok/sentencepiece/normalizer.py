"""SentencePieceNormalizer: the normalizer of a model, on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fasttok import _core
from fasttok.errors import FormatError
from fasttok.sentencepiece.files import ModelFormatError, existing, read_file, serialized
from fasttok.sentencepiece.names import add_camel_case
from fasttok.sentencepiece.rules import bytes_field, named_spec, spec_of_map, spec_of_tsv

__all__ = ["SentencePieceNormalizer", "set_data_dir"]

_data_dir: Path | None = None


def set_data_dir(data_dir: str) -> None:
    """Says where the compiled rules `nfkc.bin`, `nmt_nfkc.bin`… lie, as sentencepiece installs them."""
    global _data_dir
    _data_dir = Path(data_dir)


@add_camel_case("serialized_model_proto", "serialized_normalizer_spec")
class SentencePieceNormalizer:
    """The normalizer of sentencepiece 0.2.3, without a model's user-defined symbols.

    Args:
        model_file: path of a `.model` file.
        model_proto: the bytes of one, or a ModelProto.
        normalizer_spec: the bytes of a NormalizerSpec, or one.
        rule_tsv: path of a file of rules: codes in hexadecimal, a tab, the codes that stand for them.
        rule_name: "identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf", or any that lies compiled in the
            folder of `set_data_dir`.
        norm_map: pairs of str: what becomes what.
        add_dummy_prefix, escape_whitespaces, remove_extra_whitespaces: instead of what the file says.

    Raises:
        ValueError: no model is given, the rule has no such name, or a file is damaged (`fasttok.FormatError`,
            which is a RuntimeError, too).
        OSError: the file cannot be read; it is a RuntimeError, too.
        TypeError: `norm_map` is no list of pairs of str.

    >>> SentencePieceNormalizer(rule_name="identity").normalize(" a  b ")
    '▁a▁b'
    """

    def __init__(
        self,
        model_file: Any = None,
        model_proto: Any = None,
        normalizer_spec: Any = None,
        rule_tsv: Any = None,
        rule_name: str | None = None,
        norm_map: Any = None,
        add_dummy_prefix: bool | None = None,
        escape_whitespaces: bool | None = None,
        remove_extra_whitespaces: bool | None = None,
    ) -> None:
        try:
            if model_file:
                spec = _core.normalizer_spec_of(read_file(model_file))
            elif model_proto:
                spec = _core.normalizer_spec_of(serialized(model_proto))
            elif normalizer_spec:
                spec = serialized(normalizer_spec)
            elif rule_tsv:
                spec = spec_of_tsv(existing(rule_tsv))
            elif rule_name:
                spec = _spec_of_rule(rule_name)
            elif norm_map:
                spec = spec_of_map(norm_map)
            else:
                raise ValueError("no model is specified")
            self._normalizer = _core.SentencePieceNormalizer(spec)
        except FormatError as error:
            raise ModelFormatError(str(error)) from None
        asked = (add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces)
        if any(flag is not None for flag in asked):
            flags = [
                old if new is None else bool(new)
                for old, new in zip(self._normalizer.flags, asked, strict=True)
            ]
            self._normalizer = self._normalizer.with_flags(*flags)

    def normalize(self, input: Any, with_offsets: bool | None = None) -> Any:
        """The normalized text of a str, bytes, or each in a list.

        With `with_offsets` pairs of it and a list: for each of its characters (of bytes: bytes), and its end,
        the place in the input.
        """
        if isinstance(input, list):
            return [self._normalizer.normalize(text, bool(with_offsets)) for text in input]
        return self._normalizer.normalize(input, bool(with_offsets))

    def decompile(self) -> list[tuple[str, str]]:
        """The rules of the charsmap, sorted by what they replace. Raises RuntimeError where there is none."""
        return self._normalizer.rules()

    def serialized_normalizer_spec(self) -> bytes:
        """The bytes of its NormalizerSpec."""
        return self._normalizer.serialized

    def serialized_model_proto(self) -> bytes:
        """The bytes of a ModelProto with nothing but the NormalizerSpec."""
        return bytes_field(3, self._normalizer.serialized)

    def __getstate__(self) -> bytes:
        return self.serialized_model_proto()

    def __setstate__(self, serialized_model_proto: bytes) -> None:
        self._normalizer = _core.SentencePieceNormalizer(_core.normalizer_spec_of(serialized_model_proto))


def _spec_of_rule(name: str) -> bytes:
    """The spec of a name: compiled rules in the folder of `set_data_dir` come first."""
    if _data_dir is not None and (_data_dir / f"{name}.bin").is_file():
        return bytes_field(1, name.encode()) + bytes_field(2, (_data_dir / f"{name}.bin").read_bytes())
    return named_spec(name)

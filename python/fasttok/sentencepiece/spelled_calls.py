"""Methods with the type of the result in their names: `encode_as_ids`, `SampleEncodeAsPieces` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fasttok.sentencepiece.names import camel_case

__all__ = ["add_spelled_calls"]

Method = Callable[..., Any]


def _add(cls: type, of: str, name: str, kind: Any, make: Callable[[str, Any], Method]) -> None:
    """Adds a method like `encode_as_ids`: another one with a fixed type."""
    method = make(of, kind)
    method.__name__ = name
    method.__doc__ = f"`{of}` with `out_type` {getattr(kind, '__name__', kind)!r}."
    setattr(cls, name, method)
    setattr(cls, camel_case(name), method)


def _plain(of: str, kind: Any) -> Method:
    def method(self: Any, input: Any, **kwargs: Any) -> Any:
        return getattr(self, of)(input=input, out_type=kind, **kwargs)

    return method


def _sampled(of: str, kind: Any) -> Method:
    def method(
        self: Any,
        input: Any,
        nbest_size: int | None = None,
        alpha: float | None = None,
        **kwargs: Any,
    ) -> Any:
        return self.encode(
            input, nbest_size=nbest_size, alpha=alpha, enable_sampling=True, out_type=kind, **kwargs
        )

    return method


def _n_best(of: str, kind: Any) -> Method:
    def method(self: Any, input: Any, nbest_size: int | None = None, **kwargs: Any) -> Any:
        return self.nbest_encode(input, nbest_size=nbest_size, out_type=kind, **kwargs)

    return method


def _scored(of: str, kind: Any) -> Method:
    def method(
        self: Any,
        input: Any,
        num_samples: int | None = None,
        alpha: float | None = None,
        **kwargs: Any,
    ) -> Any:
        return self.sample_encode_and_score(
            input, num_samples=num_samples, alpha=alpha, out_type=kind, **kwargs
        )

    return method


_TEXT_KINDS = {
    "ids": int,
    "pieces": str,
    "numpy": "numpy",
    "proto": "proto",
    "serialized_proto": "serialized_proto",
    "immutable_proto": "immutable_proto",
}


def add_spelled_calls(cls: type) -> None:
    """Adds these methods, in both spellings, to a class with `encode` and so on."""
    for name, kind in _TEXT_KINDS.items():
        _add(cls, "encode", f"encode_as_{name}", kind, _plain)
        _add(cls, "parallel_encode", f"parallel_encode_as_{name}", kind, _plain)
        _add(cls, "encode", f"sample_encode_as_{name}", kind, _sampled)
        _add(cls, "nbest_encode", f"nbest_encode_as_{name}", kind, _n_best)
        _add(cls, "sample_encode_and_score", f"sample_encode_and_score_as_{name}", kind, _scored)
        if "proto" in name:
            _add(cls, "decode", f"decode_ids_as_{name}", kind, _plain)
            _add(cls, "decode", f"decode_pieces_as_{name}", kind, _plain)
    _add(cls, "encode", "encode_as_offset_mapping", "offset_mapping", _plain)

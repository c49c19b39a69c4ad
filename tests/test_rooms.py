"""The rooms of the C++ core include only what stands to their left in ARCHITECTURE.md and cpp/README.md."""

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "cpp" / "fasttok"

# Rooms in one entry are siblings, which do not include each other; pinyin stands on unicode only.
ORDER = [
    {"base"},
    {"simd"},
    {"unicode"},
    {"regex"},
    {"text", "model", "output"},
    {"pipeline"},
    {"formats", "train"},
    {"bindings"},
]
LEFT = {room: {room}.union(*ORDER[:place]) for place, rooms in enumerate(ORDER) for room in rooms} | {
    "pinyin": {"pinyin", "unicode", "simd", "base"}
}
LEFT["pipeline"] |= {"pinyin"}
LEFT["bindings"] |= {"pinyin"}


def test_include_order() -> None:
    wrong, seen = [], set()
    for path in sorted(SOURCES.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        room = path.relative_to(SOURCES).parts[0]
        seen.add(room)
        for included in re.findall(r'#include "fasttok/(\w+)/', path.read_text("utf-8")):
            if included not in LEFT[room]:
                wrong.append(f"{path.relative_to(SOURCES)} includes {included}/")
    assert not wrong
    assert {"base", "pipeline", "bindings"} <= seen


def test_python_only_in_bindings() -> None:
    for path in sorted(SOURCES.rglob("*")):
        if path.suffix in (".h", ".cc") and path.relative_to(SOURCES).parts[0] != "bindings":
            assert not re.search(r"#include <(pybind11|Python\.h)", path.read_text("utf-8")), path

// The tables of pinyin and the peer's trie, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "fasttok/pinyin/costs.h"

namespace fasttok {

// The costs that a `_core.Pinyin` holds; py::cast_error where the object is none.
std::shared_ptr<const pinyin::Costs> pinyin_costs_from(pybind11::handle object);

void register_pinyin(pybind11::module_& module);

}  // namespace fasttok

// A Python str as the core sees it, in place.
//
//   if (PyUnicode_Check(object)) encode(view_of_str(object));
//
// The view is good as long as the str lives.
#pragma once

#include <pybind11/pybind11.h>

#include "fasttok/base/text_view.h"

namespace fasttok {

// `text` must be a str.
inline TextView view_of_str(PyObject* text) {
#if PY_VERSION_HEX < 0x030C0000
  if (PyUnicode_READY(text) != 0) throw pybind11::error_already_set();
#endif
  return {PyUnicode_DATA(text), static_cast<std::size_t>(PyUnicode_GET_LENGTH(text)),
          static_cast<std::uint8_t>(PyUnicode_KIND(text)), PyUnicode_IS_ASCII(text) != 0};
}

}  // namespace fasttok

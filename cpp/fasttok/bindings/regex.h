// Regular expressions, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

void register_regex(pybind11::module_& module);

}  // namespace fasttok

#pragma once

#include <pybind11/pybind11.h>

#include "fasttok/output/decoder.h"

namespace fasttok {

namespace py = pybind11;

void register_decoder(py::module_& module);

}  // namespace fasttok

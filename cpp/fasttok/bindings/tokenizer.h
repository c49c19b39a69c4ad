// The compiled tokenizer and the model, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

void register_tokenizer(pybind11::module_& module);
void register_model(pybind11::module_& module);

}  // namespace fasttok

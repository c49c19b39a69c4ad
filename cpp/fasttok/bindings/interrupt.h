// Long work of the core without the GIL, which a signal (Ctrl-C) ends within some tens of milliseconds.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/bindings/gil.h"

namespace fasttok {

namespace py = pybind11;

// The result of work(). Every few tens of milliseconds Python's signal handlers get their chance; what one of
// them raises (KeyboardInterrupt) ends the work and is thrown here. Handlers are run in Python's main thread
// only; asking elsewhere does no harm.
template <class Work>
auto without_gil(Work&& work) {
  std::optional<py::error_already_set> raised;
  const Interruption interruption([&] {
    const GilHeld locked;
    if (PyErr_CheckSignals() == 0) return false;
    raised.emplace();
    return true;
  });
  try {
    auto result = [&] {
      const GilReleased unlocked;
      return work();
    }();
    if (!raised) return result;
  } catch (...) {
    if (!raised) throw;
  }
  throw py::error_already_set(std::move(*raised));
}

// For loops that hold the GIL: lets signal handlers run at every `interval`th step (a power of two).
inline void check_signals(std::size_t step, std::size_t interval) {
  if ((step & (interval - 1)) == interval - 1 && PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace fasttok

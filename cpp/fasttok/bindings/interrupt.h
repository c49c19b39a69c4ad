// Long work of the core, which a signal (Ctrl-C) ends within some tens of milliseconds.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/bindings/gil.h"

namespace fasttok {

namespace py = pybind11;

// The result of work(). Every few tens of milliseconds ask() says whether a Python exception is set, which
// then ends the work and is thrown here.
template <class Ask, class Work>
auto interruptible(const Ask& ask, const Work& work) {
  std::optional<py::error_already_set> raised;
  const Interruption interruption([&] { return ask(raised); });
  try {
    auto result = work();
    if (!raised) return result;
  } catch (...) {
    if (!raised) throw;
  }
  throw py::error_already_set(std::move(*raised));
}

// Lets signal handlers run; true, and what one of them raised (KeyboardInterrupt), if one does. Handlers are
// run in Python's main thread only; asking elsewhere does no harm.
inline bool raised_by_signal(std::optional<py::error_already_set>& raised) {
  if (PyErr_CheckSignals() == 0) return false;
  raised.emplace();
  return true;
}

// The result of work(), which a signal may end.
template <class Work>
auto without_gil(Work&& work) {
  return interruptible(
      [](std::optional<py::error_already_set>& raised) {
        const GilHeld locked;
        return raised_by_signal(raised);
      },
      [&] {
        const GilReleased unlocked;
        return work();
      });
}

// The same with the GIL, as long as the work is short: before any other code runs, prepare() is called.
template <class Prepare, class Work>
auto with_gil_at_first(const Prepare& prepare, const Work& work) {
  return interruptible(
      [&](std::optional<py::error_already_set>& raised) {
        prepare();
        { const GilReleased others_turn; }
        return raised_by_signal(raised);
      },
      work);
}

// For loops that hold the GIL: lets signal handlers run at every `interval`th step (a power of two).
inline void check_signals(std::size_t step, std::size_t interval) {
  if ((step & (interval - 1)) == interval - 1 && PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace fasttok

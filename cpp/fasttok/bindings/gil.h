// The GIL, given up and taken again.
//
// Python ends a thread that asks for the GIL while the interpreter shuts down, by an exception of a kind that
// must not be caught (pthread_exit); in a destructor, or where C++ code catches all, that ends the process.
// Such threads sleep until it ends by itself, as Python 3.14 has them do.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

namespace fasttok {

namespace gil {

template <class Take>
auto take_or_sleep(const Take& take) noexcept {
  try {
    return take();
  } catch (...) {
    for (;;) pause();
  }
}

}  // namespace gil

// For as long as it lives other threads may run Python code.
class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased() {
    gil::take_or_sleep([this] { PyEval_RestoreThread(state_); });
  }
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* const state_;
};

// Within GilReleased, or on a thread of another kind.
class GilHeld {
 public:
  GilHeld() : state_(gil::take_or_sleep([] { return PyGILState_Ensure(); })) {}
  ~GilHeld() { PyGILState_Release(state_); }
  GilHeld(const GilHeld&) = delete;
  GilHeld& operator=(const GilHeld&) = delete;

 private:
  const PyGILState_STATE state_;
};

}  // namespace fasttok

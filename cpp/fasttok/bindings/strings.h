// The Python NormalizedString and PreTokenizedString.
//
// Each owns its value, or borrows one of the core while a Python component or callback runs; what was
// borrowed is gone afterwards, and says so.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/text/normalized.h"
#include "fasttok/text/pre_tokenized.h"

namespace fasttok {

namespace py = pybind11;

template <class Value>
class Lent {
 public:
  explicit Lent(Value value) : owned_(std::make_unique<Value>(std::move(value))), value_(owned_.get()) {}
  Lent(Value* borrowed, const char* gone) : value_(borrowed), gone_(gone) {}

  Value& get() {
    if (!value_) throw Error(gone_);
    return *value_;
  }
  void take_back() { value_ = nullptr; }

 private:
  std::unique_ptr<Value> owned_;
  Value* value_;
  const char* gone_ = "";
};

class PyNormalizedString : public Lent<NormalizedString> {
 public:
  using Lent::Lent;

  // Byte range of characters [begin, end) of the text; nothing where there are none. Linear once per text.
  std::optional<ByteRange> bytes_of(std::size_t begin, std::size_t end);
  // To be called where the text changes.
  NormalizedString& change() {
    starts_.clear();
    return get();
  }

 private:
  std::vector<std::uint32_t> starts_;  // of each character, and the end; empty: unknown
};

class PyPreTokenizedString : public Lent<PreTokenizedString> {
 public:
  using Lent::Lent;
};

// Calls function(borrowed) with a Python object that borrows `value` until the call returns.
template <class Python, class Value, class Function>
void lend(Value& value, const char* gone, Function&& function) {
  const py::object object = py::cast(std::make_unique<Python>(&value, gone));
  struct TakeBack {
    Python& lent;
    ~TakeBack() { lent.take_back(); }
  } guard{object.cast<Python&>()};
  function(object);
}

inline constexpr const char* kNormalizedGone = "Cannot use a NormalizedStringRefMut outside `normalize`";
inline constexpr const char* kPreTokenizedGone =
    "Cannot use a PreTokenizedStringRefMut outside `pre_tokenize`";

// A str, or a Regex.
TextPattern pattern_from(py::handle pattern);
SplitBehavior behavior_from(py::handle name);

}  // namespace fasttok

// Lists of ids from Python ints that are made once for the process, as CPython keeps those up to 256.
//
//   const Ints ints(vocabulary_size);
//   ints.list_of(ids, count)   // a new list; its items are mostly ready-made
//
// An int is an object of 32 bytes somewhere, and a list wants a reference to each: counting one more
// reference costs a cache line a token, half of what lists cost. So of each ready-made int 2^60 references
// are taken at once, when it is made, and handed out one by one without touching it; whoever drops a list
// gives them back as ever. They are not counted: at a billion a second they last for 36 years. For the same
// reason the ints are never freed. They lie one behind the other, so that an id says where its int is. (From
// Python 3.12 on references are counted one by one, as well as in the builds without a GIL.)
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fasttok {

namespace py = pybind11;

// New references; py::error_already_set where there is no memory.
PyObject* list_of_ints(const std::uint32_t* values, std::size_t count);
PyObject* list_of_ints(const std::int64_t* values, std::size_t count);
// The same, one of many: not shown to the collector of cycles (see list_of_rows()).
PyObject* row_of_ints(const std::uint32_t* values, std::size_t count);
PyObject* row_of_ints(const std::int64_t* values, std::size_t count);
// Some such lists, one a row: of the values from each of `ends` to the next, which do not descend. Where it
// throws, those that were made are in `lists` or gone, and the others are untouched.
inline constexpr std::size_t kRowsTogether = 32;
void rows_of_ints(const std::uint32_t* values, const std::int64_t* ends, std::size_t rows, PyObject** lists);
PyObject* pair_of_ints(std::uint32_t a, std::uint32_t b);  // a tuple

// The ids of one vocabulary.
class Ints {
 public:
  // Ids are mostly below `limit`. Their ints are made when so many have been asked for that it is likely to
  // pay; before that, and for ids above, each int is made anew.
  explicit Ints(std::size_t limit);

  // Says that `count` ids are going to be read.
  void want(std::size_t count) const;
  PyObject* list_of(const std::uint32_t* ids, std::size_t count) const {
    want(count);
    return list_of_ints(ids, count);
  }

 private:
  const std::size_t limit_;
  mutable std::atomic<std::size_t> wanted_{0};
};

}  // namespace fasttok

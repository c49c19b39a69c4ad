#include "fasttok/bindings/pinyin.h"

#include <pybind11/stl.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/str_view.h"
#include "fasttok/pinyin/peer_trie.h"
#include "fasttok/pinyin/segment.h"

namespace fasttok {

namespace py = pybind11;

namespace {

using pinyin::Lattice;
using pinyin::Piece;
using pinyin::PieceKind;

// Texts above this are segmented without the GIL.
constexpr std::size_t kWorthReleasing = 4096;

TextView view_of(py::handle text) {
  PyObject* const object = text.ptr();
  if (!PyUnicode_Check(object)) {
    throw py::type_error("text is " + std::string(Py_TYPE(object)->tp_name) + "; expected str");
  }
  return view_of_str(object);
}

PyObject* checked(PyObject* object) {
  if (!object) throw py::error_already_set();
  return object;
}

// The costs, and the Python objects that results are made of.
class PyPinyin {
 public:
  PyPinyin(const py::bytes& costs, py::type syllable)
      : costs_(pinyin::Costs::parse(costs)), syllable_(std::move(syllable)) {
    auto* const type = reinterpret_cast<PyTypeObject*>(syllable_.ptr());
    if (!PyType_IsSubtype(type, &PyTuple_Type)) throw py::type_error("syllable: expected a NamedTuple");
    for (const char* kind : {"syllable", "separator", "other"}) kinds_.push_back(py::str(kind));
    for (int tone = 0; tone <= 5; ++tone) tones_.push_back(py::int_(tone));
    for (std::size_t way = 0; way < kWays; ++way) {
      for (const pinyin::Spelling& spelling : pinyin::spellings()) {
        names_[way].push_back(py::str(written(spelling.letters, way)));
      }
    }
  }

  const std::shared_ptr<const pinyin::Costs>& costs() const { return costs_; }

  py::list segment(const py::object& text, bool longest, int v, bool extended) const {
    const TextView view = view_of(text);
    const auto method = longest ? pinyin::Method::kLongest : pinyin::Method::kBest;
    Buffer<pinyin::Cut> cuts;
    if (view.length < kWorthReleasing) {
      pinyin::segment(view, *costs_, method, extended, cuts);
    } else {
      const GilReleased unlocked;
      pinyin::segment(view, *costs_, method, extended, cuts);
    }
    py::list list(cuts.size());
    py::int_ begin(0);
    std::uint32_t place = 0;
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      const Piece piece = cuts[i].piece(place);
      py::int_ end(piece.end);
      PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                      to_object(text, piece, v, begin, end).release().ptr());
      place = piece.end;
      begin = std::move(end);
    }
    return list;
  }

  py::list n_best(const py::object& text, std::size_t k, std::size_t most, int v, bool extended) const {
    const TextView view = view_of(text);
    std::vector<std::vector<Piece>> readings;
    {
      const GilReleased unlocked;
      Lattice lattice;
      pinyin::read_lattice(view, *costs_, extended, false, lattice);
      pinyin::Search search;
      search.run(lattice, *costs_, true);
      search.n_best(k, most, [&](const pinyin::Path& path) {
        pinyin::pieces_of(lattice, path, readings.emplace_back());
      });
    }
    return to_lists(text, readings, v);
  }

  py::list lattice(const py::object& text, int v, bool extended) const {
    const TextView view = view_of(text);
    std::vector<Piece> pieces;
    {
      const GilReleased unlocked;
      Lattice lattice;
      pinyin::read_lattice(view, *costs_, extended, false, lattice);
      pinyin::pieces_of_all(lattice, pieces);
    }
    return to_list(text, pieces, v);
  }

  bool is_valid(const py::object& text, bool extended) const {
    const TextView view = view_of(text);
    const GilReleased unlocked;
    Lattice lattice;
    pinyin::read_lattice(view, *costs_, extended, false, lattice);
    return pinyin::is_valid(lattice);
  }

  // Factors, and chains of 6 × 6 matrices, row by row.
  py::tuple path_factors(const py::object& text, bool extended) const {
    const TextView view = view_of(text);
    pinyin::PathCount count;
    {
      const GilReleased unlocked;
      Lattice lattice;
      pinyin::read_lattice(view, *costs_, extended, false, lattice);
      count = pinyin::count_paths(lattice);
    }
    return py::make_tuple(count.factors, count.chains);
  }

 private:
  static constexpr std::size_t kWays = 3;  // v, ü, u:

  static std::string written(std::string_view letters, std::size_t way) {
    constexpr const char* kV[kWays] = {"v", "ü", "u:"};
    std::string text;
    for (const char c : letters) {
      if (c == 'v')
        text += kV[way];
      else if (c == '^')
        text += "ê";
      else
        text += c;
    }
    return text;
  }

  // `v`: the way that ü is written; below 0: as in the text.
  py::handle name_of(const Piece& piece, int v) const {
    if (v >= 0) {
      return names_[static_cast<std::size_t>(v)][pinyin::Automaton::get().syllable(piece.spelling)];
    }
    const std::size_t way = piece.look & pinyin::kUColon ? 2 : piece.look & pinyin::kUmlaut ? 1 : 0;
    return names_[way][piece.spelling];
  }

  // A Syllable; `begin` and `end` are ints of the piece's range.
  py::object to_object(const py::object& text, const Piece& piece, int v, py::handle begin,
                       py::handle end) const {
    auto* const type = reinterpret_cast<PyTypeObject*>(syllable_.ptr());
    py::object name;
    if (piece.kind == PieceKind::kSyllable) {
      name = py::reinterpret_borrow<py::object>(name_of(piece, v));
    } else {
      name =
          py::reinterpret_steal<py::object>(checked(PyUnicode_Substring(text.ptr(), piece.begin, piece.end)));
    }
    const py::handle tone = piece.tone == pinyin::kNoTone ? Py_None : tones_[piece.tone].ptr();
    const py::handle fields[] = {name, tone, begin, end, kinds_[static_cast<std::size_t>(piece.kind)]};
    PyObject* const made = checked(type->tp_alloc(type, std::size(fields)));
    for (std::size_t i = 0; i < std::size(fields); ++i) {
      PyTuple_SET_ITEM(made, static_cast<Py_ssize_t>(i), py::handle(fields[i]).inc_ref().ptr());
    }
    // Strings, ints and None make no cycles: the collector, which by itself lets alone such tuples but not
    // those of a subclass, need not go over them again and again.
    PyObject_GC_UnTrack(made);
    return py::reinterpret_steal<py::object>(made);
  }

  py::list to_list(const py::object& text, const std::vector<Piece>& pieces, int v) const {
    py::list list(pieces.size());
    py::int_ at(0);
    std::uint32_t place = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      // A piece mostly begins where the one before it ends.
      if (pieces[i].begin != place) at = py::int_(pieces[i].begin);
      py::int_ end(pieces[i].end);
      PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                      to_object(text, pieces[i], v, at, end).release().ptr());
      place = pieces[i].end;
      at = std::move(end);
    }
    return list;
  }

  // Readings share the objects of equal pieces.
  py::list to_lists(const py::object& text, const std::vector<std::vector<Piece>>& readings, int v) const {
    struct Made {
      Piece piece;
      py::object object;
    };
    std::vector<Made> made;
    // By begin: the first of the pieces in `made` that begin there, chained by `next`.
    std::vector<std::uint32_t> next;
    std::vector<std::uint32_t> heads(static_cast<std::size_t>(PyUnicode_GET_LENGTH(text.ptr())) + 1, 0);
    py::list lists(readings.size());
    for (std::size_t r = 0; r < readings.size(); ++r) {
      py::list list(readings[r].size());
      for (std::size_t i = 0; i < readings[r].size(); ++i) {
        const Piece& piece = readings[r][i];
        std::uint32_t at = heads[piece.begin];
        while (at != 0 && (made[at - 1].piece.end != piece.end || made[at - 1].piece.kind != piece.kind)) {
          at = next[at - 1];
        }
        if (at == 0) {
          made.push_back({piece, to_object(text, piece, v, py::int_(piece.begin), py::int_(piece.end))});
          next.push_back(heads[piece.begin]);
          at = heads[piece.begin] = static_cast<std::uint32_t>(made.size());
        }
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), made[at - 1].object.inc_ref().ptr());
      }
      PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(r), list.release().ptr());
    }
    return lists;
  }

  std::shared_ptr<const pinyin::Costs> costs_;
  py::type syllable_;
  std::vector<py::object> kinds_, tones_;
  std::array<std::vector<py::str>, kWays> names_;
};

std::u32string utf32_of(py::handle text) {
  const TextView view = view_of(text);
  std::u32string made;
  for (std::size_t i = 0; i < view.length; ++i) made += view.at(i);
  return made;
}

class PyPeerTrie {
 public:
  explicit PyPeerTrie(const py::list& nodes) : trie_(sources_of(nodes)) {
    for (std::uint32_t i = 0; i < trie_.size(); ++i) {
      const std::u32string text = trie_.text_of(i);
      words_.push_back(py::reinterpret_steal<py::object>(checked(PyUnicode_FromKindAndData(
          PyUnicode_4BYTE_KIND, text.data(), static_cast<Py_ssize_t>(text.size())))));
    }
  }

  py::tuple tokenize(const py::object& text) const {
    const TextView view = view_of(text);
    if (view.kind == 1) return tokenize_units(static_cast<const std::uint8_t*>(view.data), view.length);
    if (view.kind == 2) return tokenize_units(static_cast<const std::uint16_t*>(view.data), view.length);
    return tokenize_units(static_cast<const std::uint32_t*>(view.data), view.length);
  }

 private:
  static std::vector<pinyin::PeerTrie::Source> sources_of(const py::list& nodes) {
    std::vector<pinyin::PeerTrie::Source> sources;
    for (const py::handle node : nodes) {
      const auto parts = node.cast<py::tuple>();
      auto& source = sources.emplace_back();
      source.end = parts[0].cast<bool>();
      for (const auto& [key, child] : parts[1].cast<py::dict>()) {
        source.children.emplace_back(utf32_of(key), child.cast<std::uint32_t>());
      }
    }
    if (sources.empty()) throw ValueError("a trie without nodes");
    return sources;
  }

  template <class Unit>
  py::tuple tokenize_units(const Unit* text, std::size_t length) const {
    std::vector<PyObject*> words, rest;
    words.reserve(length / 2 + 1);
    try {
      for (std::size_t at = 0; at < length;) {
        const std::uint32_t node = trie_.find(text, length, at);
        if (node == pinyin::PeerTrie::kNone) {
          rest.push_back(checked(PyUnicode_FromOrdinal(static_cast<int>(text[at]))));
          ++at;
          continue;
        }
        const std::size_t found = trie_.length_of(node);
        if (found == 0)
          throw ValueError("the root of the trie is an end: an empty word is found again and again");
        words.push_back(words_[node].ptr());
        at += found;
      }
    } catch (const pinyin::PeerTrie::NoChildG&) {
      for (PyObject* character : rest) Py_DECREF(character);
      throw py::key_error("g");
    } catch (...) {
      for (PyObject* character : rest) Py_DECREF(character);
      throw;
    }
    py::list word_list(words.size()), rest_list(rest.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      Py_INCREF(words[i]);
      PyList_SET_ITEM(word_list.ptr(), static_cast<Py_ssize_t>(i), words[i]);
    }
    for (std::size_t i = 0; i < rest.size(); ++i) {
      PyList_SET_ITEM(rest_list.ptr(), static_cast<Py_ssize_t>(i), rest[i]);
    }
    return py::make_tuple(std::move(word_list), std::move(rest_list));
  }

  pinyin::PeerTrie trie_;
  std::vector<py::object> words_;
};

}  // namespace

std::shared_ptr<const pinyin::Costs> pinyin_costs_from(py::handle object) {
  return object.cast<const PyPinyin&>().costs();
}

void register_pinyin(py::module_& module) {
  using py::arg;
  py::class_<PyPinyin>(module, "Pinyin", py::is_final())
      .def(py::init<const py::bytes&, py::type>(), arg("costs"), arg("syllable"))
      .def("segment", &PyPinyin::segment, arg("text"), arg("longest"), arg("v"), arg("extended"))
      .def(
          "n_best",
          [](const PyPinyin& self, const py::object& text, Unsigned k, Unsigned most, int v, bool extended) {
            return self.n_best(text, k.value, most.value, v, extended);
          },
          arg("text"), arg("k"), arg("most"), arg("v"), arg("extended"))
      .def("lattice", &PyPinyin::lattice, arg("text"), arg("v"), arg("extended"))
      .def("is_valid", &PyPinyin::is_valid, arg("text"), arg("extended"))
      .def("path_factors", &PyPinyin::path_factors, arg("text"), arg("extended"));
  py::class_<PyPeerTrie>(module, "PinyinPeerTrie", py::is_final())
      .def(py::init<const py::list&>(), arg("nodes"))
      .def("tokenize", &PyPeerTrie::tokenize, arg("text"));
}

}  // namespace fasttok

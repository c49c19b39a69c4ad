// fasttok._core: what each part registers, the exceptions, and the settings of the process.
#include <pybind11/pybind11.h>

#include "fasttok/base/block_pool.h"
#include "fasttok/base/error.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/decoder.h"
#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/lean_calls.h"
#include "fasttok/bindings/models.h"
#include "fasttok/bindings/outputs.h"
#include "fasttok/bindings/pinyin.h"
#include "fasttok/bindings/regex.h"
#include "fasttok/bindings/sentencepiece.h"
#include "fasttok/bindings/text.h"
#include "fasttok/bindings/tiktoken.h"
#include "fasttok/bindings/tokenizer.h"
#include "fasttok/simd/isa.h"

namespace py = pybind11;

namespace {

void register_exceptions() {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const fasttok::ForeignError& error) {
      error.restore();
    } catch (const fasttok::FormatError& error) {
      const py::object type = py::module_::import("fasttok.errors").attr("FormatError");
      fasttok::set_error(type.ptr(), error.what());
    } catch (const fasttok::ValueError& error) {
      fasttok::set_error(PyExc_ValueError, error.what());
    } catch (const fasttok::KeyError& error) {
      fasttok::set_error(PyExc_KeyError, error.what());
    } catch (const fasttok::Error& error) {
      fasttok::set_error(PyExc_Exception, error.what());
    }
  });
}

void register_settings(py::module_& module) {
  module.def(
      "set_num_threads",
      [](const py::object& n) { fasttok::set_default_threads(n.is_none() ? 0 : fasttok::threads_from(n)); },
      py::arg("n"));
  module.def("get_num_threads", &fasttok::default_threads);
  module.def("lists_of_one", &fasttok::lists_of_one, py::arg("rows"), py::arg("value"));
  module.def("tuple_of_rows", &fasttok::tuple_of_rows, py::arg("rows"));
  module.def("isa", [] { return std::string(fasttok::isa_name(fasttok::active_isa())); });
  module.def("cache_info", [] {
    const fasttok::CacheInfo info = fasttok::cache_info();
    py::dict result;
    result["bytes"] = info.bytes_used;
    result["max_bytes"] = info.bytes_cap;
    result["tables"] = info.tables;
    result["vocabulary_bytes"] = fasttok::table_bytes();
    result["result_bytes"] = fasttok::pooled_bytes();
    result["max_result_bytes"] = fasttok::kMostPooledBytes;
    return result;
  });
  module.def("clear_cache", [] {
    fasttok::clear_cache();
    fasttok::clear_block_pool();
  });
  module.def(
      "set_cache_bytes",
      [](const py::object& n) {
        if (!PyIndex_Check(n.ptr())) throw py::type_error("n is " + fasttok::describe(n) + "; expected int");
        fasttok::set_cache_bytes(fasttok::unsigned_from(n).value);
      },
      py::arg("n"));
}

}  // namespace

PYBIND11_MODULE(_core, module, py::mod_gil_not_used()) {
  module.doc() = "The compiled core of fasttok.";
  try {
    fasttok::active_isa();
  } catch (const fasttok::Error& error) {
    throw py::import_error(error.what());
  }
  register_exceptions();
  register_settings(module);
  fasttok::register_encoding(module);
  fasttok::register_strings(module);
  fasttok::register_stages(module);
  fasttok::register_model(module);
  fasttok::register_pinyin(module);
  fasttok::register_regex(module);
  fasttok::register_sentencepiece(module);
  fasttok::register_sentencepiece_normalizer(module);
  fasttok::register_sentencepiece_parts(module);
  fasttok::register_models(module);
  fasttok::register_decoder(module);
  fasttok::register_tokenizer(module);
  fasttok::register_lean_calls(module);
  fasttok::register_tiktoken(module);
}

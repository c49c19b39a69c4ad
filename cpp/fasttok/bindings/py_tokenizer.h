// The compiled tokenizer as Python holds it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "fasttok/bindings/outputs.h"
#include "fasttok/pipeline/tokenizer.h"

namespace fasttok {

// The core, and the Python objects that its calls share.
class PyTokenizer {
 public:
  explicit PyTokenizer(std::shared_ptr<const Tokenizer> tokenizer) : core(std::move(tokenizer)) {}

  const std::shared_ptr<const Tokenizer> core;

  // The ints of all ids, made when they are first wanted.
  const std::shared_ptr<const IntTable>& ints() const {
    if (!has_ints_.load(std::memory_order_acquire)) {
      std::lock_guard<std::mutex> guard(lock_);
      if (!ints_) ints_ = std::make_shared<const IntTable>(core->id_limit());
      has_ints_.store(true, std::memory_order_release);
    }
    return ints_;
  }

 private:
  mutable std::mutex lock_;
  mutable std::atomic<bool> has_ints_{false};
  mutable std::shared_ptr<const IntTable> ints_;  // set once
};

}  // namespace fasttok

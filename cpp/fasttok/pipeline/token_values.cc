#include "fasttok/pipeline/token_values.h"

#include <algorithm>

#include "fasttok/unicode/utf8.h"

namespace fasttok {

void write_token_values(const Vocab& vocab, const SequenceRequest& request, std::size_t before,
                        TokenColumns& out) {
  auto added = std::lower_bound(out.added.begin(), out.added.end(), before);
  for (std::size_t i = before; i < out.ids.size(); ++i) {
    if (added == out.added.end() || *added != i) {
      out.values->emplace_back(vocab.id_to_token(out.ids[i]).value());
      continue;
    }
    ++added;
    const TextView& text = request.texts[request.pretokenized ? static_cast<std::size_t>(out.words[i]) : 0];
    std::string value;
    for (std::size_t at = out.spans[i].begin; at < out.spans[i].end; ++at) append_utf8(value, text.at(at));
    out.values->push_back(std::move(value));
  }
}

}  // namespace fasttok

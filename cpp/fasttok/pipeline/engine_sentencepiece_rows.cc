#include "fasttok/pipeline/engine_sentencepiece_rows.h"

#include <algorithm>

namespace fasttok::sentencepiece {

void RowsEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  for (const TextView& text : request.texts) {
    if (extras_.add_bos) out.ids.push_back(static_cast<std::uint32_t>(processor_.bos_id()));
    const std::size_t begin = out.ids.size();
    processor_.append_ids(text, out.ids);
    if (extras_.reverse) std::reverse(out.ids.begin() + begin, out.ids.end());
    if (extras_.add_eos) out.ids.push_back(static_cast<std::uint32_t>(processor_.eos_id()));
  }
}

}  // namespace fasttok::sentencepiece

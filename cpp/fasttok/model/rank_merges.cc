#include "fasttok/model/rank_merges.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fasttok {

PairMerges rank_merges(const ByteTexts& texts) {
  const std::vector<ByteTexts::Entry>& entries = texts.entries();
  PairMerges merges(entries.size(), texts.id_limit());
  // By length, as counting sorts.
  std::vector<std::uint32_t> places(texts.longest() + 2), by_length(entries.size());
  for (const ByteTexts::Entry& entry : entries) ++places[entry.size + 1];
  for (std::size_t size = 1; size < places.size(); ++size) places[size] += places[size - 1];
  for (std::uint32_t rank = 0; rank < entries.size(); ++rank) by_length[places[entries[rank].size]++] = rank;

  std::vector<std::uint32_t> ids(texts.longest());
  for (const std::uint32_t rank : by_length) {
    const std::string_view text = texts.text(entries[rank]);
    if (text.size() == 1) continue;
    const bool known = std::all_of(text.begin(), text.end(), [&, at = std::size_t{0}](char byte) mutable {
      const auto id = texts.id_of(static_cast<std::uint8_t>(byte));
      ids[at++] = id.value_or(0);
      return id.has_value();
    });
    if (known && merges.run(ids.data(), text.size()) == 2) {
      merges.add(entries[rank].id, ids[0], ids[1], entries[rank].id);
    }
  }
  return merges;
}

}  // namespace fasttok

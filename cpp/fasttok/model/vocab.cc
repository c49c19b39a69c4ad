#include "fasttok/model/vocab.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <tuple>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kEmpty = std::numeric_limits<std::uint32_t>::max();

// Tokens are short: the first and the last bytes are all that most of them have.
std::size_t hash_of(std::string_view token) {
  const std::size_t size = token.size();
  if (size > 16) return std::hash<std::string_view>{}(token);
  const auto load = [&](std::size_t at, auto unit) {
    std::memcpy(&unit, token.data() + at, sizeof unit);
    return std::uint64_t{unit};
  };
  std::uint64_t first = size, last = 0;
  if (size >= 8) {
    first = load(0, std::uint64_t{});
    last = load(size - 8, std::uint64_t{});
  } else if (size >= 4) {
    first = load(0, std::uint32_t{});
    last = load(size - 4, std::uint32_t{});
  } else if (size > 0) {
    first = static_cast<std::uint64_t>(load(0, std::uint8_t{}) << 16 | load(size / 2, std::uint8_t{}) << 8 |
                                       load(size - 1, std::uint8_t{}));
  }
  const auto product = static_cast<unsigned __int128>(first ^ 0x9E3779B97F4A7C15u) *
                       static_cast<unsigned __int128>((last + size) ^ 0xD6E8FEB86659FD93u);
  return static_cast<std::size_t>(static_cast<std::uint64_t>(product) ^
                                  static_cast<std::uint64_t>(product >> 64));
}

// The bits that do not choose the slot (unless the table has more than 2^32 of them, which it never has).
std::uint32_t tag_of(std::size_t hash) {
  return static_cast<std::uint32_t>(std::uint64_t{hash} >> 32);
}

bool precedes(const VocabEntry& a, const VocabEntry& b) {
  return std::tie(a.id, a.token) < std::tie(b.id, b.token);
}

std::vector<VocabEntry> views_of(const std::vector<std::pair<std::string, std::uint32_t>>& entries) {
  std::vector<VocabEntry> views;
  views.reserve(entries.size());
  for (const auto& [token, id] : entries) views.push_back({token, id});
  return views;
}

}  // namespace

Vocab::Vocab(std::initializer_list<VocabEntry> entries) : Vocab(std::vector<VocabEntry>(entries)) {}

Vocab::Vocab(const std::vector<std::pair<std::string, std::uint32_t>>& entries) : Vocab(views_of(entries)) {}

Vocab::Vocab(std::vector<VocabEntry> entries) : entries_(std::move(entries)) {
  if (entries_.size() >= kEmpty / 2) throw ValueError("vocabulary: more than 2^31 tokens");

  std::size_t bytes = 0;
  for (const VocabEntry& entry : entries_) bytes += entry.token.size();
  arena_.resize(bytes);
  slots_.assign(std::bit_ceil(entries_.size() + entries_.size() / 2 + 1), Slot{0, kEmpty});

  // Lists of tokens nearly always come in the order of their ids: then the order of insertion is the final
  // one, and the table needs no second pass.
  bool ordered = true;
  std::size_t used = 0, count = 0;  // of the arena, and of the entries that are kept
  for (const VocabEntry entry : entries_) {
    const std::size_t hash = hash_of(entry.token);
    Slot& slot = slots_[slot_of(entry.token, hash)];
    if (slot.entry != kEmpty) {
      entries_[slot.entry].id = entry.id;
      ordered = false;
      continue;
    }
    const std::size_t length = entry.token.size();
    if (length != 0) std::memcpy(arena_.data() + used, entry.token.data(), length);
    const VocabEntry kept{{arena_.data() + used, length}, entry.id};
    used += length;
    longest_ = std::max(longest_, length);
    ordered = ordered && (count == 0 || precedes(entries_[count - 1], kept));
    slot = {tag_of(hash), static_cast<std::uint32_t>(count)};
    entries_[count++] = kept;
  }
  entries_.resize(count);
  if (!ordered) {
    std::sort(entries_.begin(), entries_.end(), precedes);
    std::fill(slots_.begin(), slots_.end(), Slot{0, kEmpty});
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::size_t hash = hash_of(entries_[i].token);
      slots_[slot_of(entries_[i].token, hash)] = {tag_of(hash), static_cast<std::uint32_t>(i)};
    }
  }

  // A direct table where it costs no more than a few words per token; binary search where ids have large
  // holes.
  if (id_limit() <= 4 * std::uint64_t{entries_.size()} + 1024) {
    by_id_.assign(static_cast<std::size_t>(id_limit()), kEmpty);
  }
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (i > 0 && entries_[i - 1].id == entries_[i].id) unique_ = false;
    if (!by_id_.empty()) by_id_[entries_[i].id] = static_cast<std::uint32_t>(i);
  }
}

// The slot that holds `token`, or the empty one where it belongs. Ends, because at least a third of the slots
// is empty.
std::size_t Vocab::slot_of(std::string_view token, std::size_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.entry == kEmpty || (slot.tag == tag && entries_[slot.entry].token == token)) return i;
  }
}

std::optional<std::uint32_t> Vocab::token_to_id(std::string_view token) const {
  const Slot& slot = slots_[slot_of(token, hash_of(token))];
  if (slot.entry == kEmpty) return std::nullopt;
  return entries_[slot.entry].id;
}

std::optional<std::string_view> Vocab::id_to_token(std::uint32_t id) const {
  if (!by_id_.empty()) {
    if (id >= by_id_.size() || by_id_[id] == kEmpty) return std::nullopt;
    return entries_[by_id_[id]].token;
  }
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const VocabEntry& entry, std::uint32_t value) { return entry.id < value; });
  if (at == entries_.end() || at->id != id) return std::nullopt;
  return at->token;
}

}  // namespace fasttok

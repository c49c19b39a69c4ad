// Grapheme clusters, one after the other.
//
//   for (std::size_t at = 0; at < text.size();) { std::size_t end = grapheme_end(text, at); ... at = end; }
//
// Mirrors the extended clusters of the crate unicode-segmentation as far as the Precompiled normalizer can
// see them: flags are not paired, because it looks only at clusters of less than six bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace fasttok {

// Where the cluster that begins at `at` (below text.size()) ends.
std::size_t grapheme_end(std::string_view text, std::size_t at);

}  // namespace fasttok

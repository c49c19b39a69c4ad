// Foreign words, told by their capitals.
//
//   MicrosoftdeWindowsxitong   Microsoft, Windows are foreign; de xi tong is pinyin
//   Beijing, XIAN, Li          can be read to the end as syllables, so they are pinyin
//
// Where a capital begins a word (up to the next that does) which is not syllables to its end, a foreign word
// may begin there. Where it ends is what the frequencies of syllables say: a foreign letter costs
// kForeignLetter, the end of a foreign word kForeignEnd, syllables what they cost by themselves. Small
// letters alone are never foreign.
#pragma once

#include <cstdint>
#include <vector>

#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/letters.h"

namespace fasttok::pinyin {

// Room to be used again: what is known of each letter of a stretch.
struct ForeignScratch {
  std::vector<std::uint8_t> starts, readable, step, leaves;
  std::vector<std::int64_t> foreign, native;
};

// Makes the letters of foreign words kNoLetter.
void find_foreign_words(Letters& letters, const Costs& costs, bool extended, ForeignScratch& scratch);

}  // namespace fasttok::pinyin

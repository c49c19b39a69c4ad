// What the masks of a text tell of its words: some blocks at a time in vectors of the compiler's, or one by
// one. Included like kernels-inl.h, and where there are no vectors, too.
#pragma once

// Bits of one block.
struct OneBlock {
  using Bits = std::uint64_t;
  static constexpr std::size_t kCount = 1;
  static Bits all(std::uint64_t value) { return value; }
  static void put(Bits& bits, std::size_t, std::uint64_t value) { bits = value; }
  static std::uint64_t any(Bits bits) { return bits; }
  static Bits before(Bits previous, Bits) { return previous; }
  static Bits behind(Bits, std::uint64_t next) { return next; }
};

// Bits of kBlocksTogether blocks.
typedef std::uint64_t BlockBits __attribute__((vector_size(8 * kBlocksTogether)));
struct SomeBlocks {
  using Bits = BlockBits;
  static constexpr std::size_t kCount = kBlocksTogether;
  static Bits all(std::uint64_t value) { return Bits{} + value; }
  static void put(Bits& bits, std::size_t block, std::uint64_t value) { bits[block] = value; }
  static std::uint64_t any(const Bits& bits) {
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < kCount; ++i) found |= bits[i];
    return found;
  }
  // The blocks one place before these, of which the last one of `previous` is the first; and behind.
  static Bits before(const Bits& previous, const Bits& bits) { return before(previous, bits, kPlaces); }
  static Bits behind(const Bits& bits, std::uint64_t next) { return behind(bits, all(next), kPlaces); }

 private:
  static constexpr std::make_index_sequence<kCount> kPlaces{};
  template <std::size_t... i>
  static Bits before(const Bits& previous, const Bits& bits, std::index_sequence<i...>) {
    return __builtin_shufflevector(previous, bits, (kCount - 1 + i)...);
  }
  template <std::size_t... i>
  static Bits behind(const Bits& bits, const Bits& next, std::index_sequence<i...>) {
    return __builtin_shufflevector(bits, next, (1 + i)...);
  }
};

template <class Form>
inline typename Form::Bits load_bits(const MaskRow& row, std::size_t b) {
  typename Form::Bits bits;
  std::memcpy(&bits, &row.words[b + 1], sizeof bits);
  return bits;
}
template <class Form>
inline void put_bits(MaskRow& row, std::size_t b, typename Form::Bits bits) {
  std::memcpy(&row.words[b + 1], &bits, sizeof bits);
}

// A row from its first block on, some at a time.
template <class Form>
class RowBlocks {
 public:
  using Bits = typename Form::Bits;
  // Goes on to the blocks from `b` on.
  void take(const MaskRow& row, std::size_t b) { take(load_bits<Form>(row, b)); }
  void take(Bits bits) {
    previous_ = bits_;
    bits_ = bits;
  }
  Bits bits() const { return bits_; }
  // Each bit where the next one is.
  Bits moved() const { return bits_ << 1 | Form::before(previous_, bits_) >> 63; }
  // Each bit where the one before it is; `next`: the block behind.
  Bits moved_back(std::uint64_t next) const { return bits_ >> 1 | Form::behind(bits_, next) << 63; }

 private:
  Bits bits_ = {}, previous_ = {};
};

// a + b with what is carried from block to block.
inline std::uint64_t carried_sum(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
  std::uint64_t first, result;
  const bool over = __builtin_add_overflow(a, b, &first);
  carry = over | __builtin_add_overflow(first, carry, &result);
  return result;
}

// Newlines that follow the rest, where they go on from block to block.
inline void find_long_tails(const ClassMasks& of, std::size_t blocks, std::uint64_t behind, StartMasks& out) {
  std::uint64_t rest_before = 0, before = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::uint64_t newline = of.newline[b], rest = ~(of.letter[b] | of.number[b] | of.space[b]);
    const std::uint64_t first = (rest << 1 | rest_before | before) & newline;
    out.tail[b] = ((newline + first) ^ newline) & newline;
    out.gap[b] = of.space[b] & ~out.tail[b];
    rest_before = rest >> 63;
    before = out.tail[b] >> 63;
  }
  out.gap[blocks - 1] |= behind;
}

template <class Form>
inline void word_starts_by(const StartRules& rules, const ClassMasks& of, std::size_t n, StartMasks& out) {
  using Bits = typename Form::Bits;
  using Row = RowBlocks<Form>;
  const std::size_t blocks = ClassMasks::blocks(n), last = blocks - 1;
  const std::uint64_t behind = n % 64 == 0 ? 0 : ~std::uint64_t{0} << n % 64;
  // What is behind the text counts as white space.
  const auto end_in = [&](std::size_t b) {
    Bits end = Form::all(0);
    if (b + Form::kCount > last) Form::put(end, last - b, behind);
    return end;
  };

  Bits tails = Form::all(0);
  {
    Row letter, number, space, newline, blank, rest, tail;
    for (std::size_t b = 0; b < blocks; b += Form::kCount) {
      letter.take(of.letter, b), number.take(of.number, b), space.take(of.space, b);
      newline.take(of.newline, b), blank.take(of.blank, b);
      const Bits end = end_in(b);
      rest.take(~(letter.bits() | number.bits() | space.bits() | end));
      const Bits first = rest.moved() & newline.bits() & rules.newline_tail;
      tail.take(((newline.bits() + first) ^ newline.bits()) & newline.bits());
      tails |= tail.bits();
      put_bits<Form>(out.tail, b, tail.bits());
      put_bits<Form>(out.gap, b, (space.bits() & ~tail.bits()) | end);
      put_bits<Form>(out.others, b, rest.bits() & ~rest.moved() & ~blank.moved());
    }
  }
  if (Form::any(tails) >> 63) find_long_tails(of, blocks, behind, out);
  out.gap[blocks] = ~std::uint64_t{0};

  // Behind the first character of what is neither blank nor behind one.
  if (of.any_trail) {
    std::uint64_t carry = 0, before = 0;
    for (std::size_t b = 0; b < (blocks + Form::kCount - 1) / Form::kCount * Form::kCount; ++b) {
      const std::uint64_t others = out.others[b];
      out.second[b] = carried_sum(others << 1 | before, of.trail[b], carry) & ~of.trail[b];
      before = others >> 63;
    }
  }

  Row letter, number, gap, newline, blank, others, tail, upper, both, lower;
  Bits any_groups = Form::all(0), any_complex = Form::all(0), any_behind_newline = Form::all(0);
  for (std::size_t b = 0; b < blocks; b += Form::kCount) {
    letter.take(of.letter, b), number.take(of.number, b), gap.take(out.gap, b), blank.take(of.blank, b);
    others.take(out.others, b), newline.take(of.newline, b);
    const Bits trail = load_bits<Form>(of.trail, b);
    Bits complex = load_bits<Form>(out.complex, b);
    const Bits second = of.any_trail ? load_bits<Form>(out.second, b) : others.moved();
    const Bits after_letter = letter.moved(), after_number = number.moved(), after_blank = blank.moved(),
               after_gap = gap.moved(), after_newline = newline.moved();

    const Bits last_of_gap = gap.bits() & ~gap.moved_back(out.gap[b + Form::kCount]) &
                             ~(newline.bits() & rules.newline_run) &
                             ~(number.moved_back(of.number[b + Form::kCount]) & rules.digits_apart);
    const Bits no_word =
        (((after_gap & ~after_newline) | second) & rules.any_prefix) | (after_blank & ~rules.any_prefix);
    const Bits runs = number.bits() & ~after_number & ~(after_blank & rules.space_digits);
    const Bits numbers = (number.bits() & ~trail & rules.single_digits) | (runs & ~rules.single_digits);
    Bits starts = (gap.bits() & ~after_gap) | last_of_gap | (letter.bits() & ~after_letter & ~no_word) |
                  numbers | others.bits();
    if (rules.case_split) {
      upper.take(of.upper, b), both.take(out.both, b);
      lower.take(letter.bits() & ~upper.bits() & ~both.bits());
      starts |= upper.bits() & lower.moved();
      complex |= (upper.bits() & both.moved()) | (both.bits() & upper.moved());
    }
    if (rules.slash_tail) {
      tail.take(out.tail, b);
      complex |= tail.moved() & load_bits<Form>(of.slash, b);
    }
    if (rules.use_all_rows()) put_bits<Form>(out.complex, b, complex);
    any_complex |= complex;
    any_behind_newline |= load_bits<Form>(of.space, b) & ~newline.bits() & after_newline & after_gap;
    put_bits<Form>(out.starts, b, starts & ~end_in(b));
    put_bits<Form>(out.groups, b, numbers & rules.digit_groups);
    any_groups |= numbers;
  }
  out.any_groups = (Form::any(any_groups) & rules.digit_groups) != 0;
  out.any_complex = Form::any(any_complex) != 0;
  out.any_behind_newline = (Form::any(any_behind_newline) & rules.newline_run) != 0;
}

inline void word_starts(const StartRules& rules, const ClassMasks& of, std::size_t n, StartMasks& out) {
  if constexpr (kBlocksTogether > 1) {
    if (n > 64 * ClassMasks::kFew) return word_starts_by<SomeBlocks>(rules, of, n, out);
  }
  word_starts_by<OneBlock>(rules, of, n, out);
}

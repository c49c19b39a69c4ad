// SentencePiece's `.model` files: a ModelProto message.
//
//   const ModelSpec spec = read_model(bytes, "spiece.model");
//
// Mirrors sentencepiece_model.proto of sentencepiece 0.2.3 and what protobuf does with odd files: a type that
// is not known leaves a piece normal, settings that come twice are merged, the self test is not run (0.2.1
// ran it). Where we depart: an unknown model type is a FormatError (the reference takes it for Unigram).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

// Throws FormatError; `name` is the file's, for messages.
ModelSpec read_model(std::string_view bytes, const std::string& name);

// A NormalizerSpec message alone.
SentencePieceNormalizerSpec read_normalizer_spec(std::string_view bytes, const std::string& name);

// The same file with other types of its pieces, or other settings of its normalizer.
std::string with_types(std::string_view bytes, const Types& types);
std::string with_normalizer_flags(std::string_view bytes, bool add_dummy_prefix,
                                  bool remove_extra_whitespaces, bool escape_whitespaces);
// The same for a NormalizerSpec alone; and a file with nothing but such.
std::string with_flags(std::string_view normalizer_spec, bool add_dummy_prefix, bool remove_extra_whitespaces,
                       bool escape_whitespaces);
// The bytes of the file's NormalizerSpec.
std::string normalizer_spec_of(std::string_view bytes);

// SentencePieceText and NBestSentencePieceText messages.
std::string to_proto(const Tokens& tokens);
std::string to_proto(std::span<const Tokens> n_best);

}  // namespace fasttok::sentencepiece

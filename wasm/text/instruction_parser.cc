#include "wasm/text/instruction_parser.h"

#include <optional>
#include <utility>

#include "base/str_cat.h"
#include "wasm/limits.h"

namespace wasmd::text {
namespace {

constexpr char kElse = 0x05;
constexpr char kEnd = 0x0B;

bool OpensBlock(const TokenCursor& cursor) {
  return cursor.PeekKeyword("block") || cursor.PeekKeyword("loop") ||
         cursor.PeekKeyword("try_table");
}

}  // namespace

void InstructionParser::ParseExpression(std::string* out) {
  labels_.Push(std::nullopt);
  Run(0, out);
  if (!cursor_.failed()) labels_.Pop();
  out->push_back(kEnd);
}

void InstructionParser::ParseFoldedExpression(std::string* out) {
  if (cursor_.PeekKind() != TokenKind::kLeftParen) {
    return cursor_.FailUnexpected();
  }
  labels_.Push(std::nullopt);
  OpenFolded(out);
  Run(1, out);
  if (!cursor_.failed()) labels_.Pop();
  out->push_back(kEnd);
}

// Steps until the frames are back below `base`, or with base 0, until a closing
// parenthesis outside every frame.
void InstructionParser::Run(size_t base, std::string* out) {
  while (!cursor_.failed()) {
    if (frames_.empty()) {
      if (base > 0) return;
      if (cursor_.PeekKind() == TokenKind::kRightParen) return;
    }
    if (InSequence()) {
      StepSequence(out);
    } else if (frames_.back().kind == FrameKind::kPlain) {
      StepPlain(out);
    } else if (frames_.back().kind == FrameKind::kFoldedIf) {
      StepFoldedIf(out);
    } else {
      StepAfterClause(out);
    }
  }
}

bool InstructionParser::InSequence() const {
  if (frames_.empty()) return true;
  switch (frames_.back().kind) {
    case FrameKind::kFlatBlock:
    case FrameKind::kFlatIf:
    case FrameKind::kFlatElse:
    case FrameKind::kFolded:
    case FrameKind::kFoldedThen:
    case FrameKind::kFoldedElse:
      return true;
    default:
      return false;
  }
}

void InstructionParser::PushFrame(Frame frame) {
  if (frames_.size() >= kMaxBlockNesting) {
    return cursor_.FailAtLimit(StrCat("instructions are nested deeper than ",
                                      kMaxBlockNesting, " levels"));
  }
  frames_.push_back(std::move(frame));
}

void InstructionParser::StepSequence(std::string* out) {
  switch (cursor_.PeekKind()) {
    case TokenKind::kLeftParen:
      return OpenFolded(out);
    case TokenKind::kRightParen:
      return CloseFolded(out);
    case TokenKind::kKeyword:
      break;
    default:
      return cursor_.FailUnexpected();
  }
  if (cursor_.PeekKeyword("end")) return EndFlat(out);
  if (cursor_.PeekKeyword("else")) return StartElse(out);
  if (OpensBlock(cursor_) || cursor_.PeekKeyword("if")) return OpenFlat(out);
  immediates_.ParseInstruction(out);
}

void InstructionParser::StepPlain(std::string* out) {
  if (cursor_.PeekKind() == TokenKind::kLeftParen) return OpenFolded(out);
  if (!cursor_.TakeRightParen()) return cursor_.FailUnexpected();
  out->append(frames_.back().pending);
  frames_.pop_back();
}

void InstructionParser::StepFoldedIf(std::string* out) {
  if (cursor_.TakeForm("then")) {
    Frame& frame = frames_.back();
    out->append(frame.pending);
    labels_.Push(frame.label);
    frame.kind = FrameKind::kAfterThen;
    return PushFrame({.kind = FrameKind::kFoldedThen});
  }
  if (cursor_.PeekKind() == TokenKind::kLeftParen) return OpenFolded(out);
  cursor_.FailUnexpected();
}

void InstructionParser::StepAfterClause(std::string* out) {
  Frame& frame = frames_.back();
  if (frame.kind == FrameKind::kAfterThen && cursor_.TakeForm("else")) {
    out->push_back(kElse);
    frame.kind = FrameKind::kAfterElse;
    return PushFrame({.kind = FrameKind::kFoldedElse});
  }
  if (!cursor_.TakeRightParen()) return cursor_.FailUnexpected();
  out->push_back(kEnd);
  labels_.Pop();
  frames_.pop_back();
}

// At "(": a folded instruction of any kind.
void InstructionParser::OpenFolded(std::string* out) {
  cursor_.Next();
  const bool opens_block = OpensBlock(cursor_);
  if (!opens_block && !cursor_.PeekKeyword("if")) {
    Frame frame{.kind = FrameKind::kPlain};
    immediates_.ParseInstruction(&frame.pending);
    return PushFrame(std::move(frame));
  }
  Frame frame{.kind = opens_block ? FrameKind::kFolded : FrameKind::kFoldedIf};
  immediates_.ParseStructured(opens_block ? out : &frame.pending, &frame.label);
  if (opens_block) labels_.Push(frame.label);
  PushFrame(std::move(frame));
}

void InstructionParser::OpenFlat(std::string* out) {
  Frame frame{.kind = cursor_.PeekKeyword("if") ? FrameKind::kFlatIf
                                                : FrameKind::kFlatBlock};
  immediates_.ParseStructured(out, &frame.label);
  labels_.Push(frame.label);
  PushFrame(std::move(frame));
}

// The identifier behind `end` or `else`, if any, must be that of the label.
void InstructionParser::CheckRepeatedLabel() {
  const Token token = cursor_.Peek();
  const std::optional<std::string> id = cursor_.TakeId();
  if (id.has_value() && id != labels_.Top()) {
    cursor_.FailAt(token, StrCat("mismatching label $", *id));
  }
}

void InstructionParser::StartElse(std::string* out) {
  if (frames_.empty() || frames_.back().kind != FrameKind::kFlatIf) {
    return cursor_.FailUnexpected();
  }
  cursor_.Next();
  CheckRepeatedLabel();
  out->push_back(kElse);
  frames_.back().kind = FrameKind::kFlatElse;
}

void InstructionParser::EndFlat(std::string* out) {
  const bool is_flat =
      !frames_.empty() && (frames_.back().kind == FrameKind::kFlatBlock ||
                           frames_.back().kind == FrameKind::kFlatIf ||
                           frames_.back().kind == FrameKind::kFlatElse);
  if (!is_flat) return cursor_.FailUnexpected();
  cursor_.Next();
  CheckRepeatedLabel();
  out->push_back(kEnd);
  labels_.Pop();
  frames_.pop_back();
}

// At ")" in a sequence.
void InstructionParser::CloseFolded(std::string* out) {
  const FrameKind kind =
      frames_.empty() ? FrameKind::kFlatBlock : frames_.back().kind;
  switch (kind) {
    case FrameKind::kFolded:
      out->push_back(kEnd);
      labels_.Pop();
      break;
    case FrameKind::kFoldedThen:
    case FrameKind::kFoldedElse:
      break;
    default:
      return cursor_.FailUnexpected();
  }
  cursor_.Next();
  frames_.pop_back();
}

}  // namespace wasmd::text

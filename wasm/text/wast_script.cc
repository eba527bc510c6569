#include "wasm/text/wast_script.h"

#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "wasm/text/constants.h"
#include "wasm/text/lexer.h"
#include "wasm/text/module_parser.h"
#include "wasm/text/token_cursor.h"

namespace wasmd {
namespace {

using text::TokenCursor;
using text::TokenKind;
using text::TokenList;
using text::VectorShape;

struct CommandName {
  std::string_view name;
  WastCommand::Kind kind;
};

constexpr std::array<CommandName, 13> kCommands = {{
    {"module", WastCommand::Kind::kModule},
    {"module instance", WastCommand::Kind::kInstance},
    {"register", WastCommand::Kind::kRegister},
    {"action", WastCommand::Kind::kAction},
    {"assert_return", WastCommand::Kind::kAssertReturn},
    {"assert_trap", WastCommand::Kind::kAssertTrap},
    {"assert_exhaustion", WastCommand::Kind::kAssertExhaustion},
    {"assert_exception", WastCommand::Kind::kAssertException},
    {"assert_malformed", WastCommand::Kind::kAssertMalformed},
    {"assert_invalid", WastCommand::Kind::kAssertInvalid},
    {"assert_unlinkable", WastCommand::Kind::kAssertUnlinkable},
    {"assert_malformed_custom", WastCommand::Kind::kAssertMalformedCustom},
    {"assert_invalid_custom", WastCommand::Kind::kAssertInvalidCustom},
}};

struct HeapTypeName {
  std::string_view name;
  AbstractHeapType type;
};

constexpr std::array<HeapTypeName, 12> kHeapTypes = {{
    {"func", AbstractHeapType::kFunc},
    {"nofunc", AbstractHeapType::kNoFunc},
    {"extern", AbstractHeapType::kExtern},
    {"noextern", AbstractHeapType::kNoExtern},
    {"any", AbstractHeapType::kAny},
    {"eq", AbstractHeapType::kEq},
    {"i31", AbstractHeapType::kI31},
    {"struct", AbstractHeapType::kStruct},
    {"array", AbstractHeapType::kArray},
    {"none", AbstractHeapType::kNone},
    {"exn", AbstractHeapType::kExn},
    {"noexn", AbstractHeapType::kNoExn},
}};

// Patterns for references without anything behind the keyword.
struct RefPatternName {
  std::string_view keyword;
  WastPattern::Kind kind;
};

constexpr std::array<RefPatternName, 7> kRefPatterns = {{
    {"ref", WastPattern::Kind::kRef},
    {"ref.func", WastPattern::Kind::kRefFunc},
    {"ref.exn", WastPattern::Kind::kRefExn},
    {"ref.i31", WastPattern::Kind::kRefI31},
    {"ref.struct", WastPattern::Kind::kRefStruct},
    {"ref.array", WastPattern::Kind::kRefArray},
    {"ref.eq", WastPattern::Kind::kRefEq},
}};

struct NumberName {
  std::string_view keyword;
  WastValue::Kind value;
  WastPattern::Kind pattern;
  unsigned width;
  bool is_float;
};

constexpr std::array<NumberName, 4> kNumbers = {{
    {"i32.const", WastValue::Kind::kI32, WastPattern::Kind::kI32, 32, false},
    {"i64.const", WastValue::Kind::kI64, WastPattern::Kind::kI64, 64, false},
    {"f32.const", WastValue::Kind::kF32, WastPattern::Kind::kF32, 32, true},
    {"f64.const", WastValue::Kind::kF64, WastPattern::Kind::kF64, 64, true},
}};

class ScriptParser {
 public:
  ScriptParser(const TokenList& tokens, const ParseWatOptions& options)
      : tokens_(tokens), options_(options), cursor_(tokens) {}

  absl::StatusOr<std::vector<WastCommand>> Parse() {
    std::vector<WastCommand> commands;
    if (IsListOfFields()) {
      WastCommand command;
      command.line = 1;
      command.module.emplace().parsed =
          text::ParseModule(tokens_, 0, tokens_.tokens.size() - 1, options_);
      commands.push_back(std::move(command));
      return commands;
    }
    while (!cursor_.AtEnd()) commands.push_back(ParseCommand());
    if (cursor_.failed()) return cursor_.status();
    return commands;
  }

 private:
  // A file may be one module without its parentheses.
  bool IsListOfFields() const {
    for (std::string_view field :
         {"type", "rec", "import", "export", "func", "table", "memory",
          "global", "tag", "start", "elem", "data"}) {
      if (cursor_.PeekForm(field)) return true;
    }
    return false;
  }

  WastCommand ParseCommand() {
    WastCommand command;
    command.line = static_cast<uint32_t>(
        text::PositionOf(tokens_, cursor_.Peek().begin).line);
    if (cursor_.PeekForm("module")) {
      ParseModuleCommand(&command);
    } else if (AtAction()) {
      command.kind = WastCommand::Kind::kAction;
      command.action = ParseAction();
    } else if (cursor_.TakeForm("register")) {
      command.kind = WastCommand::Kind::kRegister;
      command.name = cursor_.ExpectName();
      command.instance_id = cursor_.TakeId();
      cursor_.ExpectRightParen();
    } else {
      ParseAssertion(&command);
    }
    return command;
  }

  void ParseModuleCommand(WastCommand* command) {
    if (!cursor_.PeekKeyword("instance", 2)) {
      command->module = ParseModule();
      return;
    }
    cursor_.TakeForm("module");
    cursor_.Next();
    command->kind = WastCommand::Kind::kInstance;
    command->instance_id = cursor_.TakeId();
    command->definition_id = cursor_.TakeId();
    // One name alone is the definition's.
    if (!command->definition_id.has_value()) {
      std::swap(command->definition_id, command->instance_id);
    }
    cursor_.ExpectRightParen();
  }

  WastModule ParseModule() {
    WastModule module;
    if (!cursor_.PeekForm("module")) {
      cursor_.FailUnexpected();
      return module;
    }
    const size_t begin = cursor_.index();
    cursor_.SkipForm();
    const size_t end = cursor_.index();
    cursor_.Seek(begin);
    cursor_.TakeForm("module");
    module.is_definition = cursor_.TakeKeyword("definition");
    module.id = cursor_.TakeId();
    if (cursor_.TakeKeyword("binary")) {
      module.form = WastModule::Form::kBinary;
    } else if (cursor_.TakeKeyword("quote")) {
      module.form = WastModule::Form::kQuote;
    } else if (!cursor_.failed()) {
      module.parsed = text::ParseModuleFields(tokens_, cursor_.index(), end - 1,
                                              module.id, options_);
      cursor_.Seek(end);
      return module;
    }
    while (std::optional<std::string> piece = cursor_.TakeString()) {
      module.contents += *piece;
    }
    cursor_.ExpectRightParen();
    return module;
  }

  bool AtAction() const {
    return cursor_.PeekForm("invoke") || cursor_.PeekForm("get");
  }

  WastAction ParseAction() {
    WastAction action;
    if (cursor_.TakeForm("get")) {
      action.kind = WastAction::Kind::kGet;
    } else if (!cursor_.TakeForm("invoke")) {
      cursor_.FailUnexpected();
    }
    action.instance_id = cursor_.TakeId();
    action.export_name = cursor_.ExpectName();
    while (action.kind == WastAction::Kind::kInvoke &&
           cursor_.PeekKind() == TokenKind::kLeftParen) {
      action.arguments.push_back(ParseValue());
    }
    cursor_.ExpectRightParen();
    return action;
  }

  void ParseAssertion(WastCommand* command) {
    const std::string_view keyword = cursor_.PeekText(1);
    for (const CommandName& name : kCommands) {
      if (!name.name.starts_with("assert_") || name.name != keyword) continue;
      if (!cursor_.TakeForm(name.name)) break;
      command->kind = name.kind;
      ParseAssertionBody(command);
      return cursor_.ExpectRightParen();
    }
    FailForm();
  }

  // A form with a keyword that does not belong here, or no form at all.
  void FailForm() {
    if (cursor_.PeekKind() == TokenKind::kLeftParen) cursor_.Next();
    cursor_.FailUnexpected();
  }

  void ParseAssertionBody(WastCommand* command) {
    switch (command->kind) {
      case WastCommand::Kind::kAssertReturn:
        command->action = ParseAction();
        while (cursor_.PeekKind() == TokenKind::kLeftParen) {
          command->results.push_back(ParsePattern(/*may_be_either=*/true));
        }
        return;
      case WastCommand::Kind::kAssertException:
        command->action = ParseAction();
        return;
      case WastCommand::Kind::kAssertTrap:
      case WastCommand::Kind::kAssertExhaustion:
        if (AtAction()) {
          command->action = ParseAction();
          break;
        }
        [[fallthrough]];
      default:
        command->module = ParseModule();
    }
    command->message = cursor_.ExpectString();
  }

  uint64_t ParseNumber(const NumberName& name) {
    return name.is_float ? text::ParseFloatLiteral(cursor_, name.width)
                         : text::ParseIntegerLiteral(cursor_, name.width);
  }

  WastValue ParseValue() {
    WastValue value;
    for (const NumberName& name : kNumbers) {
      if (!cursor_.TakeForm(name.keyword)) continue;
      value.kind = name.value;
      value.bits = ParseNumber(name);
      cursor_.ExpectRightParen();
      return value;
    }
    if (cursor_.TakeForm("v128.const")) {
      value.kind = WastValue::Kind::kV128;
      value.vector = text::ParseVectorLiteral(cursor_);
    } else if (cursor_.TakeForm("ref.null")) {
      value.kind = WastValue::Kind::kRefNull;
      value.heap_type = ParseHeapType();
    } else if (cursor_.TakeForm("ref.extern")) {
      value.kind = WastValue::Kind::kRefExtern;
      value.bits = text::ParseIntegerLiteral(cursor_, 32);
    } else if (cursor_.TakeForm("ref.host")) {
      value.kind = WastValue::Kind::kRefHost;
      value.bits = text::ParseIntegerLiteral(cursor_, 32);
    } else {
      FailForm();
    }
    cursor_.ExpectRightParen();
    return value;
  }

  AbstractHeapType ParseHeapType() {
    for (const HeapTypeName& name : kHeapTypes) {
      if (cursor_.TakeKeyword(name.name)) return name.type;
    }
    cursor_.FailUnexpected();
    return AbstractHeapType::kFunc;
  }

  WastPattern ParsePattern(bool may_be_either) {
    WastPattern pattern;
    if (may_be_either && cursor_.TakeForm("either")) {
      pattern.kind = WastPattern::Kind::kEither;
      while (cursor_.PeekKind() == TokenKind::kLeftParen) {
        pattern.alternatives.push_back(ParsePattern(/*may_be_either=*/false));
      }
    } else if (cursor_.TakeForm("v128.const")) {
      pattern.kind = WastPattern::Kind::kV128;
      ParseVectorPattern(&pattern);
    } else if (!ParseNumberPattern(&pattern)) {
      ParseRefPattern(&pattern);
    }
    cursor_.ExpectRightParen();
    return pattern;
  }

  bool ParseNumberPattern(WastPattern* pattern) {
    for (const NumberName& name : kNumbers) {
      if (!cursor_.TakeForm(name.keyword)) continue;
      pattern->kind = name.pattern;
      pattern->number = ParseLane(name.is_float, name.width);
      return true;
    }
    return false;
  }

  WastLane ParseLane(bool is_float, unsigned width) {
    if (!is_float) {
      return {.bits = text::ParseIntegerLiteral(cursor_, width)};
    }
    if (cursor_.TakeKeyword("nan:canonical")) {
      return {.nan = WastLane::Nan::kCanonical};
    }
    if (cursor_.TakeKeyword("nan:arithmetic")) {
      return {.nan = WastLane::Nan::kArithmetic};
    }
    return {.bits = text::ParseFloatLiteral(cursor_, width)};
  }

  void ParseVectorPattern(WastPattern* pattern) {
    const VectorShape* shape = text::ParseVectorShape(cursor_);
    if (shape == nullptr) return;
    pattern->lane_bits = shape->lane_bits;
    pattern->lanes_are_float = shape->is_float;
    for (unsigned lane = 0; lane < shape->lane_count; ++lane) {
      pattern->lanes.push_back(ParseLane(shape->is_float, shape->lane_bits));
    }
  }

  void ParseRefPattern(WastPattern* pattern) {
    for (const RefPatternName& name : kRefPatterns) {
      if (!cursor_.TakeForm(name.keyword)) continue;
      pattern->kind = name.kind;
      return;
    }
    if (cursor_.TakeForm("ref.null")) {
      pattern->kind = WastPattern::Kind::kRefNull;
      if (cursor_.PeekKind() == TokenKind::kKeyword) ParseHeapType();
    } else if (cursor_.TakeForm("ref.extern")) {
      pattern->kind = WastPattern::Kind::kRefExtern;
      pattern->has_number = cursor_.PeekKind() == TokenKind::kNumber;
      if (pattern->has_number) {
        pattern->number.bits = text::ParseIntegerLiteral(cursor_, 32);
      }
    } else if (cursor_.TakeForm("ref.host")) {
      pattern->kind = WastPattern::Kind::kRefHost;
      pattern->number.bits = text::ParseIntegerLiteral(cursor_, 32);
    } else {
      FailForm();
    }
  }

  const TokenList& tokens_;
  const ParseWatOptions& options_;
  TokenCursor cursor_;
};

}  // namespace

absl::StatusOr<std::vector<uint8_t>> WastModule::Binary(
    const ParseWatOptions& options) const {
  switch (form) {
    case Form::kText:
      return parsed;
    case Form::kBinary: {
      const ByteSpan bytes = AsBytes(contents);
      return std::vector<uint8_t>(bytes.begin(), bytes.end());
    }
    case Form::kQuote:
      return ParseWat(contents, options);
  }
}

std::string_view ToString(WastCommand::Kind kind) {
  for (const CommandName& name : kCommands) {
    if (name.kind == kind) return name.name;
  }
  return "";
}

absl::StatusOr<std::vector<WastCommand>> ParseWast(
    std::string_view text, const ParseWatOptions& options) {
  ASSIGN_OR_RETURN(const TokenList tokens, text::Tokenize(text));
  return ScriptParser(tokens, options).Parse();
}

}  // namespace wasmd

// Both kinds of work are done in a confined child: the bytes are the guest's,
// and neither libdwarf nor the demangler was made for hostile ones.

#include "runtime/symbols.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "runtime/confined_child.h"
#include "runtime/dwarf_lines.h"
#include "runtime/symbols_rust.h"

namespace wasmd {
namespace {

constexpr size_t kMaxPrintedBytes = 300;
constexpr std::string_view kCxxPrefix = "_Z";  // and the older form of Rust's
constexpr std::string_view kRustPrefix = "_R";

using Answer = std::function<void(std::string_view bytes)>;

bool IsMangled(std::string_view name) {
  return name.starts_with(kCxxPrefix) || name.starts_with(kRustPrefix);
}

// Rust's names end in a hash of their own: "::h0123456789abcdef".
std::string_view WithoutHash(std::string_view name) {
  constexpr size_t kHashBytes = 3 + 16;
  if (name.size() <= kHashBytes) return name;
  const std::string_view hash = name.substr(name.size() - kHashBytes);
  const bool is_hash =
      hash.starts_with("::h") &&
      hash.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos;
  if (is_hash) name.remove_suffix(kHashBytes);
  return name;
}

std::string DemangledHere(const std::string& name) {
  if (!IsMangled(name)) return name;
  if (name.starts_with(kRustPrefix)) return RustDemangled(name).value_or(name);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return text == nullptr ? name : std::string(WithoutHash(text.get()));
}

// Gives texts, of which none has a NUL, from the child to the parent.
void WriteText(const Answer& answer, std::string_view text) {
  answer(text.substr(0, text.find('\0')));
  answer(std::string_view("\0", 1));
}

// Takes the next of them away.
std::optional<std::string> ReadText(std::string_view* answer) {
  const size_t end = answer->find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text(answer->substr(0, end));
  answer->remove_prefix(end + 1);
  return text;
}

// `count` texts; nullopt if there are fewer.
std::optional<std::vector<std::string>> ReadTexts(std::string_view answer,
                                                  size_t count) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) {
    std::optional<std::string> text = ReadText(&answer);
    if (!text.has_value()) return std::nullopt;
    texts.push_back(*std::move(text));
  }
  return texts;
}

// Not a line of a file.
constexpr std::string_view kEndOfPlaces = "\n";

std::optional<std::vector<std::vector<SourcePlace>>> ReadPlaces(
    std::string_view answer, size_t count) {
  std::vector<std::vector<SourcePlace>> places(count);
  for (std::vector<SourcePlace>& of_offset : places) {
    for (;;) {
      std::optional<std::string> line = ReadText(&answer);
      if (line == kEndOfPlaces) break;
      std::optional<std::string> inlined = ReadText(&answer);
      if (!line.has_value() || !inlined.has_value()) return std::nullopt;
      of_offset.push_back({*std::move(line), *std::move(inlined)});
    }
  }
  return places;
}

}  // namespace

std::vector<std::string> Demangled(const std::vector<std::string>& names) {
  if (std::ranges::none_of(names, IsMangled)) return names;
  const absl::StatusOr<std::string> answer = RunConfined(
      [&](const Answer& write) {
        for (const std::string& name : names) {
          WriteText(write, DemangledHere(name));
        }
      },
      {});
  if (!answer.ok()) return names;
  return ReadTexts(*answer, names.size()).value_or(names);
}

std::vector<std::vector<SourcePlace>> SourcePlaces(
    const Module& module, std::span<const uint32_t> code_offsets) {
  const std::vector<std::vector<SourcePlace>> none(code_offsets.size());
  if (!HasLines(module)) return none;
  // Loaded here: in the child no file can be opened.
  const std::unique_ptr<DwarfLines> dwarf = DwarfLines::Load();
  if (dwarf == nullptr) return none;
  const absl::StatusOr<std::string> answer = RunConfined(
      [&](const Answer& write) {
        for (const std::vector<SourceLine>& lines :
             dwarf->FindLines(module, code_offsets)) {
          for (const SourceLine& line : lines) {
            WriteText(write, line.line == 0
                                 ? std::string()
                                 : StrCat(line.file, ":", line.line));
            WriteText(write, line.inlined);
          }
          WriteText(write, kEndOfPlaces);
        }
      },
      {});
  if (!answer.ok()) return none;
  return ReadPlaces(*answer, code_offsets.size()).value_or(none);
}

std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, kMaxPrintedBytes));
  for (char& c : printable) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  if (text.size() > kMaxPrintedBytes) printable += "...";
  return printable;
}

}  // namespace wasmd

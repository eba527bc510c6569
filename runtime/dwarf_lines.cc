#include "runtime/dwarf_lines.h"

#include <dlfcn.h>
#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.h"

namespace wasmd {
namespace {

constexpr const char* kLibrary = "libdwarf.so.1";
constexpr std::string_view kPrefix = ".debug_";
constexpr std::string_view kLineSection = ".debug_line";
constexpr uint8_t kCodeSection = 10;
constexpr Dwarf_Unsigned kProgramBits = 1;  // the type of an ELF section
constexpr Dwarf_Small kAddressBytes = 4;

// The functions of libdwarf that are used.
struct Library {
#define DWARF_FUNCTIONS(F)           \
  F(dwarf_object_init_b)             \
  F(dwarf_object_finish)             \
  F(dwarf_next_cu_header_d)          \
  F(dwarf_siblingof_b)               \
  F(dwarf_die_text)                  \
  F(dwarf_srclines_b)                \
  F(dwarf_srclines_from_linecontext) \
  F(dwarf_srclines_dealloc_b)        \
  F(dwarf_lineaddr)                  \
  F(dwarf_lineno)                    \
  F(dwarf_lineendsequence)           \
  F(dwarf_linesrc)
#define DWARF_MEMBER(name) decltype(&::name) name = nullptr;
  DWARF_FUNCTIONS(DWARF_MEMBER)
#undef DWARF_MEMBER

  bool Load() {
    void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    bool found = true;
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          dlsym(library, name));
      found = found && function != nullptr;
    };
#define DWARF_FIND(name) find(name, #name);
    DWARF_FUNCTIONS(DWARF_FIND)
#undef DWARF_FIND
    return found;
  }
};

// The custom sections of a module as libdwarf asks for the sections of an
// object file.
class Sections {
 public:
  explicit Sections(const Module& module) {
    sections_.push_back({});  // number 0 is none
    for (const CustomSection& section : module.custom_sections) {
      if (!section.name.starts_with(kPrefix)) continue;
      const auto is_same = [&](const Section& other) {
        return other.name == section.name;
      };
      if (std::ranges::any_of(sections_, is_same)) continue;
      sections_.push_back({section.name, module.Bytes(section.bytes)});
    }
    methods_ = {.get_section_info = GetSectionInfo,
                .get_byte_order = [](void*) { return DW_OBJECT_LSB; },
                .get_length_size = [](void*) { return kAddressBytes; },
                .get_pointer_size = [](void*) { return kAddressBytes; },
                .get_section_count = GetSectionCount,
                .load_section = LoadSection,
                .relocate_a_section = nullptr};
    interface_ = {.object = this, .methods = &methods_};
  }
  Sections(const Sections&) = delete;
  Sections& operator=(const Sections&) = delete;

  Dwarf_Obj_Access_Interface* interface() { return &interface_; }

 private:
  struct Section {
    std::string name;
    ByteSpan bytes;
  };

  static const Section* Find(void* object, Dwarf_Half index) {
    const auto& sections = static_cast<Sections*>(object)->sections_;
    return index < sections.size() ? &sections[index] : nullptr;
  }
  static int GetSectionInfo(void* object, Dwarf_Half index,
                            Dwarf_Obj_Access_Section* info, int*) {
    const Section* const section = Find(object, index);
    if (section == nullptr) return DW_DLV_NO_ENTRY;
    *info = {};
    info->type = kProgramBits;
    info->size = section->bytes.size();
    info->name = section->name.c_str();
    return DW_DLV_OK;
  }
  static Dwarf_Unsigned GetSectionCount(void* object) {
    return static_cast<Sections*>(object)->sections_.size();
  }
  static int LoadSection(void* object, Dwarf_Half index, Dwarf_Small** bytes,
                         int*) {
    const Section* const section = Find(object, index);
    if (section == nullptr) return DW_DLV_NO_ENTRY;
    // libdwarf does not write to it.
    *bytes = const_cast<Dwarf_Small*>(section->bytes.data());
    return DW_DLV_OK;
  }

  std::vector<Section> sections_;
  Dwarf_Obj_Access_Methods methods_ = {};
  Dwarf_Obj_Access_Interface interface_ = {};
};

// Where the contents of the code section begin, from which DWARF counts.
uint32_t CodeBegin(const Module& module) {
  for (const Section& section : module.sections) {
    if (section.id == kCodeSection) return section.contents.begin;
  }
  return 0;
}

// Looks for lines in one table after the other.
class LineSearch {
 public:
  LineSearch(const Library& library, const Module& module,
             std::span<const uint32_t> code_offsets)
      : library_(library), sections_(module), found_(code_offsets.size()) {
    const uint32_t begin = CodeBegin(module);
    for (size_t i = 0; i < code_offsets.size(); ++i) {
      if (code_offsets[i] >= begin) {
        wanted_.emplace(code_offsets[i] - begin, i);
      }
    }
  }

  std::vector<std::optional<SourceLine>> Run() {
    Dwarf_Debug debug = nullptr;
    Dwarf_Error error = nullptr;
    if (library_.dwarf_object_init_b(sections_.interface(), nullptr, nullptr,
                                     DW_GROUPNUMBER_ANY, &debug,
                                     &error) != DW_DLV_OK) {
      return std::move(found_);
    }
    while (NextUnit(debug)) {
      Dwarf_Die unit = nullptr;
      if (library_.dwarf_siblingof_b(debug, nullptr, /*is_info=*/true, &unit,
                                     &error) == DW_DLV_OK) {
        SearchUnit(unit);
      }
    }
    library_.dwarf_object_finish(debug, &error);
    return std::move(found_);
  }

 private:
  struct Row {
    Dwarf_Addr address = 0;
    Dwarf_Bool ends_sequence = false;
  };

  bool NextUnit(Dwarf_Debug debug) const {
    Dwarf_Unsigned length = 0;
    Dwarf_Unsigned type_offset = 0;
    Dwarf_Unsigned next = 0;
    Dwarf_Half version = 0;
    Dwarf_Half address_bytes = 0;
    Dwarf_Half length_bytes = 0;
    Dwarf_Half extension_bytes = 0;
    Dwarf_Half unit_type = 0;
    Dwarf_Off abbreviations = 0;
    Dwarf_Sig8 signature = {};
    Dwarf_Error error = nullptr;
    return library_.dwarf_next_cu_header_d(
               debug, /*is_info=*/true, &length, &version, &abbreviations,
               &address_bytes, &length_bytes, &extension_bytes, &signature,
               &type_offset, &next, &unit_type, &error) == DW_DLV_OK;
  }

  void SearchUnit(Dwarf_Die unit) {
    Dwarf_Unsigned version = 0;
    Dwarf_Small table_count = 0;
    Dwarf_Line_Context context = nullptr;
    Dwarf_Error error = nullptr;
    if (library_.dwarf_srclines_b(unit, &version, &table_count, &context,
                                  &error) != DW_DLV_OK) {
      return;
    }
    Dwarf_Line* lines = nullptr;
    Dwarf_Signed count = 0;
    if (library_.dwarf_srclines_from_linecontext(context, &lines, &count,
                                                 &error) == DW_DLV_OK &&
        count > 0) {
      char* folder = nullptr;
      if (library_.dwarf_die_text(unit, DW_AT_comp_dir, &folder, &error) !=
          DW_DLV_OK) {
        folder = nullptr;
      }
      SearchLines(std::span(lines, static_cast<size_t>(count)),
                  folder == nullptr ? "" : folder);
    }
    library_.dwarf_srclines_dealloc_b(context);
  }

  void SearchLines(std::span<Dwarf_Line> lines, std::string_view folder) {
    // What the linker left out is said to be at 0, or past the end.
    bool is_left_out = true;
    bool begins_sequence = true;
    Row row = RowOf(lines[0]);
    for (size_t i = 0; i + 1 < lines.size(); ++i) {
      if (begins_sequence) is_left_out = row.address == 0;
      const Row next = RowOf(lines[i + 1]);
      if (!row.ends_sequence && !is_left_out && row.address < next.address) {
        const auto end = wanted_.lower_bound(next.address);
        for (auto at = wanted_.lower_bound(row.address); at != end; ++at) {
          found_[at->second] = LineOf(lines[i], folder);
        }
      }
      begins_sequence = row.ends_sequence;
      row = next;
    }
  }

  Row RowOf(Dwarf_Line line) const {
    Row row;
    Dwarf_Error error = nullptr;
    library_.dwarf_lineaddr(line, &row.address, &error);
    library_.dwarf_lineendsequence(line, &row.ends_sequence, &error);
    return row;
  }

  std::optional<SourceLine> LineOf(Dwarf_Line line,
                                   std::string_view folder) const {
    Dwarf_Unsigned number = 0;
    char* file = nullptr;
    Dwarf_Error error = nullptr;
    // Line 0 is code that comes from no line.
    if (library_.dwarf_lineno(line, &number, &error) != DW_DLV_OK ||
        number == 0 ||
        library_.dwarf_linesrc(line, &file, &error) != DW_DLV_OK) {
      return std::nullopt;
    }
    std::string_view name = file;
    if (!folder.empty() && name.starts_with(folder) &&
        name.substr(folder.size()).starts_with('/')) {
      name.remove_prefix(folder.size() + 1);
    }
    while (name.starts_with("./")) name.remove_prefix(2);
    return SourceLine{std::string(name), number};
  }

  const Library& library_;
  Sections sections_;
  std::multimap<Dwarf_Addr, size_t> wanted_;  // to an index of `found_`
  std::vector<std::optional<SourceLine>> found_;
};

class LoadedDwarfLines : public DwarfLines {
 public:
  explicit LoadedDwarfLines(const Library& library) : library_(library) {}

  std::vector<std::optional<SourceLine>> FindLines(
      const Module& module,
      std::span<const uint32_t> code_offsets) const override {
    return LineSearch(library_, module, code_offsets).Run();
  }

 private:
  const Library library_;
};

}  // namespace

std::unique_ptr<DwarfLines> DwarfLines::Load() {
  Library library;
  if (!library.Load()) return nullptr;
  return std::make_unique<LoadedDwarfLines>(library);
}

bool HasLines(const Module& module) {
  return std::ranges::any_of(module.custom_sections,
                             [](const CustomSection& section) {
                               return section.name == kLineSection;
                             });
}

}  // namespace wasmd

#include "runtime/dwarf_lines.h"

#include <dlfcn.h>
#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

#include <algorithm>
#include <map>
#include <optional>
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
#define DWARF_FUNCTIONS(F)             \
  F(dwarf_object_init_b)               \
  F(dwarf_object_finish)               \
  F(dwarf_next_cu_header_d)            \
  F(dwarf_siblingof_b)                 \
  F(dwarf_child)                       \
  F(dwarf_tag)                         \
  F(dwarf_dealloc_die)                 \
  F(dwarf_attr)                        \
  F(dwarf_dealloc_attribute)           \
  F(dwarf_whatform)                    \
  F(dwarf_formudata)                   \
  F(dwarf_global_formref)              \
  F(dwarf_offdie_b)                    \
  F(dwarf_lowpc)                       \
  F(dwarf_highpc_b)                    \
  F(dwarf_get_ranges_b)                \
  F(dwarf_rnglists_get_rle_head)       \
  F(dwarf_get_rnglists_entry_fields_a) \
  F(dwarf_dealloc_rnglists_head)       \
  F(dwarf_srcfiles)                    \
  F(dwarf_die_text)                    \
  F(dwarf_srclines_b)                  \
  F(dwarf_srclines_from_linecontext)   \
  F(dwarf_srclines_dealloc_b)          \
  F(dwarf_lineaddr)                    \
  F(dwarf_lineno)                      \
  F(dwarf_lineendsequence)             \
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

// A file as it is shown.
std::string ShownFile(std::string_view name, std::string_view folder) {
  if (!folder.empty() && name.starts_with(folder) &&
      name.substr(folder.size()).starts_with('/')) {
    name.remove_prefix(folder.size() + 1);
  }
  while (name.starts_with("./")) name.remove_prefix(2);
  return std::string(name);
}

// An entry of .debug_info, given back when it goes.
class Entry {
 public:
  Entry(const Library& library, Dwarf_Die die) : library_(library), die_(die) {}
  ~Entry() { library_.dwarf_dealloc_die(die_); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Dwarf_Die die() const { return die_; }
  Dwarf_Half tag() const {
    Dwarf_Half tag = 0;
    Dwarf_Error error = nullptr;
    library_.dwarf_tag(die_, &tag, &error);
    return tag;
  }
  std::string Text(Dwarf_Half attribute) const {
    char* text = nullptr;
    Dwarf_Error error = nullptr;
    return library_.dwarf_die_text(die_, attribute, &text, &error) == DW_DLV_OK
               ? text
               : "";
  }
  std::optional<Dwarf_Unsigned> Number(Dwarf_Half attribute) const {
    Dwarf_Unsigned value = 0;
    const bool found = With(attribute, [&](Dwarf_Attribute at, Dwarf_Half) {
      Dwarf_Error error = nullptr;
      return library_.dwarf_formudata(at, &value, &error) == DW_DLV_OK;
    });
    return found ? std::optional(value) : std::nullopt;
  }
  // Where it refers to.
  std::optional<Dwarf_Off> Reference(Dwarf_Half attribute) const {
    Dwarf_Off offset = 0;
    const bool found = With(attribute, [&](Dwarf_Attribute at, Dwarf_Half) {
      Dwarf_Error error = nullptr;
      return library_.dwarf_global_formref(at, &offset, &error) == DW_DLV_OK;
    });
    return found ? std::optional(offset) : std::nullopt;
  }
  // Its code. `base` is the beginning of the unit's.
  using Ranges = std::vector<std::pair<Dwarf_Addr, Dwarf_Addr>>;
  Ranges CodeRanges(Dwarf_Debug debug, Dwarf_Addr base) const {
    Dwarf_Addr low = 0;
    Dwarf_Addr high = 0;
    Dwarf_Half form = 0;
    Dwarf_Form_Class form_class = DW_FORM_CLASS_UNKNOWN;
    Dwarf_Error error = nullptr;
    Ranges ranges;
    if (library_.dwarf_lowpc(die_, &low, &error) == DW_DLV_OK &&
        library_.dwarf_highpc_b(die_, &high, &form, &form_class, &error) ==
            DW_DLV_OK) {
      if (form_class == DW_FORM_CLASS_CONSTANT) high += low;
      ranges.emplace_back(low, high);
      return ranges;
    }
    With(DW_AT_ranges, [&](Dwarf_Attribute at, Dwarf_Half at_form) {
      if (!AddRangeList(at, at_form, &ranges)) {
        AddOldRanges(debug, at, base, &ranges);
      }
      return true;
    });
    return ranges;
  }

 private:
  template <typename Use>
  bool With(Dwarf_Half attribute, Use use) const {
    Dwarf_Attribute at = nullptr;
    Dwarf_Error error = nullptr;
    if (library_.dwarf_attr(die_, attribute, &at, &error) != DW_DLV_OK) {
      return false;
    }
    Dwarf_Half form = 0;
    const bool used = library_.dwarf_whatform(at, &form, &error) == DW_DLV_OK &&
                      use(at, form);
    library_.dwarf_dealloc_attribute(at);
    return used;
  }

  // Of DWARF 5.
  bool AddRangeList(Dwarf_Attribute at, Dwarf_Half form, Ranges* ranges) const {
    Dwarf_Unsigned place = 0;
    Dwarf_Error error = nullptr;
    const int found = form == DW_FORM_rnglistx
                          ? library_.dwarf_formudata(at, &place, &error)
                          : library_.dwarf_global_formref(at, &place, &error);
    Dwarf_Rnglists_Head head = nullptr;
    Dwarf_Unsigned count = 0;
    Dwarf_Unsigned offset = 0;
    if (found != DW_DLV_OK ||
        library_.dwarf_rnglists_get_rle_head(at, form, place, &head, &count,
                                             &offset, &error) != DW_DLV_OK) {
      return false;
    }
    for (Dwarf_Unsigned i = 0; i < count; ++i) {
      unsigned length = 0;
      unsigned code = 0;
      Dwarf_Unsigned raw[2] = {};
      Dwarf_Unsigned cooked[2] = {};
      Dwarf_Bool is_missing = false;
      if (library_.dwarf_get_rnglists_entry_fields_a(
              head, i, &length, &code, &raw[0], &raw[1], &is_missing,
              &cooked[0], &cooked[1], &error) != DW_DLV_OK) {
        break;
      }
      const bool is_range =
          code == DW_RLE_startx_endx || code == DW_RLE_startx_length ||
          code == DW_RLE_offset_pair || code == DW_RLE_start_end ||
          code == DW_RLE_start_length;
      if (is_range && !is_missing) ranges->emplace_back(cooked[0], cooked[1]);
    }
    library_.dwarf_dealloc_rnglists_head(head);
    return true;
  }

  // Of DWARF 4 and before.
  void AddOldRanges(Dwarf_Debug debug, Dwarf_Attribute at, Dwarf_Addr base,
                    Ranges* ranges) const {
    Dwarf_Off offset = 0;
    Dwarf_Off real_offset = 0;
    Dwarf_Ranges* list = nullptr;
    Dwarf_Signed count = 0;
    Dwarf_Unsigned bytes = 0;
    Dwarf_Error error = nullptr;
    if (library_.dwarf_global_formref(at, &offset, &error) != DW_DLV_OK ||
        library_.dwarf_get_ranges_b(debug, offset, die_, &real_offset, &list,
                                    &count, &bytes, &error) != DW_DLV_OK) {
      return;
    }
    for (const Dwarf_Ranges& range :
         std::span(list, static_cast<size_t>(count))) {
      if (range.dwr_type == DW_RANGES_ADDRESS_SELECTION) {
        base = range.dwr_addr2;
      } else if (range.dwr_type == DW_RANGES_ENTRY) {
        ranges->emplace_back(base + range.dwr_addr1, base + range.dwr_addr2);
      }
    }
  }

  const Library& library_;
  const Dwarf_Die die_;
};

// The functions that were inlined in one unit.
class InlinedSearch {
 public:
  struct Call {
    std::string function;  // that was inlined
    std::string file;      // where it was called
    uint64_t line = 0;
  };
  // `version` is that of the unit's line table.
  InlinedSearch(const Library& library, Dwarf_Debug debug, const Entry& unit,
                Dwarf_Unsigned version)
      : library_(library), debug_(debug) {
    Dwarf_Error error = nullptr;
    char** files = nullptr;
    Dwarf_Signed count = 0;
    const std::string folder = unit.Text(DW_AT_comp_dir);
    if (library.dwarf_srcfiles(unit.die(), &files, &count, &error) ==
        DW_DLV_OK) {
      for (char* file : std::span(files, static_cast<size_t>(count))) {
        files_.push_back(ShownFile(file, folder));
      }
    }
    first_file_ = version >= 5 ? 0 : 1;
    library.dwarf_lowpc(unit.die(), &base_, &error);
  }

  // For each address the calls around it, innermost first.
  using Calls = std::map<Dwarf_Addr, std::vector<Call>>;
  Calls Find(const Entry& unit, const std::vector<Dwarf_Addr>& addresses) {
    Search(unit, addresses, 0);
    for (auto& [address, calls] : calls_) std::ranges::reverse(calls);
    return std::move(calls_);
  }

 private:
  // In what `parent` has.
  void Search(const Entry& parent, const std::vector<Dwarf_Addr>& addresses,
              int depth) {
    if (depth > kMaxDepth) return;
    Dwarf_Die next = nullptr;
    Dwarf_Error error = nullptr;
    int more = library_.dwarf_child(parent.die(), &next, &error);
    while (more == DW_DLV_OK) {
      const Entry entry(library_, next);
      SearchEntry(entry, addresses, depth);
      more = library_.dwarf_siblingof_b(debug_, entry.die(), /*is_info=*/true,
                                        &next, &error);
    }
  }

  void SearchEntry(const Entry& entry, const std::vector<Dwarf_Addr>& addresses,
                   int depth) {
    const Dwarf_Half tag = entry.tag();
    switch (tag) {
      case DW_TAG_namespace:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_enumeration_type:
      case DW_TAG_union_type:
      case DW_TAG_module:
        return Search(entry, addresses, depth + 1);
      case DW_TAG_subprogram:
      case DW_TAG_lexical_block:
      case DW_TAG_inlined_subroutine:
        break;
      default:
        return;
    }
    const std::vector<Dwarf_Addr> inside = Inside(entry, addresses);
    if (inside.empty()) return;
    if (tag == DW_TAG_inlined_subroutine) {
      const Call call = CallOf(entry);
      for (const Dwarf_Addr address : inside) calls_[address].push_back(call);
    }
    Search(entry, inside, depth + 1);
  }

  // Those that are in the entry's code.
  std::vector<Dwarf_Addr> Inside(
      const Entry& entry, const std::vector<Dwarf_Addr>& addresses) const {
    const Entry::Ranges ranges = entry.CodeRanges(debug_, base_);
    std::vector<Dwarf_Addr> inside;
    for (const Dwarf_Addr address : addresses) {
      if (std::ranges::any_of(ranges, [address](const auto& range) {
            return range.first <= address && address < range.second;
          })) {
        inside.push_back(address);
      }
    }
    return inside;
  }

  Call CallOf(const Entry& entry) const {
    const uint64_t file = entry.Number(DW_AT_call_file).value_or(UINT64_MAX);
    Call call;
    call.function = NameOf(entry, 0);
    call.line = entry.Number(DW_AT_call_line).value_or(0);
    if (file >= first_file_ && file - first_file_ < files_.size()) {
      call.file = files_[file - first_file_];
    }
    return call;
  }

  // That of what it stands for.
  std::string NameOf(const Entry& entry, int hops) const {
    std::string name = entry.Text(DW_AT_linkage_name);
    if (!name.empty() || hops > kMaxHops) return name;
    for (const Dwarf_Half attribute :
         {Dwarf_Half{DW_AT_abstract_origin}, Dwarf_Half{DW_AT_specification}}) {
      const std::optional<Dwarf_Off> origin = entry.Reference(attribute);
      Dwarf_Die die = nullptr;
      Dwarf_Error error = nullptr;
      if (!origin.has_value() ||
          library_.dwarf_offdie_b(debug_, *origin, /*is_info=*/true, &die,
                                  &error) != DW_DLV_OK) {
        continue;
      }
      name = NameOf(Entry(library_, die), hops + 1);
      if (!name.empty()) return name;
    }
    return entry.Text(DW_AT_name);
  }

  static constexpr int kMaxDepth = 100;
  static constexpr int kMaxHops = 4;

  const Library& library_;
  const Dwarf_Debug debug_;
  std::vector<std::string> files_;
  uint64_t first_file_ = 0;
  Dwarf_Addr base_ = 0;
  Calls calls_;  // outermost first, until they are given
};

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

  std::vector<std::vector<SourceLine>> Run() {
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
        SearchUnit(debug, Entry(library_, unit));
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

  void SearchUnit(Dwarf_Debug debug, const Entry& unit) {
    Dwarf_Unsigned version = 0;
    Dwarf_Small table_count = 0;
    Dwarf_Line_Context context = nullptr;
    Dwarf_Error error = nullptr;
    if (library_.dwarf_srclines_b(unit.die(), &version, &table_count, &context,
                                  &error) != DW_DLV_OK) {
      return;
    }
    Dwarf_Line* lines = nullptr;
    Dwarf_Signed count = 0;
    found_here_.clear();
    if (library_.dwarf_srclines_from_linecontext(context, &lines, &count,
                                                 &error) == DW_DLV_OK &&
        count > 0) {
      SearchLines(std::span(lines, static_cast<size_t>(count)),
                  unit.Text(DW_AT_comp_dir));
    }
    library_.dwarf_srclines_dealloc_b(context);
    if (found_here_.empty()) return;
    std::vector<Dwarf_Addr> addresses;
    for (const auto& [index, address] : found_here_) {
      addresses.push_back(address);
    }
    const InlinedSearch::Calls calls =
        InlinedSearch(library_, debug, unit, version).Find(unit, addresses);
    for (const auto& [index, address] : found_here_) {
      const auto at = calls.find(address);
      if (at != calls.end()) AddCallers(at->second, &found_[index]);
    }
  }

  // Of inlined functions.
  static void AddCallers(const std::vector<InlinedSearch::Call>& calls,
                         std::vector<SourceLine>* lines) {
    for (const InlinedSearch::Call& call : calls) {
      lines->back().inlined = call.function.empty() ? "?" : call.function;
      lines->push_back({call.file, call.line});
    }
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
          std::optional<SourceLine> line = LineOf(lines[i], folder);
          if (!line.has_value()) continue;
          found_[at->second] = {*std::move(line)};
          found_here_[at->second] = at->first;
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
    return SourceLine{ShownFile(file, folder), number};
  }

  const Library& library_;
  Sections sections_;
  std::multimap<Dwarf_Addr, size_t> wanted_;  // to an index of `found_`
  std::vector<std::vector<SourceLine>> found_;
  std::map<size_t, Dwarf_Addr> found_here_;  // in this unit, by that index
};

class LoadedDwarfLines : public DwarfLines {
 public:
  explicit LoadedDwarfLines(const Library& library) : library_(library) {}

  std::vector<std::vector<SourceLine>> FindLines(
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

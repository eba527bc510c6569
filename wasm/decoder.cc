#include "wasm/decoder.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "base/str_cat.h"
#include "wasm/binary_reader.h"
#include "wasm/expression_reader.h"
#include "wasm/limits.h"
#include "wasm/type_canonicalizer.h"
#include "wasm/type_section_reader.h"

namespace wasmd {
namespace {

enum SectionId : uint8_t {
  kCustomSection = 0,
  kTypeSection = 1,
  kImportSection = 2,
  kFunctionSection = 3,
  kTableSection = 4,
  kMemorySection = 5,
  kGlobalSection = 6,
  kExportSection = 7,
  kStartSection = 8,
  kElementSection = 9,
  kCodeSection = 10,
  kDataSection = 11,
  kDataCountSection = 12,
  kTagSection = 13,
};

// Place of each section in the order that the binary format demands.
constexpr uint8_t kSectionRank[] = {0, 1, 2,  3,  4,  5,  7,
                                    8, 9, 10, 12, 13, 11, 6};

class ModuleDecoder {
 public:
  ModuleDecoder(Module* module, const FeatureSet& features)
      : module_(*module),
        features_(features),
        reader_(ByteSpan(*module->binary), 0) {}

  absl::Status Decode() {
    if (DecodeModule()) return absl::OkStatus();
    return ToStatus(reader_.error());
  }

 private:
  bool DecodeModule();
  bool DecodeHeader();
  bool DecodeNextSection();
  bool DecodeContents(uint8_t id);
  bool CheckCounts();

  bool DecodeCustom();
  bool DecodeImports();
  bool DecodeImport();
  bool DecodeFunctions();
  bool DecodeTables();
  bool DecodeTable();
  bool DecodeMemories();
  bool DecodeTags();
  bool DecodeGlobals();
  bool DecodeExports();
  bool DecodeStart();
  bool DecodeElements();
  bool DecodeElement(ElementSegment* segment);
  bool DecodeElementItems(ElementSegment* segment);
  bool DecodeCode();
  bool DecodeBody(Function* function);
  bool DecodeLocals();
  bool DecodeDataCount();
  bool DecodeData();
  bool DecodeDataSegment(DataSegment* segment);

  bool ReadLimits(bool is_memory, Limits* limits, AddressType* address,
                  uint32_t* page_size_log2);
  bool ReadTableType(TableType* type);
  bool ReadMemoryType(MemoryType* type);
  bool ReadGlobalType(GlobalType* type);
  bool ReadTagType(TagType* type);
  bool ReadExpression(ConstantExpression* expression) {
    return ReadConstantExpression(&reader_, &scratch_, expression);
  }

  // The number of entries of a section, at most `limit` with those that the
  // module has.
  bool ReadEntryCount(size_t present, uint32_t limit, uint32_t* count);

  Module& module_;
  FeatureSet features_;
  BinaryReader reader_;
  Instruction scratch_;
  uint8_t last_rank_ = 0;
  uint32_t declared_functions_ = 0;
  uint32_t bodies_ = 0;
  bool has_data_ = false;
};

bool ModuleDecoder::DecodeModule() {
  if (!DecodeHeader()) return false;
  while (!reader_.AtEnd()) {
    if (!DecodeNextSection()) return false;
  }
  return CheckCounts();
}

bool ModuleDecoder::DecodeHeader() {
  static constexpr uint8_t kMagic[] = {0x00, 0x61, 0x73, 0x6D};
  static constexpr uint8_t kVersion[] = {0x01, 0x00, 0x00, 0x00};
  ByteSpan bytes;
  if (!reader_.ReadBytes(4, &bytes)) return false;
  if (!std::equal(bytes.begin(), bytes.end(), kMagic)) {
    return reader_.Fail("magic header not detected", 0);
  }
  if (!reader_.ReadBytes(4, &bytes)) return false;
  if (!std::equal(bytes.begin(), bytes.end(), kVersion)) {
    return reader_.Fail("unknown binary version", 4);
  }
  return true;
}

bool ModuleDecoder::DecodeNextSection() {
  const uint32_t at = reader_.offset();
  uint8_t id = 0;
  uint32_t size = 0;
  if (!reader_.ReadByte(&id)) return false;
  if (id >= std::size(kSectionRank)) {
    return reader_.Fail(StrCat("malformed section id ", id), at);
  }
  if (!reader_.ReadSize(&size)) return false;
  if (id != kCustomSection) {
    if (kSectionRank[id] <= last_rank_) {
      return reader_.Fail(
          StrCat("unexpected content after last section: ", SectionName(id),
                 " section twice or out of order"),
          at);
    }
    last_rank_ = kSectionRank[id];
  }
  const uint32_t begin = reader_.offset();
  module_.sections.push_back({id, {begin, begin + size}});
  const uint8_t* const outer = reader_.Limit(size);
  if (!DecodeContents(id)) return false;
  if (!reader_.AtEnd()) {
    return reader_.Fail(
        StrCat("section size mismatch: ", reader_.remaining(),
               " bytes left in the ", SectionName(id), " section"),
        reader_.offset());
  }
  reader_.RemoveLimit(outer);
  return true;
}

bool ModuleDecoder::DecodeContents(uint8_t id) {
  switch (id) {
    case kCustomSection:
      return DecodeCustom();
    case kTypeSection:
      if (!ReadTypeSection(&reader_, features_, &module_.types)) return false;
      CanonicalizeTypes(&module_.types);
      return true;
    case kImportSection:
      return DecodeImports();
    case kFunctionSection:
      return DecodeFunctions();
    case kTableSection:
      return DecodeTables();
    case kMemorySection:
      return DecodeMemories();
    case kTagSection:
      return DecodeTags();
    case kGlobalSection:
      return DecodeGlobals();
    case kExportSection:
      return DecodeExports();
    case kStartSection:
      return DecodeStart();
    case kElementSection:
      return DecodeElements();
    case kDataCountSection:
      return DecodeDataCount();
    case kCodeSection:
      return DecodeCode();
    case kDataSection:
      return DecodeData();
    default:
      return false;
  }
}

bool ModuleDecoder::CheckCounts() {
  if (bodies_ != declared_functions_) {
    return reader_.Fail(
        StrCat("function and code section have inconsistent lengths: ",
               declared_functions_, " functions, ", bodies_, " bodies"),
        reader_.offset());
  }
  if (!has_data_ && module_.data_count.value_or(0) > 0) {
    return reader_.Fail(
        StrCat("data count and data section have inconsistent lengths: ",
               *module_.data_count, " counted, no data section"),
        reader_.offset());
  }
  return true;
}

bool ModuleDecoder::ReadEntryCount(size_t present, uint32_t limit,
                                   uint32_t* count) {
  const uint32_t at = reader_.offset();
  if (!reader_.ReadCount(count)) return false;
  if (present + *count > limit) {
    return reader_.FailLimit(StrCat("too many entries: ", present + *count,
                                    ", the limit is ", limit),
                             at);
  }
  return true;
}

bool ModuleDecoder::DecodeCustom() {
  std::string_view name;
  if (!reader_.ReadName(&name)) return false;
  const uint32_t begin = reader_.offset();
  reader_.Skip(reader_.remaining());
  module_.custom_sections.push_back(
      {std::string(name), {begin, reader_.offset()}});
  return true;
}

bool ModuleDecoder::ReadLimits(bool is_memory, Limits* limits,
                               AddressType* address, uint32_t* page_size_log2) {
  constexpr uint8_t kHasMax = 0x01;
  constexpr uint8_t kIs64 = 0x04;
  constexpr uint8_t kHasPageSize = 0x08;
  const uint32_t at = reader_.offset();
  uint8_t allowed = kHasMax;
  if (features_.Has(Feature::kMemory64)) allowed |= kIs64;
  if (is_memory && features_.Has(Feature::kCustomPageSizes)) {
    allowed |= kHasPageSize;
  }
  uint8_t flags = 0;
  if (!reader_.ReadByte(&flags)) return false;
  if (flags & ~allowed) return reader_.Fail("malformed limits flags", at);
  *address = flags & kIs64 ? AddressType::kI64 : AddressType::kI32;
  if (!reader_.ReadU64(&limits->min)) return false;
  limits->max.reset();
  if (flags & kHasMax) {
    uint64_t max = 0;
    if (!reader_.ReadU64(&max)) return false;
    limits->max = max;
  }
  if (flags & kHasPageSize) return reader_.ReadU32(page_size_log2);
  return true;
}

bool ModuleDecoder::ReadTableType(TableType* type) {
  uint32_t unused = 0;
  return reader_.ReadReferenceType(&type->element) &&
         ReadLimits(false, &type->limits, &type->address, &unused);
}

bool ModuleDecoder::ReadMemoryType(MemoryType* type) {
  return ReadLimits(true, &type->limits, &type->address, &type->page_size_log2);
}

bool ModuleDecoder::ReadGlobalType(GlobalType* type) {
  return reader_.ReadValueType(&type->value) &&
         ReadMutability(&reader_, &type->is_mutable);
}

bool ModuleDecoder::ReadTagType(TagType* type) {
  const uint32_t at = reader_.offset();
  uint8_t attribute = 0;
  if (!reader_.ReadByte(&attribute)) return false;
  if (attribute != 0) return reader_.Fail("malformed tag attribute", at);
  return reader_.ReadU32(&type->type_index);
}

bool ModuleDecoder::DecodeImports() {
  uint32_t count = 0;
  if (!ReadEntryCount(0, kMaxImports, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!DecodeImport()) return false;
  }
  const auto size = [](const auto& entries) {
    return static_cast<uint32_t>(entries.size());
  };
  module_.imported_functions = size(module_.functions);
  module_.imported_tables = size(module_.tables);
  module_.imported_memories = size(module_.memories);
  module_.imported_globals = size(module_.globals);
  module_.imported_tags = size(module_.tags);
  return true;
}

bool ModuleDecoder::DecodeImport() {
  std::string_view module_name;
  std::string_view name;
  if (!reader_.ReadName(&module_name) || !reader_.ReadName(&name)) return false;
  const uint32_t at = reader_.offset();
  uint8_t kind = 0;
  if (!reader_.ReadByte(&kind)) return false;
  const auto add = [&](const auto& entries) {
    module_.imports.push_back({std::string(module_name), std::string(name),
                               static_cast<ExternKind>(kind),
                               static_cast<uint32_t>(entries.size()) - 1});
    return true;
  };
  switch (kind) {
    case 0: {
      Function& function = module_.functions.emplace_back();
      return reader_.ReadU32(&function.type_index) && add(module_.functions);
    }
    case 1: {
      Table& table = module_.tables.emplace_back();
      return ReadTableType(&table.type) && add(module_.tables);
    }
    case 2: {
      Memory& memory = module_.memories.emplace_back();
      return ReadMemoryType(&memory.type) && add(module_.memories);
    }
    case 3: {
      Global& global = module_.globals.emplace_back();
      return ReadGlobalType(&global.type) && add(module_.globals);
    }
    case 4:
      if (features_.Has(Feature::kExceptions)) {
        Tag& tag = module_.tags.emplace_back();
        return ReadTagType(&tag.type) && add(module_.tags);
      }
      break;
    default:
      break;
  }
  return reader_.Fail(StrCat("malformed import kind ", kind), at);
}

bool ModuleDecoder::DecodeFunctions() {
  uint32_t count = 0;
  if (!ReadEntryCount(module_.functions.size(), kMaxFunctions, &count)) {
    return false;
  }
  module_.functions.reserve(module_.functions.size() + count);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t type_index = 0;
    if (!reader_.ReadU32(&type_index)) return false;
    module_.functions.emplace_back().type_index = type_index;
  }
  declared_functions_ = count;
  return true;
}

bool ModuleDecoder::DecodeTables() {
  uint32_t count = 0;
  if (!ReadEntryCount(module_.tables.size(), kMaxTables, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!DecodeTable()) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeTable() {
  Table& table = module_.tables.emplace_back();
  const bool has_initializer =
      reader_.PeekByte() == 0x40 && features_.Has(Feature::kFunctionReferences);
  if (!has_initializer) return ReadTableType(&table.type);
  reader_.Skip(1);
  const uint32_t at = reader_.offset();
  uint8_t reserved = 0;
  if (!reader_.ReadByte(&reserved)) return false;
  if (reserved != 0) return reader_.Fail("zero byte expected", at);
  return ReadTableType(&table.type) &&
         ReadExpression(&table.initializer.emplace());
}

bool ModuleDecoder::DecodeMemories() {
  uint32_t count = 0;
  if (!ReadEntryCount(module_.memories.size(), kMaxMemories, &count)) {
    return false;
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!ReadMemoryType(&module_.memories.emplace_back().type)) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeTags() {
  if (!features_.Has(Feature::kExceptions)) {
    return reader_.Fail("malformed section id 13: exceptions are off",
                        reader_.offset());
  }
  uint32_t count = 0;
  if (!ReadEntryCount(module_.tags.size(), kMaxTags, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!ReadTagType(&module_.tags.emplace_back().type)) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeGlobals() {
  uint32_t count = 0;
  if (!ReadEntryCount(module_.globals.size(), kMaxGlobals, &count)) {
    return false;
  }
  for (uint32_t i = 0; i < count; ++i) {
    Global& global = module_.globals.emplace_back();
    if (!ReadGlobalType(&global.type) || !ReadExpression(&global.initializer)) {
      return false;
    }
  }
  return true;
}

bool ModuleDecoder::DecodeExports() {
  uint32_t count = 0;
  if (!ReadEntryCount(0, kMaxExports, &count)) return false;
  module_.exports.reserve(count);
  const uint8_t kind_limit = features_.Has(Feature::kExceptions) ? 4 : 3;
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view name;
    if (!reader_.ReadName(&name)) return false;
    const uint32_t at = reader_.offset();
    uint8_t kind = 0;
    uint32_t index = 0;
    if (!reader_.ReadByte(&kind)) return false;
    if (kind > kind_limit) {
      return reader_.Fail(StrCat("malformed export kind ", kind), at);
    }
    if (!reader_.ReadU32(&index)) return false;
    module_.exports.push_back(
        {std::string(name), static_cast<ExternKind>(kind), index});
  }
  module_.exports_by_name.resize(count);
  std::iota(module_.exports_by_name.begin(), module_.exports_by_name.end(), 0);
  std::sort(module_.exports_by_name.begin(), module_.exports_by_name.end(),
            [this](uint32_t a, uint32_t b) {
              const int c =
                  module_.exports[a].name.compare(module_.exports[b].name);
              return c < 0 || (c == 0 && a < b);
            });
  return true;
}

bool ModuleDecoder::DecodeStart() {
  uint32_t index = 0;
  if (!reader_.ReadU32(&index)) return false;
  module_.start = index;
  return true;
}

bool ModuleDecoder::DecodeElements() {
  uint32_t count = 0;
  if (!ReadEntryCount(0, kMaxSegments, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!DecodeElement(&module_.elements.emplace_back())) return false;
  }
  return true;
}

// The flags of an element segment: bit 0 passive or declarative; bit 1 explicit
// table index when active, declarative when not; bit 2 expressions.
bool ModuleDecoder::DecodeElement(ElementSegment* segment) {
  const uint32_t at = reader_.offset();
  uint32_t flags = 0;
  if (!reader_.ReadU32(&flags)) return false;
  const uint32_t highest = features_.Has(Feature::kWasm2) ? 7 : 0;
  if (flags > highest) {
    return reader_.Fail(StrCat("malformed elements segment kind ", flags), at);
  }
  segment->has_expressions = flags & 4;
  if (flags & 1) {
    segment->mode =
        flags & 2 ? SegmentMode::kDeclarative : SegmentMode::kPassive;
  } else {
    segment->mode = SegmentMode::kActive;
    if ((flags & 2) && !reader_.ReadU32(&segment->table_index)) return false;
    if (!ReadExpression(&segment->offset)) return false;
  }
  // Without a type of its own a list of functions is of (ref func), a list of
  // expressions of funcref.
  segment->type =
      ValueType::Ref(AbstractHeapType::kFunc, segment->has_expressions);
  if (flags & 3) {
    if (segment->has_expressions) {
      if (!reader_.ReadReferenceType(&segment->type)) return false;
    } else {
      const uint32_t kind_at = reader_.offset();
      uint8_t kind = 0;
      if (!reader_.ReadByte(&kind)) return false;
      if (kind != 0) return reader_.Fail("malformed element kind", kind_at);
    }
  }
  return DecodeElementItems(segment);
}

bool ModuleDecoder::DecodeElementItems(ElementSegment* segment) {
  uint32_t count = 0;
  if (!ReadEntryCount(0, kMaxSegmentElements, &count)) return false;
  if (segment->has_expressions) {
    for (uint32_t i = 0; i < count; ++i) {
      if (!ReadExpression(&segment->expressions.emplace_back())) return false;
    }
    return true;
  }
  segment->functions.resize(count);
  for (uint32_t& index : segment->functions) {
    if (!reader_.ReadU32(&index)) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeCode() {
  if (!reader_.ReadCount(&bodies_)) return false;
  // Whether there are as many as functions is told last, after what else may
  // be wrong.
  Function surplus;
  for (uint32_t i = 0; i < bodies_; ++i) {
    Function* function =
        i < declared_functions_
            ? &module_.functions[module_.imported_functions + i]
            : &surplus;
    if (!DecodeBody(function)) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeBody(Function* function) {
  const uint32_t at = reader_.offset();
  uint32_t size = 0;
  if (!reader_.ReadSize(&size)) return false;
  if (size > kMaxFunctionBytes) {
    return reader_.FailLimit(StrCat("function body of ", size,
                                    " bytes, the limit is ", kMaxFunctionBytes),
                             at);
  }
  const uint8_t* const outer = reader_.Limit(size);
  function->body.begin = reader_.offset();
  function->body.end = function->body.begin + size;
  if (!DecodeLocals()) return false;
  function->code = {reader_.offset(), function->body.end};
  reader_.Skip(reader_.remaining());
  reader_.RemoveLimit(outer);
  return true;
}

bool ModuleDecoder::DecodeLocals() {
  const uint32_t at = reader_.offset();
  uint32_t groups = 0;
  if (!reader_.ReadCount(&groups)) return false;
  uint64_t total = 0;
  for (uint32_t i = 0; i < groups; ++i) {
    uint32_t count = 0;
    ValueType type;
    if (!reader_.ReadU32(&count) || !reader_.ReadValueType(&type)) return false;
    total += count;
  }
  if (total > UINT32_MAX) {
    return reader_.Fail(StrCat("too many locals: ", total), at);
  }
  return true;
}

bool ModuleDecoder::DecodeDataCount() {
  if (!features_.Has(Feature::kWasm2)) {
    return reader_.Fail("malformed section id 12: bulk memory is off",
                        reader_.offset());
  }
  uint32_t count = 0;
  if (!reader_.ReadU32(&count)) return false;
  module_.data_count = count;
  return true;
}

bool ModuleDecoder::DecodeData() {
  has_data_ = true;
  const uint32_t at = reader_.offset();
  uint32_t count = 0;
  if (!ReadEntryCount(0, kMaxSegments, &count)) return false;
  if (module_.data_count && *module_.data_count != count) {
    return reader_.Fail(
        StrCat("data count and data section have inconsistent lengths: ",
               *module_.data_count, " counted, ", count, " segments"),
        at);
  }
  module_.data.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    if (!DecodeDataSegment(&module_.data.emplace_back())) return false;
  }
  return true;
}

bool ModuleDecoder::DecodeDataSegment(DataSegment* segment) {
  const uint32_t at = reader_.offset();
  uint32_t flags = 0;
  if (!reader_.ReadU32(&flags)) return false;
  const uint32_t highest = features_.Has(Feature::kWasm2) ? 2 : 0;
  if (flags > highest) {
    return reader_.Fail(StrCat("malformed data segment kind ", flags), at);
  }
  segment->mode = flags == 1 ? SegmentMode::kPassive : SegmentMode::kActive;
  if (flags == 2 && !reader_.ReadU32(&segment->memory_index)) return false;
  if (flags != 1 && !ReadExpression(&segment->offset)) return false;
  uint32_t size = 0;
  if (!reader_.ReadSize(&size)) return false;
  segment->bytes = {reader_.offset(), reader_.offset() + size};
  reader_.Skip(size);
  return true;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Module>> Decode(
    std::vector<uint8_t> binary, const DecodeOptions& options) {
  return DecodeShared(
      std::make_shared<const std::vector<uint8_t>>(std::move(binary)), options);
}

absl::StatusOr<std::shared_ptr<const Module>> DecodeShared(
    std::shared_ptr<const std::vector<uint8_t>> binary,
    const DecodeOptions& options) {
  if (binary->size() > kMaxModuleBytes) {
    return absl::ResourceExhaustedError(
        StrCat("module of ", binary->size(), " bytes, the limit is ",
               kMaxModuleBytes, " (at byte 0)"));
  }
  auto module = std::make_shared<Module>();
  module->binary = std::move(binary);
  if (absl::Status status =
          ModuleDecoder(module.get(), options.features).Decode();
      !status.ok()) {
    return status;
  }
  module->hash =
      options.hash ? options.hash() : Sha256(ByteSpan(*module->binary));
  return std::shared_ptr<const Module>(std::move(module));
}

}  // namespace wasmd

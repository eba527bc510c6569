#include "capi/modules.h"

#include <cstring>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "capi/error.h"
#include "capi/include/wasmd.h"
#include "capi/object.h"
#include "capi/store_state.h"
#include "capi/type_objects.h"
#include "capi/vectors.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd::capi {
namespace {

constexpr std::string_view kBinaryMagic("\0asm", 4);

// A serialised module: this, the SHA-256 of the binary, the binary. The last
// byte is the version of the form.
constexpr std::string_view kSerializedMagic("wasmd\0m\1", 8);

absl::StatusOr<std::shared_ptr<TranslatedModule>> Deserialize(
    const wasm_config_t& config, ByteSpan bytes) {
  const std::string_view text = AsText(bytes);
  const size_t header = kSerializedMagic.size() + sizeof(Sha256Digest);
  if (bytes.size() < header ||
      text.substr(0, kSerializedMagic.size()) != kSerializedMagic) {
    return absl::InvalidArgumentError("not a serialised module");
  }
  const ByteSpan binary = bytes.subspan(header);
  const Sha256Digest digest = Sha256(binary);
  if (std::memcmp(digest.data(), bytes.data() + kSerializedMagic.size(),
                  digest.size()) != 0) {
    return absl::DataLossError("the serialised module is damaged");
  }
  return LoadBinary(config, binary);
}

ByteSpan BytesOf(const wasm_byte_vec_t& bytes) {
  return AsBytes(TextOf(bytes));
}

// An owner of a new module, or null with the error set.
wasm_module_t* NewModule(
    wasm_store_t* store,
    absl::StatusOr<std::shared_ptr<TranslatedModule>> code) {
  if (code.ok()) return new wasm_module_t(*std::move(code));
  store->set_error(code.status());
  return nullptr;
}

}  // namespace

absl::StatusOr<std::shared_ptr<TranslatedModule>> LoadBinary(
    const wasm_config_t& config, ByteSpan binary) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(std::vector<uint8_t>(binary.begin(), binary.end()),
                          {config.features}));
  RETURN_IF_ERROR(Validate(*module, {.features = config.features}));
  return TranslatedModule::Create(std::move(module));
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> LoadModule(
    const wasm_config_t& config, ByteSpan bytes) {
  const std::string_view text = AsText(bytes);
  if (text.substr(0, kBinaryMagic.size()) == kBinaryMagic) {
    return LoadBinary(config, bytes);
  }
  ASSIGN_OR_RETURN(std::vector<uint8_t> binary,
                   ParseWat(text, {.features = config.features}));
  return LoadBinary(config, binary);
}

}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasm_module_t* wasm_module_new(wasm_store_t* store,
                               const wasm_byte_vec_t* binary) {
  if (store == nullptr || binary == nullptr) return nullptr;
  return NewModule(store, LoadBinary(store->config(), BytesOf(*binary)));
}

bool wasm_module_validate(wasm_store_t* store, const wasm_byte_vec_t* binary) {
  if (store == nullptr || binary == nullptr) return false;
  const auto code = LoadBinary(store->config(), BytesOf(*binary));
  if (!code.ok()) store->set_error(code.status());
  return code.ok();
}

wasmd_error_t* wasmd_module_new(wasm_store_t* store,
                                const wasm_byte_vec_t* bytes,
                                wasm_module_t** out) {
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  *out = nullptr;
  if (store == nullptr || bytes == nullptr) {
    return NewError(WASMD_ERROR_INVALID, "no store or no bytes");
  }
  auto code = LoadModule(store->config(), BytesOf(*bytes));
  if (!code.ok()) return ToError(code.status());
  *out = new wasm_module_t(*std::move(code));
  return nullptr;
}

wasmd_error_t* wasmd_wat2wasm(const char* text, wasm_byte_vec_t* out) {
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  wasm_byte_vec_new_empty(out);
  if (text == nullptr) return NewError(WASMD_ERROR_INVALID, "no text");
  const auto binary = wasmd::ParseWat(text);
  if (!binary.ok()) return ToError(binary.status());
  MakeBytes(out, wasmd::AsText(*binary));
  return nullptr;
}

void wasmd_module_hash(const wasm_module_t* module, uint8_t out[32]) {
  if (out == nullptr) return;
  wasmd::Sha256Digest hash{};
  if (module != nullptr) hash = module->code->module().hash;
  std::memcpy(out, hash.data(), hash.size());
}

void wasmd_module_binary(const wasm_module_t* module, wasm_byte_vec_t* out) {
  if (out == nullptr) return;
  wasm_byte_vec_new_empty(out);
  if (module == nullptr) return;
  MakeBytes(out, wasmd::AsText(*module->code->module().binary));
}

void wasm_module_imports(const wasm_module_t* module,
                         wasm_importtype_vec_t* out) {
  if (out == nullptr) return;
  std::vector<wasm_importtype_t*> imports;
  if (module != nullptr) {
    const wasmd::Module& definition = module->code->module();
    for (const wasmd::Import& import : definition.imports) {
      wasm_name_t module_name, name;
      MakeBytes(&module_name, import.module);
      MakeBytes(&name, import.name);
      imports.push_back(wasm_importtype_new(
          &module_name, &name,
          TypeOfEntry(definition, import.kind, import.index).release()));
    }
  }
  MakeVector(out, imports);
}

void wasm_module_exports(const wasm_module_t* module,
                         wasm_exporttype_vec_t* out) {
  if (out == nullptr) return;
  std::vector<wasm_exporttype_t*> exports;
  if (module != nullptr) {
    const wasmd::Module& definition = module->code->module();
    for (const wasmd::Export& entry : definition.exports) {
      wasm_name_t name;
      MakeBytes(&name, entry.name);
      exports.push_back(wasm_exporttype_new(
          &name, TypeOfEntry(definition, entry.kind, entry.index).release()));
    }
  }
  MakeVector(out, exports);
}

void wasm_module_serialize(const wasm_module_t* module, wasm_byte_vec_t* out) {
  if (out == nullptr) return;
  wasm_byte_vec_new_empty(out);
  if (module == nullptr) return;
  const wasmd::Module& definition = module->code->module();
  std::string bytes(kSerializedMagic);
  bytes.append(reinterpret_cast<const char*>(definition.hash.data()),
               definition.hash.size());
  bytes.append(wasmd::AsText(*definition.binary));
  MakeBytes(out, bytes);
}

wasm_module_t* wasm_module_deserialize(wasm_store_t* store,
                                       const wasm_byte_vec_t* bytes) {
  if (store == nullptr || bytes == nullptr) return nullptr;
  return NewModule(store, Deserialize(store->config(), BytesOf(*bytes)));
}

wasm_shared_module_t* wasm_module_share(const wasm_module_t* module) {
  return module == nullptr ? nullptr : new wasm_shared_module_t{module->code};
}
wasm_module_t* wasm_module_obtain(wasm_store_t* store,
                                  const wasm_shared_module_t* shared) {
  if (store == nullptr || shared == nullptr) return nullptr;
  return new wasm_module_t(shared->code);
}
void wasm_shared_module_delete(wasm_shared_module_t* shared) { delete shared; }

}  // extern "C"

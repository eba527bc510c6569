// The types of wasm.h as objects, and to and from those of wasm/types.h. They
// belong to no store: concrete heap types become the abstract ones above them.

#ifndef WASMD_CAPI_TYPE_OBJECTS_H_
#define WASMD_CAPI_TYPE_OBJECTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capi/include/wasm.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/type_store.h"
#include "wasm/module.h"
#include "wasm/types.h"

struct wasm_valtype_t {
  wasmd::ValueType type;
};

// Base of the types of externs; deleted through it.
struct wasm_externtype_t {
  explicit wasm_externtype_t(wasm_externkind_t kind_in) : kind(kind_in) {}
  wasm_externtype_t(const wasm_externtype_t&) = delete;
  wasm_externtype_t& operator=(const wasm_externtype_t&) = delete;
  virtual ~wasm_externtype_t() = default;
  virtual wasm_externtype_t* Copy() const = 0;
  const wasm_externkind_t kind;
};

namespace wasmd::capi {

// A vector of wasm.h that owns valtypes.
struct ValueTypeVector {
  explicit ValueTypeVector(const std::vector<ValueType>& types);
  ~ValueTypeVector();
  ValueTypeVector(const ValueTypeVector&) = delete;
  ValueTypeVector& operator=(const ValueTypeVector&) = delete;
  wasm_valtype_vec_t vector;
};

}  // namespace wasmd::capi

struct wasm_functype_t final : wasm_externtype_t {
  explicit wasm_functype_t(wasmd::FunctionType type_in,
                           wasm_externkind_t kind_in = WASM_EXTERN_FUNC)
      : wasm_externtype_t(kind_in),
        type(std::move(type_in)),
        params(type.params),
        results(type.results) {}
  wasm_externtype_t* Copy() const override {
    return new wasm_functype_t(type, kind);
  }
  const wasmd::FunctionType type;
  const wasmd::capi::ValueTypeVector params;
  const wasmd::capi::ValueTypeVector results;
};

struct wasm_globaltype_t final : wasm_externtype_t {
  explicit wasm_globaltype_t(const wasmd::GlobalType& type_in)
      : wasm_externtype_t(WASM_EXTERN_GLOBAL),
        type(type_in),
        content{type_in.value} {}
  wasm_externtype_t* Copy() const override {
    return new wasm_globaltype_t(type);
  }
  const wasmd::GlobalType type;
  const wasm_valtype_t content;
};

struct wasm_tabletype_t final : wasm_externtype_t {
  explicit wasm_tabletype_t(const wasmd::TableType& type_in);
  wasm_externtype_t* Copy() const override {
    return new wasm_tabletype_t(type);
  }
  const wasmd::TableType type;
  const wasm_valtype_t element;
  const wasm_limits_t limits;
};

struct wasm_memorytype_t final : wasm_externtype_t {
  explicit wasm_memorytype_t(const wasmd::MemoryType& type_in);
  wasm_externtype_t* Copy() const override {
    return new wasm_memorytype_t(type);
  }
  const wasmd::MemoryType type;
  const wasm_limits_t limits;
};

struct wasm_importtype_t {
  wasm_name_t module;
  wasm_name_t name;
  std::unique_ptr<wasm_externtype_t> type;
};

struct wasm_exporttype_t {
  wasm_name_t name;
  std::unique_ptr<wasm_externtype_t> type;
};

namespace wasmd::capi {

wasm_valkind_t KindOf(ValueType type);

// Without what only a module or store understands.
ValueType WithoutIndices(const Module& module, ValueType type);
ValueType WithoutIndices(const TypeStore& types, ValueType type);

std::unique_ptr<wasm_externtype_t> TypeOfEntry(const Module& module,
                                               ExternKind kind, uint32_t index);
// With the sizes that it has now.
std::unique_ptr<wasm_externtype_t> TypeOfExtern(const Store& store,
                                                const ExternValue& value);

// A size or limit for wasm_limits_t.
uint32_t Clamped(uint64_t limit);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_TYPE_OBJECTS_H_

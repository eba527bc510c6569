// WASI as the extension of a store.

#ifndef WASMD_CAPI_WASI_EXTENSION_H_
#define WASMD_CAPI_WASI_EXTENSION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capi/include/wasi.h"
#include "capi/store_state.h"
#include "runtime/wasi_host.h"
#include "wasi/host_environment.h"
#include "wasi/wasi.h"

namespace wasmd::capi {

// Where the standard streams go. Files are owned.
struct WasiStreams {
  int input_fd = -1;             // -1: at its end
  int output_fds[2] = {-1, -1};  // stdout, stderr; -1: nowhere
  void (*write)(void* env, int stream, const void* bytes,
                size_t size) = nullptr;
  void* env = nullptr;
};

}  // namespace wasmd::capi

struct wasi_config_t {
  wasi_config_t() = default;
  wasi_config_t(const wasi_config_t&) = delete;
  wasi_config_t& operator=(const wasi_config_t&) = delete;
  ~wasi_config_t();

  wasmd::wasi::Options options;
  wasmd::capi::WasiStreams streams;  // file descriptors of its own
};

namespace wasmd::capi {

class WasiExtension final : public StoreExtension {
 public:
  // Takes the streams of `config`, which may be null: those of this program.
  explicit WasiExtension(wasi_config_t* config);
  ~WasiExtension() override;

  // Before any function is called, one of the two.
  absl::Status Open(const wasi::Options& options);
  absl::Status Load(ByteSpan saved, std::vector<std::string>* warnings);

  // A new host function of this name.
  absl::StatusOr<std::unique_ptr<HostFunction>> Bind(std::string_view name);
  // A call that came with a snapshot may have been made before.
  void set_in_doubt() { in_doubt_ = true; }

  bool Owns(const Store& store, FuncAddr function) const override;
  void Answer(Thread& thread, Waiting* waiting, Ending* ending) override;
  void Wait(const Waiting& waiting, uint64_t max_ns) override;
  std::string_view name() const override { return wasi::kModuleName; }
  std::string Save() const override;

  // By name, once bound.
  std::map<std::string, FuncAddr, std::less<>>& functions() {
    return functions_;
  }

 private:
  class Environment;

  WasiStreams streams_;
  std::unique_ptr<Environment> environment_;
  WasiHost host_{/*suspends_for_effects=*/false};
  bool in_doubt_ = false;
  absl::flat_hash_set<const HostFunction*> own_;
  std::map<std::string, FuncAddr, std::less<>> functions_;
};

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_WASI_EXTENSION_H_

#include "capi/key_value_store.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "capi/error.h"

namespace wasmd::capi {
namespace {

std::string KeyOf(char kind, std::string_view rest) {
  std::string key(1, kind);
  key.append(rest);
  if (kind != 'm') key.push_back('\0');
  return key;
}

std::string_view TextOf(const Sha256Digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

template <typename T>
void AppendBigEndian(T value, std::string* out) {
  for (size_t i = sizeof(T); i-- > 0;) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

template <typename T>
T ReadBigEndian(std::string_view bytes) {
  T value = 0;
  for (const char byte : bytes.substr(0, sizeof(T))) {
    value = static_cast<T>(value << 8 | static_cast<uint8_t>(byte));
  }
  return value;
}

constexpr size_t kPageKeyBytes = sizeof(uint32_t) + sizeof(uint64_t);

using Give =
    std::function<absl::Status(std::string_view key, std::string_view value)>;

// What a program's scan is given, as a function.
wasmd_error_t* GiveEntry(void* context, const void* key, size_t key_size,
                         const void* value, size_t value_size) {
  const auto text = [](const void* bytes, size_t size) {
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(static_cast<const char*>(bytes), size);
  };
  return ToError((*static_cast<const Give*>(context))(text(key, key_size),
                                                      text(value, value_size)));
}

// The changes of one write, with the keys they borrow.
class Changes {
 public:
  void Put(std::string key, std::string_view value) {
    // A value of no bytes is a value.
    Add(std::move(key), value.data() == nullptr ? "" : value.data(),
        value.size());
  }
  void Remove(std::string key) { Add(std::move(key), nullptr, 0); }
  const std::vector<wasmd_change_t>& list() const { return changes_; }

 private:
  void Add(std::string key, const void* value, size_t size) {
    keys_.push_back(std::move(key));
    changes_.push_back({keys_.back().data(), keys_.back().size(), value, size});
  }

  std::deque<std::string> keys_;
  std::vector<wasmd_change_t> changes_;
};

class KeyValueStore final : public ProcessStore {
 public:
  explicit KeyValueStore(const wasmd_db_functions_t& functions)
      : functions_(functions) {}
  ~KeyValueStore() override {
    if (functions_.close != nullptr) functions_.close(functions_.env);
  }

  absl::StatusOr<std::unique_ptr<KeptProcess>> Create(
      const std::string& name) override;
  absl::StatusOr<std::unique_ptr<KeptProcess>> Find(
      const std::string& name) override;
  absl::Status Remove(const std::string& name) override;
  absl::Status List(const std::function<absl::Status(const std::string& name)>&
                        give) override {
    return Scan("p", [&give](std::string_view key, std::string_view) {
      return key.size() < 2 ? Damaged("the name of a process")
                            : give(std::string(key.substr(1, key.size() - 2)));
    });
  }

  absl::StatusOr<std::string> ReadState(const std::string& name) override {
    ASSIGN_OR_RETURN(std::optional<std::string> state, Read(KeyOf('s', name)));
    if (!state.has_value()) return Damaged("a process without state");
    return *std::move(state);
  }
  absl::Status ReadPages(const std::string& name,
                         const PageSink& sink) override {
    const std::string prefix = KeyOf('d', name);
    return Scan(prefix, [&](std::string_view key, std::string_view value) {
      if (key.size() != prefix.size() + kPageKeyBytes) {
        return Damaged("the key of a page");
      }
      const std::string_view page = key.substr(prefix.size());
      return sink(ReadBigEndian<uint32_t>(page),
                  ReadBigEndian<uint64_t>(page.substr(4)), AsBytes(value));
    });
  }
  absl::StatusOr<std::vector<uint8_t>> ReadModule(
      const Sha256Digest& hash) override {
    ASSIGN_OR_RETURN(std::optional<std::string> binary,
                     Read(KeyOf('m', TextOf(hash))));
    if (!binary.has_value()) return Damaged("a module is missing");
    return std::vector<uint8_t>(binary->begin(), binary->end());
  }

  absl::Status Sync() override { return Write(Changes(), /*sync=*/true); }

  absl::Status Commit(const std::string& name, const Capture& capture,
                      const std::vector<UsedModule>& modules,
                      std::set<Sha256Digest>* known, bool sync);
  absl::StatusOr<std::optional<std::string>> Modules(const std::string& name) {
    return Read(KeyOf('p', name));
  }

 private:
  static absl::Status Damaged(std::string_view what) {
    return absl::DataLossError(StrCat("the store is damaged: ", what));
  }
  absl::Status Write(const Changes& changes, bool sync) {
    return TakeStatus(functions_.write(functions_.env, changes.list().data(),
                                       changes.list().size(), sync));
  }
  // Each key once.
  absl::Status Scan(std::string_view prefix, const Give& give) {
    const Give checked = [&](std::string_view key, std::string_view value) {
      if (key.substr(0, prefix.size()) != prefix) {
        return absl::InternalError("scan gave a key without the prefix");
      }
      return give(key, value);
    };
    return TakeStatus(functions_.scan(functions_.env, prefix.data(),
                                      prefix.size(), GiveEntry,
                                      const_cast<Give*>(&checked)));
  }
  absl::StatusOr<std::optional<std::string>> Read(const std::string& key) {
    std::optional<std::string> found;
    RETURN_IF_ERROR(Scan(key, [&](std::string_view at, std::string_view value) {
      if (at == key) found = std::string(value);
      return absl::OkStatus();
    }));
    return found;
  }
  // Of all processes but one.
  absl::StatusOr<std::set<std::string>> ModulesOfOthers(
      const std::string& name);

  const wasmd_db_functions_t functions_;
  // A module is added with a process and removed with the last that has it.
  std::mutex modules_mutex_;
};

class KeyValueProcess final : public KeptProcess {
 public:
  KeyValueProcess(KeyValueStore& store, std::string name,
                  std::set<Sha256Digest> known)
      : store_(store), name_(std::move(name)), known_(std::move(known)) {}
  absl::Status Commit(const Capture& capture,
                      const std::vector<UsedModule>& modules,
                      bool sync) override {
    return store_.Commit(name_, capture, modules, &known_, sync);
  }

 private:
  KeyValueStore& store_;
  const std::string name_;
  std::set<Sha256Digest> known_;
};

absl::StatusOr<std::unique_ptr<KeptProcess>> KeyValueStore::Create(
    const std::string& name) {
  ASSIGN_OR_RETURN(const auto present, Modules(name));
  if (present.has_value()) {
    return absl::AlreadyExistsError(
        StrCat("there is a process ", name, " already"));
  }
  return std::make_unique<KeyValueProcess>(*this, name,
                                           std::set<Sha256Digest>());
}

absl::StatusOr<std::unique_ptr<KeptProcess>> KeyValueStore::Find(
    const std::string& name) {
  ASSIGN_OR_RETURN(const auto modules, Modules(name));
  if (!modules.has_value()) {
    return absl::NotFoundError(StrCat("there is no process ", name));
  }
  std::set<Sha256Digest> known;
  Sha256Digest hash;
  if (modules->size() % hash.size() != 0) return Damaged("a list of modules");
  for (size_t at = 0; at < modules->size(); at += hash.size()) {
    std::memcpy(hash.data(), modules->data() + at, hash.size());
    known.insert(hash);
  }
  return std::make_unique<KeyValueProcess>(*this, name, std::move(known));
}

absl::Status KeyValueStore::Commit(const std::string& name,
                                   const Capture& capture,
                                   const std::vector<UsedModule>& modules,
                                   std::set<Sha256Digest>* known, bool sync) {
  // Commits with nothing new run side by side, so that the program can make
  // them safe together.
  const bool has_new = std::ranges::any_of(
      modules, [&](const UsedModule& m) { return !known->contains(m.hash); });
  std::unique_lock<std::mutex> lock(modules_mutex_, std::defer_lock);
  if (has_new) lock.lock();
  Changes changes;
  std::string list;
  std::set<Sha256Digest> now;
  for (const UsedModule& module : modules) {
    if (!now.insert(module.hash).second) continue;
    list.append(TextOf(module.hash));
    if (!known->contains(module.hash)) {
      changes.Put(KeyOf('m', TextOf(module.hash)), AsText(module.binary));
    }
  }
  changes.Put(KeyOf('p', name), list);
  changes.Put(KeyOf('s', name), capture.state);
  for (const PageContent& page : capture.pages) {
    std::string key = KeyOf('d', name);
    AppendBigEndian(uint32_t{page.memory}, &key);
    AppendBigEndian(page.page, &key);
    changes.Put(std::move(key), AsText(page.bytes));
  }
  RETURN_IF_ERROR(Write(changes, sync));
  *known = std::move(now);
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> KeyValueStore::ModulesOfOthers(
    const std::string& name) {
  std::set<std::string> hashes;
  const std::string own = KeyOf('p', name);
  constexpr size_t kHashBytes = sizeof(Sha256Digest);
  RETURN_IF_ERROR(Scan("p", [&](std::string_view key, std::string_view value) {
    for (; key != own && value.size() >= kHashBytes;
         value.remove_prefix(kHashBytes)) {
      hashes.emplace(value.substr(0, kHashBytes));
    }
    return absl::OkStatus();
  }));
  return hashes;
}

absl::Status KeyValueStore::Remove(const std::string& name) {
  const std::lock_guard<std::mutex> lock(modules_mutex_);
  ASSIGN_OR_RETURN(const auto modules, Modules(name));
  if (!modules.has_value()) {
    return absl::NotFoundError(StrCat("there is no process ", name));
  }
  ASSIGN_OR_RETURN(const std::set<std::string> others, ModulesOfOthers(name));
  Changes changes;
  changes.Remove(KeyOf('p', name));
  changes.Remove(KeyOf('s', name));
  for (size_t at = 0; at + sizeof(Sha256Digest) <= modules->size();
       at += sizeof(Sha256Digest)) {
    const std::string hash = modules->substr(at, sizeof(Sha256Digest));
    if (!others.contains(hash)) changes.Remove(KeyOf('m', hash));
  }
  RETURN_IF_ERROR(
      Scan(KeyOf('d', name), [&](std::string_view key, std::string_view) {
        changes.Remove(std::string(key));
        return absl::OkStatus();
      }));
  return Write(changes, /*sync=*/true);
}

}  // namespace

std::unique_ptr<ProcessStore> NewKeyValueStore(
    const wasmd_db_functions_t& functions) {
  return std::make_unique<KeyValueStore>(functions);
}

}  // namespace wasmd::capi

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "store/process_db.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/json.h"
#include "tools/commands/store_access.h"
#include "tools/commands/whole_store.h"

namespace wasmd {
namespace {

using Names = std::map<ProcessNumber, std::string>;

std::string NameOf(const Names& names, ProcessNumber number) {
  const auto found = names.find(number);
  return found == names.end() || found->second.empty() ? StrCat(number)
                                                       : found->second;
}

void PrintJson(const StoreUsage& usage, const Names& names) {
  JsonWriter json;
  json.BeginObject();
  json.Key("processes");
  json.BeginArray();
  for (const ProcessUsage& process : usage.processes) {
    json.BeginObject();
    json.Field("number", process.process);
    json.Field("name", NameOf(names, process.process));
    json.Field("bytes", process.total());
    json.Field("pages", process.page_count);
    json.Field("page_bytes", process.page_bytes);
    json.Field("state_bytes", process.state_bytes);
    json.Field("log_bytes", process.log_bytes);
    json.Field("journal_bytes", process.journal_bytes);
    json.Field("history_bytes", process.history_bytes);
    json.EndObject();
  }
  json.EndArray();
  json.Key("modules");
  json.BeginArray();
  for (const ModuleUsage& module : usage.modules) {
    json.BeginObject();
    json.Field("sha256", ToHex(module.hash));
    json.Field("bytes", module.bytes);
    json.Field("processes", module.users);
    json.EndObject();
  }
  json.EndArray();
  json.Field("table_file_bytes", usage.table_file_bytes);
  json.Field("blob_file_bytes", usage.blob_file_bytes);
  json.Field("wal_bytes", usage.wal_bytes);
  json.Field("other_file_bytes", usage.other_file_bytes);
  json.EndObject();
  std::puts(json.text().c_str());
}

void PrintLine(const ProcessUsage& process, const std::string& name) {
  std::printf("%12llu %12llu %12llu %12llu %12llu %12llu  %s\n",
              static_cast<unsigned long long>(process.total()),
              static_cast<unsigned long long>(process.page_bytes),
              static_cast<unsigned long long>(process.state_bytes),
              static_cast<unsigned long long>(process.journal_bytes),
              static_cast<unsigned long long>(process.history_bytes),
              static_cast<unsigned long long>(process.log_bytes), name.c_str());
}

void PrintText(StoreUsage usage, const Names& names) {
  std::sort(usage.processes.begin(), usage.processes.end(),
            [](const ProcessUsage& a, const ProcessUsage& b) {
              return a.total() != b.total() ? a.total() > b.total()
                                            : a.process < b.process;
            });
  std::printf("%12s %12s %12s %12s %12s %12s  %s\n", "BYTES", "PAGES", "STATE",
              "JOURNAL", "HISTORY", "LOG", "NAME");
  for (const ProcessUsage& process : usage.processes) {
    PrintLine(process, NameOf(names, process.process));
  }
  uint64_t module_bytes = 0;
  for (const ModuleUsage& module : usage.modules) module_bytes += module.bytes;
  std::puts(
      StrCat("modules: ", usage.modules.size(), ", ", module_bytes, " bytes")
          .c_str());
  std::puts(StrCat("files: tables ", usage.table_file_bytes, ", large values ",
                   usage.blob_file_bytes, ", write-ahead log ", usage.wal_bytes,
                   ", other ", usage.other_file_bytes, " bytes")
                .c_str());
}

int Du(std::span<const std::string> arguments) {
  WholeStore whole;
  const int parsed = ParseWholeStore(kDuCommand, arguments, &whole);
  if (parsed != kExitOk) return parsed;
  const auto db = OpenToRead(whole.directory, whole.key);
  if (!db.ok()) return Fail(db.status());
  StoreUsage usage;
  Names names;
  if (*db != nullptr) {
    absl::StatusOr<StoreUsage> measured = (*db)->Usage();
    if (!measured.ok()) return Fail(measured.status());
    usage = *std::move(measured);
    const absl::Status read = (*db)->ForEachProcess(
        [&names](ProcessNumber number, const ProcessRecord& record) {
          names[number] = record.name();
          return absl::OkStatus();
        });
    if (!read.ok()) return Fail(read);
  }
  if (whole.json_wanted) {
    PrintJson(usage, names);
  } else {
    PrintText(std::move(usage), names);
  }
  return kExitOk;
}

}  // namespace

const Command kDuCommand = {
    .name = "du",
    .synopsis = "[--store DIR] [--json]",
    .summary = "say what takes the space of the store",
    .details =
        R"(Bytes as they are stored, compressed, the largest process first: in
all, and of that memory pages, the rest of the machine's state, the journal,
states that are kept to go back to with what forks share, and the log. Modules
are kept once for all processes. Files hold more than that: what was replaced or
removed, until it is compacted. Works while another wasmd runs processes of the
same store.
)",
    .run = Du,
};

}  // namespace wasmd

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/str_cat.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/json.h"
#include "tools/commands/record_text.h"
#include "tools/commands/store_access.h"
#include "tools/commands/whole_store.h"

namespace wasmd {
namespace {

using Row = std::vector<std::string>;

void PrintTable(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] + 2 - row[i].size(), ' ');
    }
    std::puts(line.c_str());
  }
}

int Ps(std::span<const std::string> arguments) {
  WholeStore whole;
  const int parsed = ParseWholeStore(kPsCommand, arguments, &whole);
  if (parsed != kExitOk) return parsed;
  const auto db = OpenToRead(whole.directory, whole.key);
  if (!db.ok()) return Fail(db.status());

  std::vector<Row> rows = {{"NAME", "STATUS", "EXIT", "UPDATED", "MODULE"}};
  JsonWriter json;
  json.BeginArray();
  if (*db != nullptr) {
    const absl::Status read = (*db)->ForEachProcess(
        [&](ProcessNumber number, const ProcessRecord& record) {
          json.BeginObject();
          WriteRecord(number, record, &json);
          json.EndObject();
          std::string status = ProcessStatus_Name(record.status());
          if (WaitsForInput(record)) status += " for input";
          rows.push_back({record.name(), std::move(status), ExitText(record),
                          TimeText(record.updated_ns()), record.module_path()});
          return absl::OkStatus();
        });
    if (!read.ok()) return Fail(read);
  }
  json.EndArray();
  if (whole.json_wanted) {
    std::puts(json.text().c_str());
  } else {
    PrintTable(rows);
  }
  return kExitOk;
}

}  // namespace

const Command kPsCommand = {
    .name = "ps",
    .synopsis = "[--store DIR] [--json]",
    .summary = "list the processes of the store",
    .details =
        R"(Works while another wasmd runs processes of the same store. What is
WAITING for input can be given some with `wasmd input`.
)",
    .run = Ps,
};

}  // namespace wasmd

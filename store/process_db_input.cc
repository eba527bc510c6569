// Input that others left for processes to read.

#include <rocksdb/write_batch.h>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/batch_writer.h"
#include "store/commit_batch.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/head_table.h"
#include "store/input_table.h"
#include "store/rocks_process_db.h"

namespace wasmd {

absl::Status RocksProcessDb::AppendInput(const InputWrite& write,
                                         SyncMode sync) {
  RETURN_IF_ERROR(CheckWritable());
  if (write.bytes.size() > kMaxInputWriteBytes ||
      (write.bytes.empty() && !write.closes)) {
    return absl::InvalidArgumentError(
        StrCat("input is appended in pieces of 1 to ", kMaxInputWriteBytes,
               " bytes, not ", write.bytes.size()));
  }
  // Nobody else appends, or removes the process, until this is done.
  const HeadTable::Claim claim = heads_.Acquire({write.process});
  return holder_.Apply(
      {.doing = StrCat("cannot append input of process ", write.process),
       .sync = sync == SyncMode::kSync,
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         ASSIGN_OR_RETURN(const bool is_there,
                          HasProcess(database, write.process));
         if (!is_there) return NoSuchProcess(write.process);
         BatchWriter out(database, batch);
         return AddInput(database, write, &out);
       },
       .happened =
           [&](const Database& database) {
             return HasInput(database, write);
           }});
}

absl::StatusOr<InputEnd> RocksProcessDb::GetInputEnd(ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return ReadInputEnd(*database, process);
}

absl::StatusOr<InputBytes> RocksProcessDb::ReadInput(ProcessNumber process,
                                                     uint64_t offset,
                                                     size_t max_bytes) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return ReadStoredInput(*database, process, offset, max_bytes);
}

}  // namespace wasmd

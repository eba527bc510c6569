// Commits as a header and a body of a message, and back.

#ifndef WASMD_STORE_SHARING_COMMIT_CODING_H_
#define WASMD_STORE_SHARING_COMMIT_CODING_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/commit.h"
#include "store/sharing/owner_protocol.pb.h"

namespace wasmd {

// Adds to `message` and to the pieces of `body`, which borrow from `commits`.
void EncodeCommits(std::span<const Commit> commits,
                   OwnerRequest::ApplyCommits* message,
                   std::vector<ByteSpan>* body);

// What they borrow is `body`. InvalidArgument if the two do not fit.
absl::StatusOr<std::vector<Commit>> DecodeCommits(
    const OwnerRequest::ApplyCommits& message, ByteSpan body);

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_COMMIT_CODING_H_

// The owner's side of the methods of ProcessDb: a request in, replies out.

#ifndef WASMD_STORE_SHARING_OWNER_CALLS_H_
#define WASMD_STORE_SHARING_OWNER_CALLS_H_

#include <cstdint>
#include <functional>
#include <span>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "store/process_db.h"
#include "store/sharing/owner_protocol.pb.h"

namespace wasmd {

// The version of the protocol that this wasmd speaks.
inline constexpr uint32_t kOwnerProtocolVersion = 1;

// Sends one reply with its body. An error ends the answer.
using ReplySink =
    std::function<absl::Status(const OwnerReply&, std::span<const ByteSpan>)>;

// Answers `request`, whatever it holds. The status is that of `sink`.
absl::Status AnswerRequest(ProcessDb& db, const OwnerRequest& request,
                           ByteSpan body, const ReplySink& sink);

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_OWNER_CALLS_H_

// OwnerService: answers the other wasmds of a store for as long as this one
// owns it. Visitors that send nonsense, too much, or nothing lose their
// connection; each has a thread, so that none waits for another.

#ifndef WASMD_STORE_SHARING_OWNER_SERVICE_H_
#define WASMD_STORE_SHARING_OWNER_SERVICE_H_

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/owned_fd.h"
#include "store/process_db.h"
#include "store/sharing/channel.h"
#include "store/sharing/owner_protocol.pb.h"
#include "store/sharing/owner_socket.h"

namespace wasmd {

// Thread-safe.
class OwnerService {
 public:
  // Called on any thread with what a visitor has to tell.
  using OnEvent = std::function<void(const OwnerEvent&)>;

  // Listens in `directory`, which the caller owns. `db` outlives this.
  static absl::StatusOr<std::unique_ptr<OwnerService>> Start(
      const std::string& directory, ProcessDb& db, OnEvent on_event);
  // What has begun is answered first.
  ~OwnerService();

  // Tells this wasmd and all visitors that attend.
  void Tell(const OwnerEvent& event) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Visitor {
    explicit Visitor(Channel to) : channel(std::move(to)) {}
    Channel channel;
    bool attends = false;  // guarded by mutex_
    std::atomic<bool> has_left = false;
    std::thread thread;
  };

  OwnerService(OwnerSocket socket, OwnedFd end, ProcessDb& db,
               OnEvent on_event);
  void Listen();
  // False if the system gives no more connections or threads.
  bool Welcome() ABSL_LOCKS_EXCLUDED(mutex_);
  void DropThoseWhoLeft() ABSL_LOCKS_EXCLUDED(mutex_);
  void Serve(Visitor* visitor);
  // False when the visitor is to be dropped.
  bool ServeOne(Visitor* visitor);
  bool Attend(Visitor* visitor) ABSL_LOCKS_EXCLUDED(mutex_);

  OwnerSocket socket_;
  const OwnedFd end_;  // readable once this is to end
  ProcessDb& db_;
  const OnEvent on_event_;
  absl::Mutex mutex_;
  std::list<Visitor> visitors_ ABSL_GUARDED_BY(mutex_);
  std::thread listener_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_OWNER_SERVICE_H_

// DynamicProto: messages with reflection, from a .proto file that is read when
// the test runs. The C++ code of the .proto files has none (proto.bzl).
//
//   const DynamicProto schema("snapshot/snapshot.proto",
//   "wasmd.snapshot.State"); const std::unique_ptr<google::protobuf::Message>
//   state = schema.Parse(bytes);

#ifndef WASMD_BASE_TESTING_DYNAMIC_PROTO_H_
#define WASMD_BASE_TESTING_DYNAMIC_PROTO_H_

#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace wasmd::testing {

// Outlives its messages. Aborts when there is no such file, data of the test
// that is named from the workspace, or no such message in it.
class DynamicProto {
 public:
  DynamicProto(const std::string& file, const std::string& message);

  std::unique_ptr<google::protobuf::Message> New() const;
  // Null if the bytes are malformed.
  std::unique_ptr<google::protobuf::Message> Parse(
      std::string_view bytes) const;

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Message* prototype_ = nullptr;  // of factory_
};

}  // namespace wasmd::testing

#endif  // WASMD_BASE_TESTING_DYNAMIC_PROTO_H_

#include "base/testing/dynamic_proto.h"

#include <fstream>

#include "base/check.h"
#include "google/protobuf/descriptor.pb.h"

namespace wasmd::testing {

using google::protobuf::Message;

DynamicProto::DynamicProto(const std::string& file,
                           const std::string& message) {
  std::ifstream stream(file, std::ios::binary);
  google::protobuf::FileDescriptorSet schema;
  CHECK(schema.ParseFromIstream(&stream));
  CHECK(schema.file_size() == 1);
  CHECK(pool_.BuildFile(schema.file(0)) != nullptr);
  const auto* type = pool_.FindMessageTypeByName(message);
  CHECK(type != nullptr);
  prototype_ = factory_.GetPrototype(type);
}

std::unique_ptr<Message> DynamicProto::New() const {
  return std::unique_ptr<Message>(prototype_->New());
}

std::unique_ptr<Message> DynamicProto::Parse(std::string_view bytes) const {
  std::unique_ptr<Message> message = New();
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return nullptr;
  }
  return message;
}

}  // namespace wasmd::testing

"""cc_proto: C++ code from a .proto file by the system's protoc."""

def cc_proto(name, src, visibility = None):
    """Generates a library `name` with the header of `src` beside it.

    Args:
      name: name of the library.
      src: one .proto file of this package; it may import nothing.
      visibility: as for any rule.
    """
    stem = native.package_name() + "/" + src[:-len(".proto")]
    header = src[:-len(".proto")] + ".pb.h"
    source = src[:-len(".proto")] + ".pb.cc"
    native.genrule(
        name = name + "_generate",
        srcs = [src],
        outs = [header, source],
        cmd = "protoc --cpp_out=$(GENDIR) $(location " + src + ")",
        message = "Generating " + stem,
    )
    native.cc_library(
        name = name,
        srcs = [source],
        hdrs = [header],
        # The generator's output is not held to our warnings.
        copts = ["-w"],
        visibility = visibility,
        deps = ["//third_party:protobuf"],
    )

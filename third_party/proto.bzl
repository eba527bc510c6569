"""cc_proto: C++ code from a .proto file by the system's protoc.

For the lite runtime: the other registers descriptors of every message when a
program starts, 1.2 million instructions of each start of the command line.
Tests that want reflection read the schema (base/testing/dynamic_proto.h).
"""

def cc_proto(name, src, visibility = None):
    """Generates a library `name` with the header of `src` beside it.

    And the schema as a file beside it, `src` with ".schema" for ".proto".

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
        cmd = "protoc --cpp_out=lite:$(GENDIR) $(location " + src + ")",
        message = "Generating " + stem,
    )
    native.genrule(
        name = name + "_schema",
        srcs = [src],
        outs = [src[:-len(".proto")] + ".schema"],
        cmd = "protoc --descriptor_set_out=$@ $(location " + src + ")",
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

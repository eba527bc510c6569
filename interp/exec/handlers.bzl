"""The handlers of one dispatch back end."""

# A handler must not save registers it does not use.
_COPTS = ["-fomit-frame-pointer"]

def handlers(name, local_defines = []):
    native.cc_library(
        name = name,
        srcs = native.glob(
            ["*.cc"],
            exclude = [
                "*_test.cc",
                "bulk.cc",
                "context.cc",
                "host_call.cc",
            ],
        ) + [
            "dispatch.h",
            "handlers.h",
            "memory_access.h",
            "numeric.h",
            "operands.h",
            "reload.h",
            "safepoint.h",
        ],
        copts = _COPTS,
        local_defines = local_defines,
        deps = [
            ":backend",
            ":bulk",
            ":context",
            ":host_call",
            "//interp:instances",
            "//interp:memory_instance",
            "//interp:module_instance",
            "//interp:reference",
            "//interp:slot",
            "//interp:trap",
            "//interp/code:function_code",
            "//interp/code:handler_set",
            "//interp/eval",
            "//wasm:opcodes",
            "//wasm:types",
        ],
    )

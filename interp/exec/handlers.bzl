"""The handlers of one dispatch back end."""

_COPTS = [
    # A handler must not save registers it does not use.
    "-fomit-frame-pointer",
    # Indirect jumps to handlers that lie badly are predicted badly: at cache
    # lines they take up to 30 % less time.
    "-falign-functions=64",
    # A product is rounded before it is added to.
    "-ffp-contract=off",
    # A square root is an instruction, not a call.
    "-fno-math-errno",
] + select({
    # gcc would join registers in vectors to store two at a time.
    "//third_party:gcc": ["-fno-tree-slp-vectorize"],
    "//conditions:default": [],
})

# For builds that measure what a check costs (checks.h).
_WITHOUT = select({
    "//interp/exec:without_fuel": ["-DWASMD_WITHOUT_FUEL"],
    "//interp/exec:without_bounds": ["-DWASMD_WITHOUT_BOUNDS"],
    "//interp/exec:without_dirty": ["-DWASMD_WITHOUT_DIRTY"],
    "//interp/exec:without_nan": ["-DWASMD_WITHOUT_NAN"],
    "//interp/exec:without_all": [
        "-DWASMD_WITHOUT_FUEL",
        "-DWASMD_WITHOUT_BOUNDS",
        "-DWASMD_WITHOUT_DIRTY",
        "-DWASMD_WITHOUT_NAN",
    ],
    "//conditions:default": [],
})

def handlers(name, local_defines = [], visibility = None):
    native.cc_library(
        name = name,
        srcs = native.glob(
            ["*.cc"],
            exclude = [
                "*_test.cc",
                "bulk.cc",
                "context.cc",
                "fuel.cc",
                "gc.cc",
                "host_call.cc",
                "observed_loop.cc",
            ],
        ) + [
            "allocation.h",
            "arithmetic_fused.h",
            "branch_compare.h",
            "call_ops.h",
            "calls.h",
            "checks.h",
            "control.h",
            "dispatch.h",
            "enter.h",
            "handlers.h",
            "held.h",
            "held_tables.h",
            "load.h",
            "load_binary.h",
            "memory_access.h",
            "numeric.h",
            "operands.h",
            "pair.h",
            "reload.h",
            "return.h",
            "safepoint.h",
            "sequence.h",
            "sequences.h",
            "slot_cache.h",
            "store.h",
            "variable.h",
            "vector.h",
            "vector_load.h",
        ],
        copts = _COPTS + _WITHOUT,
        local_defines = local_defines,
        visibility = visibility,
        deps = [
            ":backend",
            ":bulk",
            ":context",
            ":fuel",
            ":gc",
            ":host_call",
            "//interp:carded_region",
            "//interp:heap",
            "//interp:instances",
            "//interp:memory_instance",
            "//interp:module_instance",
            "//interp:object_layout",
            "//interp:reference",
            "//interp:slot",
            "//interp:trap",
            "//interp/code:function_code",
            "//interp/code:handler_set",
            "//interp/code:held_ops",
            "//interp/code:sequence_index",
            "//interp/eval",
            "//interp/eval:vector",
            "//wasm:opcodes",
            "//wasm:types",
        ],
    )

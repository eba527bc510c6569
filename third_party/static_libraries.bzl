"""For a program that is started often: the libraries as archives.

Finding, mapping and relocating some 45 shared libraries, with their
constructors, takes 12 ms of every start. Only the C library stays shared, which
has to fit the machine.

As linkopts of a cc_binary these come before the "-l" of what it depends on: the
archives then define everything, and --as-needed drops the shared libraries. Not
in debug builds, which the sanitizers use: they look into shared libraries.
"""

_LIBRARIES = [
    "snappy",
    "bz2",
    "lz4",
    "z",
    "zstd",
    "protobuf",
    "xxhash",
    "crypto",
    "absl_statusor",
    "absl_status",
    "absl_raw_hash_set",
    "absl_hash",
    "absl_city",
    "absl_low_level_hash",
    "absl_cord",
    "absl_cordz_info",
    "absl_cord_internal",
    "absl_cordz_functions",
    "absl_cordz_handle",
    "absl_exponential_biased",
    "absl_synchronization",
    "absl_graphcycles_internal",
    "absl_time",
    "absl_time_zone",
    "absl_civil_time",
    "absl_stacktrace",
    "absl_symbolize",
    "absl_debugging_internal",
    "absl_demangle_internal",
    "absl_malloc_internal",
    "absl_str_format_internal",
    "absl_strings",
    "absl_strings_internal",
    "absl_strerror",
    "absl_base",
    "absl_spinlock_wait",
    "absl_int128",
    "absl_throw_delegate",
    "absl_bad_optional_access",
    "absl_bad_variant_access",
    "absl_raw_logging_internal",
    "absl_log_severity",
    "stdc++",
]

# RocksDB with its constructors held back (third_party/BUILD.bazel), and the
# order of functions.
STATIC_INPUTS = select({
    "//third_party:debug": [],
    "//conditions:default": ["//third_party:late_rocksdb"],
}) + ["//third_party:startup_order.txt"]

_LINKOPTS = (
    [
        "-Wl,-Bstatic",
        "-Wl,--start-group",
        "$(location //third_party:late_rocksdb)",
    ] +
    ["-l" + name for name in _LIBRARIES] +
    [
        "-Wl,--end-group",
        "-Wl,-Bdynamic",
        "-Wl,--as-needed",
        "-static-libgcc",
        # Of the archives' symbols none is offered to shared libraries: 2 MB of
        # names that a start would look into.
        "-Wl,--exclude-libs,ALL",
    ]
)

# The constructors lie side by side, in fewer pages that a start has to read.
_FAST_START = ["-Wl,-z,keep-text-section-prefix"]

# 1.2 MB of relocations in 12 KB. gold cannot. The program stays where the
# kernel puts it: a fixed address would need none of them, but what a hostile
# guest could make of a bug should not know where the code is.
_PACKED = ["-Wl,-z,pack-relative-relocs"]

# What runs at every start lies side by side: fewer pages to read. gold cannot.
_ORDERED = [
    "-Wl,--symbol-ordering-file=$(location //third_party:startup_order.txt)",
    "-Wl,--no-warn-symbol-ordering",
]

# A section whose ends are asked for is kept.
_KEPT = ["-Wl,-z,nostart-stop-gc"]

STATIC_LINKOPTS = select({
    "//third_party:debug": [],
    "//conditions:default": _LINKOPTS,
}) + select({
    "//third_party:gcc": [],
    "//conditions:default": _PACKED + _ORDERED + _KEPT,
}) + _FAST_START

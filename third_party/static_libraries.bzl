"""For a program that is started often: the libraries as archives.

Finding, mapping and relocating some 45 shared libraries, with their
constructors, takes 12 ms of every start. Only the C library stays shared, which
has to fit the machine.

As linkopts of a cc_binary these come before the "-l" of what it depends on: the
archives then define everything, and --as-needed drops the shared libraries. Not
in debug builds, which the sanitizers use: they look into shared libraries.
"""

_LIBRARIES = [
    "rocksdb",
    "snappy",
    "gflags",
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

_LINKOPTS = (
    ["-Wl,-Bstatic", "-Wl,--start-group"] +
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

# At an address of its own choice the program has 50,000 pointers in its tables
# to relocate at every start, which copies 150 pages. What a guest could reach
# through a bug is placed at random all the same: stacks, heaps, memories and
# the C library; RELRO and immediate binding stay. And the constructors of some
# 500 files lie side by side, in 70 pages less.
_FAST_START = [
    "-no-pie",
    "-Wl,-z,keep-text-section-prefix",
]

STATIC_LINKOPTS = select({
    "//third_party:debug": [],
    "//conditions:default": _LINKOPTS,
}) + _FAST_START

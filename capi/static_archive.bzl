"""static_archive: a library and all it depends on in this tree, in one .a."""

def _static_archive_impl(ctx):
    archives = []
    for dep in ctx.attr.deps:
        for input in dep[CcInfo].linking_context.linker_inputs.to_list():
            for library in input.libraries:
                archive = library.pic_static_library or library.static_library
                if archive:
                    archives.append(archive)
    ctx.actions.run_shell(
        inputs = archives + [ctx.file._script],
        outputs = [ctx.outputs.archive],
        command = "%s %s %s" % (
            ctx.file._script.path,
            ctx.outputs.archive.path,
            " ".join([archive.path for archive in archives]),
        ),
        mnemonic = "StaticArchive",
        use_default_shell_env = True,
    )
    return DefaultInfo(
        files = depset([ctx.outputs.archive]),
        runfiles = ctx.runfiles(files = [ctx.outputs.archive]),
    )

static_archive = rule(
    implementation = _static_archive_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "_script": attr.label(
            default = "//capi:make_archive",
            allow_single_file = True,
        ),
    },
    outputs = {"archive": "%{name}.a"},
    doc = "`name`.a, in which only the C API has names that others see.",
)

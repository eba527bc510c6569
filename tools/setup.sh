# Sourced by the scripts of this folder: what a fresh Debian 12 machine needs
# before Bazel can run. Sets nothing up twice, and says nothing unless it does
# something. The sourcing script has set `root`, the top of the checkout.

# One line to stderr; `name` is the script's.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# as_root COMMAND...: directly, or by sudo for others.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Are all these packages installed?
installed() {
  local states
  states=$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null) || return 1
  [[ -z $(grep -v '^installed$' <<<"$states") ]]
}

available() {
  local package
  for package in "$@"; do
    [[ -n $(apt-cache --quiet=0 show "$package" 2>/dev/null) ]] || return 1
  done
}

# Prints the sets of tools/packages.txt of which no alternative is installed.
missing_sets() {
  local line alternative
  local -a alternatives
  while IFS= read -r line; do
    [[ -z $line || $line == '#'* ]] && continue
    IFS='|' read -ra alternatives <<<"$line"
    for alternative in "${alternatives[@]}"; do
      # shellcheck disable=SC2086  # a set is words
      installed $alternative && continue 2
    done
    printf '%s\n' "$line"
  done <"$root/tools/packages.txt"
}

# Prints the packages of the first alternative of each of these sets.
first_choices() {
  local line
  while IFS= read -r line; do
    printf '%s ' "${line%%|*}"
  done <<<"$1"
}

# Prints the packages to install for these sets: of each, the first alternative
# that can be had.
choose_packages() {
  local line alternative
  local -a alternatives
  while IFS= read -r line; do
    IFS='|' read -ra alternatives <<<"$line"
    for alternative in "${alternatives[@]}"; do
      # shellcheck disable=SC2086
      available $alternative && break
      alternative=${alternatives[0]}
    done
    printf '%s ' $alternative
  done <<<"$1"
}

# ensure_packages LOG: installs what is missing; the installer's output goes to
# LOG, and to stderr only when it fails.
ensure_packages() {
  local log=$1 sets packages
  sets=$(missing_sets)
  [[ -z $sets ]] && return 0
  if ! command -v apt-get >/dev/null; then
    say "these Debian packages are needed: ${sets//$'\n'/, }"
    return 1
  fi
  packages=$(choose_packages "$sets")
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    say "run this as root first: apt-get update && apt-get install $packages"
    return 1
  fi
  # Lists that are absent, or too old to have a package, are the usual failure;
  # and what they lack may be the compiler that is preferred.
  # shellcheck disable=SC2086
  if ! available $(first_choices "$sets"); then
    say "updating the package lists"
    as_root apt-get update >>"$log" 2>&1 || { cat "$log" >&2; return 1; }
    packages=$(choose_packages "$sets")
  fi
  say "installing Debian packages, once: ${packages% }"
  # shellcheck disable=SC2086
  install_packages $packages >>"$log" 2>&1 && return 0
  as_root apt-get update >>"$log" 2>&1
  # shellcheck disable=SC2086
  install_packages $packages >>"$log" 2>&1 && return 0
  cat "$log" >&2
  say "could not install: $packages"
  return 1
}

install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "$@"
}

# Sets `bazel_flags`: the compiler, where it is not the one .bazelrc names.
choose_compiler() {
  bazel_flags=()
  command -v clang-22 >/dev/null || bazel_flags=(--config=clang19)
}

# Sets `workspace`, where Bazel is to be run: the checkout itself or, since
# Bazel refuses a path with a space in it, a copy elsewhere, brought up to date.
choose_workspace() {
  workspace=$root
  [[ $root != *[[:space:]]* ]] && return 0
  local base=${XDG_CACHE_HOME:-${HOME:-/}/.cache}
  [[ $base == *[[:space:]]* ]] && base=/var/tmp/$EUID
  workspace=$base/wasmd-workspace/$(printf '%s' "$root" | sha256sum | cut -c1-16)
  mkdir -p "$workspace" || return 1
  local -a entries=()
  local entry
  for entry in "$root"/* "$root"/.[a-z]*; do
    case ${entry##*/} in
      .git | .cache | bazel-*) continue ;;
    esac
    entries+=("$entry")
  done
  # What is gone from the checkout must go from the copy.
  local name
  while IFS= read -r -d '' name; do
    [[ -e $root/$name ]] || rm -rf -- "${workspace:?}/$name"
  done < <(cd "$workspace" && find . -mindepth 1 -name 'bazel-*' -prune \
    -o -mindepth 1 -printf '%P\0')
  cp -a --update -- "${entries[@]}" "$workspace/"
}

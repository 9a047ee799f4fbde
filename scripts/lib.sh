# Shared by ./dev and the scripts: messages, timing, documentation. Sourced, never run; the working
# directory is the root of the clone. Messages go to stderr, so that the stdout of
# `./dev run -- ARGS` is the program's alone.

say() { printf 'dev: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# header_of FILE: the comment at its top, which is its documentation.
header_of() { sed -n -e '1d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$1"; }

# usage_error MESSAGE: for a command that was called wrongly.
usage_error() {
  say "$1"
  echo >&2
  header_of "$0" >&2
  exit 2
}

# timed LABEL COMMAND...: says what is done and how long it took. COMMAND has to report failure by
# its status (`set -e` is off inside a function that is called from here).
timed() {
  local label=$1 start=$SECONDS status=0
  shift
  say "$label ..."
  "$@" || status=$?
  if [[ $status -eq 0 ]]; then
    say "$label: $((SECONDS - start)) s"
  else
    say "$label: failed after $((SECONDS - start)) s (status $status)"
  fi
  return "$status"
}

# build_preset PRESET [TARGET...]: configures when needed, builds these, or everything. ninja runs
# cmake again by itself when a CMake file changes, but not when the presets do.
build_preset() {
  local preset=$1 folder
  shift
  folder=$(build_folder "$preset")
  if [[ ! -f $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja ]]; then
    timed "configure $preset" cmake --preset "$preset" --log-level=WARNING >&2 || return
  fi
  timed "build $preset" cmake --build --preset "$preset" -j "$(nproc)" \
    ${1:+--target "$@"} >&2
}

build_folder() {
  if [[ $1 == release ]]; then echo build; else echo "build-$1"; fi
}

# Whether the system's own Node is new enough, and npm is there.
has_system_node() {
  local version
  version=$(node --version 2>/dev/null) && command -v npm >/dev/null || return 1
  version=${version#v}
  [[ ${version%%.*} -ge 24 ]]
}

# Where scripts/install-node puts Node 24; other versions of it have another name.
node_folder() {
  local lock
  lock=$(dirname "${BASH_SOURCE[0]}")/node-tools/package-lock.json
  echo "${XDG_CACHE_HOME:-$HOME/.cache}/conveyor/node-$(sha256sum "$lock" | head -c 16)"
}

# run_named FOLDER KIND [NAME ARGS...]: runs FOLDER/NAME.sh; without a name, lists what there is.
run_named() {
  local folder=$1 kind=$2 names
  shift 2
  names=$(shopt -s nullglob && for file in "$folder"/*.sh; do basename "$file" .sh; done)
  if [[ $# -eq 0 ]]; then
    if [[ -z $names ]]; then
      say "there is no $kind yet ($folder/*.sh)"
    else
      say "which $kind?"
      printf '%s\n' "$names"
    fi
  elif grep -qxF -- "$1" <<<"$names"; then
    local name=$1
    shift
    exec bash "$folder/$name.sh" "$@"
  else
    say "no such $kind: $1; there is: ${names:-none yet}"
    exit 2
  fi
}

# shellcheck shell=bash
# Shared by the scripts of this folder: sourced, not run. The caller has set -euo pipefail.
#
# FOOTMAN_WINDOWS_DIR   where the toolchain and Wine's prefix are kept (default: ~/.cache/footman-windows)

TARGET=x86_64-pc-windows-gnu
MINGW=x86_64-w64-mingw32
KEPT=${FOOTMAN_WINDOWS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/footman-windows}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)

say() { printf '== %s\n' "$*"; }
fail() { printf 'footman: %s\n' "$*" >&2; exit 1; }

# For tests: runs a command; prints the label if it succeeds, fails otherwise.
check() { local what=$1; shift; "$@" || fail "not so: $what"; say "$what"; }
not() { ! "$@"; }

version_of_footman() { sed -n 's/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml" | head -n 1; }

# The product code, derived from the version: the same version is the same product.
product_code() {
  local hash
  hash=$(printf 'footman %s' "$1" | sha256sum | tr '[:lower:]' '[:upper:]')
  printf '%s-%s-4%s-8%s-%s' "${hash:0:8}" "${hash:8:4}" "${hash:13:3}" "${hash:17:3}" "${hash:20:12}"
}

# Writes the checksums of all distributed files of a version in a folder.
write_sums() {
  (cd "$1" && sha256sum footman.exe "footman-$2-x64.msi" "footman-$2-x64.zip" "footman-$2.cdx.json" >SHA256SUMS)
}

# The folder of the compiler with the Windows target: rustup's own, or the copy that setup created.
sysroot() { cat "$KEPT/sysroot" 2>/dev/null || fail "the toolchain is not set up; run packaging/windows/setup first"; }

# Sets the environment so that plain cargo builds for Windows and runs the results in Wine.
export_cargo() {
  local root
  root=$(sysroot)
  export PATH="$root/bin:$PATH"
  export CARGO_BUILD_TARGET=$TARGET
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$MINGW-gcc-posix
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=${CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER:-$HERE/wine}
  export CC_x86_64_pc_windows_gnu=$MINGW-gcc-posix
  export CXX_x86_64_pc_windows_gnu=$MINGW-g++-posix
  export AR_x86_64_pc_windows_gnu=$MINGW-ar
  # Wine reads a whole program into memory at each start: 300 MB with debug information, 70 MB without.
  export CARGO_PROFILE_DEV_DEBUG=${CARGO_PROFILE_DEV_DEBUG:-0}
  # No path of this machine and no time of day in a program: the same sources give the same bytes. Wine maps sections
  # that begin at a page, and copies others at each start.
  local cargo_home=${CARGO_HOME:-$HOME/.cargo}
  export RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,--no-insert-timestamp -C link-arg=-Wl,--file-alignment=4096 --remap-path-prefix=$ROOT=/footman --remap-path-prefix=$cargo_home=/cargo"
  export CFLAGS_x86_64_pc_windows_gnu="-ffile-prefix-map=$ROOT=/footman -ffile-prefix-map=$cargo_home=/cargo"
  export SOURCE_DATE_EPOCH=0
}

# Sets the environment for Wine: without a display, quiet, in the project's own prefix.
export_wine() {
  unset DISPLAY
  export WINEPREFIX=$KEPT/prefix WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES='mscoree,mshtml='
  export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$KEPT/run}
  mkdir -p "$XDG_RUNTIME_DIR"
}

# Starts the Wine server of the prefix and its services, which saves seconds per program; the server prints a message
# if it runs already. Nobody's output is held by them: nextest waits until no process holds the output of a test.
start_wine() {
  wineserver -p </dev/null >/dev/null 2>&1 || true
  timeout 60 wine cmd /c exit </dev/null >/dev/null 2>&1 && touch "$WINEPREFIX/.started"
}

# Ends it with all programs in it.
stop_wine() {
  rm -f "$WINEPREFIX/.started"
  wineserver -k || true
}

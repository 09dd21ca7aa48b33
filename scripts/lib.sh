# shellcheck shell=bash
# What the scripts share. Sourced after `cd` to the repository's root.

# shellcheck disable=SC2034 # used by whoever sources this
target_dir=${CARGO_TARGET_DIR:-target}

# Where the server of that profile is built to, from the root on: built debug
built() {
  case $target_dir in
    /*) echo "$target_dir/$1/livery" ;;
    *) echo "$PWD/$target_dir/$1/livery" ;;
  esac
}

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# One line on how to get what is missing, then stop.
need_cargo() {
  have cargo || die "Rust is missing: install it from https://rustup.rs, then open a new shell."
  have cc || die "A C compiler is missing: apt-get install build-essential (macOS: xcode-select --install)."
}
need_node() {
  local found
  found=$(node --version 2>/dev/null || true)
  if [ -z "$found" ] || ! have npm || ! node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    die "Node.js 20.19 or newer is missing (found: ${found:-none}): install it from https://nodejs.org."
  fi
}

# npm ci, unless exactly this lock file is installed already.
npm_ci() {
  local folder=$1 stamp=$1/node_modules/.installed-lock
  if ! cmp -s "$folder/package-lock.json" "$stamp"; then
    npm --prefix "$folder" ci --no-audit --no-fund
    cp "$folder/package-lock.json" "$stamp"
  fi
}

# The same for Python: packages of tests/clients, beside it and nowhere else.
python_packages() {
  local folder=tests/clients/python wanted=tests/clients/requirements.txt
  if ! cmp -s "$wanted" "$folder/.installed"; then
    rm -rf "$folder"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
      --target "$folder" --requirement "$wanted"
    cp "$wanted" "$folder/.installed"
  fi
}

# Dashboard and widget, unless exactly these sources were built already: a new build makes the server build anew too.
build_dashboard() {
  local stamp=dashboard/dist/.built sources
  npm_ci dashboard
  sources=$(find dashboard schema -type f -not -path 'dashboard/node_modules/*' -not -path 'dashboard/dist/*' \
    -exec cksum {} + | sort | cksum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$sources" ]; then
    npm --prefix dashboard run --silent build
    printf '%s\n' "$sources" >"$stamp"
  fi
}

# A PostgreSQL for this script alone, as LIVERY_TEST_POSTGRES_URL; ends with the script, however that ends.
own_postgres() {
  own_state=$(mktemp -d)
  trap 'scripts/postgres stop "$own_state"; rm -rf "$own_state"' EXIT
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM
  unset LIVERY_TEST_POSTGRES_URL
  LIVERY_TEST_POSTGRES_URL=$(POSTGRES_OWNER=$$ scripts/postgres start "$own_state")
  export LIVERY_TEST_POSTGRES_URL
}

# Runs a command that an interrupt ends at once, with everything that it has started: it has a process group of its own.
part_pid=
run_part() {
  local status=0
  set -m
  "$@" &
  part_pid=$!
  set +m
  wait "$part_pid" || status=$?
  part_pid=
  return "$status"
}
interrupted() {
  if [ -n "$part_pid" ]; then
    kill -TERM -- "-$part_pid" 2>/dev/null || true
    wait "$part_pid" 2>/dev/null || true
  fi
  exit "$1"
}

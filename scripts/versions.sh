# shellcheck shell=bash disable=SC2034  # read by the scripts that source it
# Every tool version this project is built with, in one place. npm and Python packages are pinned by their own
# lock files: style/package-lock.json, end2end/package-lock.json, end2end/cloud/requirements.txt.

RUST_MINIMUM=1.96           # cargo-leptos and several crates need it; keep equal to rust-version in Cargo.toml
RUST_PINNED=1.96.0          # what rustup installs, beside yours, when the active toolchain is older

CARGO_LEPTOS_VERSION=0.3.11
CARGO_DENY_VERSION=0.20.2      # reads deny.toml: licences, duplicates, sources, advisories
WASM_BINDGEN_VERSION=0.2.130   # must be the version in Cargo.lock, or the generated glue does not fit the WASM

NODE_MINIMUM=20
PYTHON_MINIMUM=3.11
MONGOD_VERSION=6.0.5

# shellcheck shell=bash
# The Rust toolchain and the cargo tools.

RUSTUP_DIR=${RUSTUP_HOME:-$HOME/.rustup}

# Complete means: new enough, with clippy and rustfmt, and with a standard library for WASM of the same compiler.
have_rust() {
    local version sysroot
    version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || return 1
    version_at_least "${version%%-*}" "$RUST_MINIMUM" || return 1
    sysroot=$(rustc --print sysroot)
    [ -x "$sysroot/bin/cargo" ] && [ -x "$sysroot/bin/cargo-clippy" ] && [ -x "$sysroot/bin/cargo-fmt" ] || return 1
    compgen -G "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null || return 1
    # A std that we built ourselves is only good for the compiler it was built with.
    local stamp=$sysroot/lib/rustlib/wasm32-unknown-unknown/built-by-nephoscope
    [ ! -e "$stamp" ] || [ "$(cat "$stamp")" = "$(rustc --version)" ]
}

install_rust() {
    # NEPHOSCOPE_RUST=debian skips rustup, to try the second way.
    if [ "${NEPHOSCOPE_RUST:-rustup}" = rustup ] && command -v rustup >/dev/null; then
        if install_rust_with_rustup && have_rust; then return; fi
        say "rustup could not provide it (see above)."
    fi
    if is_debian_root; then
        install_rust_from_debian
        return
    fi
    fail "a Rust toolchain >= $RUST_MINIMUM with clippy, rustfmt and the target wasm32-unknown-unknown is needed:
    install rustup (see the Rust web site), then
    rustup toolchain install stable --component clippy --component rustfmt --target wasm32-unknown-unknown
Without rustup: a distribution's Rust >= $RUST_MINIMUM with its wasm32-unknown-unknown standard library, clippy and rustfmt."
}

install_rust_with_rustup() {
    local version
    version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || version=0
    if version_at_least "${version%%-*}" "$RUST_MINIMUM"; then
        bounded 300 rustup target add wasm32-unknown-unknown && bounded 300 rustup component add clippy rustfmt
        return
    fi
    say "The active toolchain ($version) is older than $RUST_MINIMUM: installing $RUST_PINNED beside it."
    bounded 600 rustup toolchain install "$RUST_PINNED" --no-self-update --profile minimal \
        --component clippy --component rustfmt --target wasm32-unknown-unknown || return 1
    use_toolchain "$(RUSTUP_TOOLCHAIN=$RUST_PINNED rustc --print sysroot)"
}

# Gives the toolchain in directory `$1` the name that scripts/env.sh looks for.
use_toolchain() {
    [ -L "$RUSTUP_DIR/toolchains/nephoscope" ] && rm "$RUSTUP_DIR/toolchains/nephoscope"
    rustup toolchain link nephoscope "$1"
    export RUSTUP_TOOLCHAIN=nephoscope
}

# Debian keeps a Rust new enough for its browsers. It has no WASM standard library, but its source, and the compiler
# can build that in a minute.
install_rust_from_debian() {
    local linker
    apt_install gcc libc6-dev rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web
    # rust-lld is a link to a versioned lld, which the package does not pull in.
    linker=$(readlink /usr/bin/rust-lld)
    apt_install "$(basename "$linker")"
    if command -v rustup >/dev/null; then use_toolchain /usr; fi
    hash -r
    build_wasm_std
}

build_wasm_std() {
    local build lib=/usr/lib/rustlib/wasm32-unknown-unknown/lib
    build=$(mktemp -d)
    mkdir -p "$build/src"
    : >"$build/src/lib.rs"
    printf '[package]\nname = "empty"\nedition = "2021"\n[profile.release]\npanic = "abort"\n' >"$build/Cargo.toml"
    (
        cd "$build" || exit
        unset CARGO_TARGET_DIR RUSTFLAGS
        RUSTC_BOOTSTRAP=1 cargo build --release --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort,proc_macro
    )
    rm -rf "$lib"
    mkdir -p "$lib"
    cp "$build"/target/wasm32-unknown-unknown/release/deps/*.rlib "$lib/"
    rm "$lib"/libempty-*.rlib 2>/dev/null || true
    rustc --version >"$lib/../built-by-nephoscope"
    rm -rf "$build"
}

# --- cargo tools -------------------------------------------------------------------------------------------------
# Unoptimised builds of the tools take a third of the time and run fast enough. They are built outside the checkout's
# target directory, in one that survives an interruption and is removed afterwards.
install_cargo_tool() { # install_cargo_tool NAME VERSION [cargo install options…]
    local name=$1 version=$2 dir=${1%-cli}
    shift 2
    (
        cd "$NEPHOSCOPE_CACHE" || exit
        unset RUSTFLAGS
        CARGO_TARGET_DIR=$NEPHOSCOPE_CACHE/tools/build CARGO_PROFILE_DEV_DEBUG=0 \
            cargo install "$name" --version "$version" "$@" --debug --force --root "$NEPHOSCOPE_CACHE/tools/$dir-$version"
    )
}

have_wasm_bindgen() {
    local locked
    locked=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
    [ "$locked" = "$WASM_BINDGEN_VERSION" ] ||
        fail "Cargo.lock has wasm-bindgen $locked: set WASM_BINDGEN_VERSION to it in scripts/versions.sh"
    [ -x "$NEPHOSCOPE_CACHE/tools/wasm-bindgen-$WASM_BINDGEN_VERSION/bin/wasm-bindgen" ]
}
# Its own lock file does not build any more, hence no --locked here.
install_wasm_bindgen() { install_cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION"; }

have_cargo_leptos() { [ -x "$NEPHOSCOPE_CACHE/tools/cargo-leptos-$CARGO_LEPTOS_VERSION/bin/cargo-leptos" ]; }
install_cargo_leptos() {
    install_cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" --locked
    rm -rf "$NEPHOSCOPE_CACHE/tools/build"
}

have_cargo_deny() { [ -x "$NEPHOSCOPE_CACHE/tools/cargo-deny-$CARGO_DENY_VERSION/bin/cargo-deny" ]; }
install_cargo_deny() {
    install_cargo_tool cargo-deny "$CARGO_DENY_VERSION" --locked
    rm -rf "$NEPHOSCOPE_CACHE/tools/build"
}

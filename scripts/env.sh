# shellcheck shell=bash
# The environment of every script here; source it in a shell to work by hand:  . scripts/env.sh
# It starts no program and reads no network, so sourcing it costs nothing.

NEPHOSCOPE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)
NEPHOSCOPE_CACHE=${NEPHOSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nephoscope}
export NEPHOSCOPE_ROOT NEPHOSCOPE_CACHE

# shellcheck source=scripts/versions.sh
. "$NEPHOSCOPE_ROOT/scripts/versions.sh"

# Our tools come first: cargo-leptos takes wasm-bindgen, wasm-opt and tailwindcss from PATH and would otherwise
# download its own.
for dir in \
    "$NEPHOSCOPE_ROOT/style/node_modules/.bin" \
    "$NEPHOSCOPE_CACHE/tools/wasm-bindgen-$WASM_BINDGEN_VERSION/bin" \
    "$NEPHOSCOPE_CACHE/tools/cargo-leptos-$CARGO_LEPTOS_VERSION/bin" \
    "$NEPHOSCOPE_CACHE/tools/cargo-deny-$CARGO_DENY_VERSION/bin"; do
    case ":$PATH:" in
        *":$dir:"*) ;;
        *) PATH=$dir:$PATH ;;
    esac
done
unset dir

# `scripts/setup rust` links a toolchain of this name only when the active one is too old or cannot build WASM.
if [ -e "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/nephoscope" ]; then
    export RUSTUP_TOOLCHAIN=nephoscope
fi

# The browser tests run on the system's browser.
if [ -z "${NEPHOSCOPE_CHROMIUM:-}" ]; then
    for file in /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome /snap/bin/chromium \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -x "$file" ]; then
            export NEPHOSCOPE_CHROMIUM=$file
            break
        fi
    done
    unset file
fi

# The AWS SDKs must never look for the credentials of the machine that builds or tests.
export AWS_EC2_METADATA_DISABLED=true
export PATH

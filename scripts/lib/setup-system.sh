# shellcheck shell=bash
# Programs that come from the system: a C compiler, curl, Node.js, Python, Chromium.

apt_updated=
apt_install() {
    if [ -z "$apt_updated" ]; then
        apt-get -o DPkg::Lock::Timeout=600 update -qq
        apt_updated=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" \
        </dev/null >/dev/null
}

# What is missing of the basics, as the words a person would search for; nothing when all is there.
missing_basics() {
    local missing=()
    command -v cc >/dev/null || missing+=("a C compiler (cc)")
    command -v make >/dev/null || missing+=(make)
    command -v curl >/dev/null || missing+=(curl)
    command -v git >/dev/null || missing+=(git)
    has_node || missing+=("Node.js >= $NODE_MINIMUM with npm")
    has_python || missing+=("Python >= $PYTHON_MINIMUM with venv")
    [ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
}

has_node() {
    command -v node >/dev/null && command -v npm >/dev/null && version_at_least "$(node --version | tr -d v)" "$NODE_MINIMUM"
}

has_python() {
    local version
    # Debian's python3 without python3-venv can import venv but not ensurepip.
    version=$(python3 -c 'import ensurepip, platform, venv; print(platform.python_version())' 2>/dev/null) &&
        version_at_least "$version" "$PYTHON_MINIMUM"
}

have_system() { [ -z "$(missing_basics)" ]; }
install_system() {
    if is_debian_root; then
        apt_install ca-certificates curl gcc g++ git libc6-dev make pkg-config python3 python3-venv
        has_node || apt_install nodejs npm
    fi
    local missing
    missing=$(missing_basics)
    [ -z "$missing" ] || fail "install these by hand, then run scripts/setup again:
$missing
On macOS: xcode-select --install; brew install node python
On Debian as root, setup installs what Debian has itself; for a newer Node.js see its web site."
}

# NEPHOSCOPE_CHROMIUM is set by scripts/env.sh when a browser is found in one of the usual places.
have_chromium() { [ -n "${NEPHOSCOPE_CHROMIUM:-}" ] && [ -x "$NEPHOSCOPE_CHROMIUM" ]; }
install_chromium() {
    is_debian_root || fail "no Chromium found: install Chromium or Chrome by hand, or name one with NEPHOSCOPE_CHROMIUM=<path>
(macOS: brew install --cask chromium; Debian and Ubuntu: sudo apt-get install chromium)"
    apt_install chromium fonts-dejavu-core
    NEPHOSCOPE_CHROMIUM=/usr/bin/chromium
}

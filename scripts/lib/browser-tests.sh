#!/usr/bin/env bash
# What scripts/test runs against a ready demo: the size of the first page, then the browser tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/env.sh
. scripts/lib/common.sh

playwright() {
    cd end2end
    # shellcheck disable=SC2086  # several arguments in one variable
    npx --no-install playwright test ${PLAYWRIGHT_ARGS:-}
}

stop_children_at_exit
run_step "first page size" node scripts/check-size.mjs
run_step playwright playwright
exit $FAILED

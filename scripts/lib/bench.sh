#!/usr/bin/env bash
# What scripts/bench runs against a ready demo.
set -euo pipefail
cd "$(dirname "$0")/../../end2end"
. ../scripts/env.sh
. ../scripts/lib/common.sh
exec "$(python_dir)/bin/python" -m bench

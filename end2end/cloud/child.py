"""What the MiniStack process runs: MiniStack, and an end with its parent.

Without the latter a killed parent would leave MiniStack on its port, and the next start would
find it busy. Only Linux offers this; elsewhere the parent's own care must do.
"""

from __future__ import annotations

import ctypes
import signal
import sys

from cloud import lambdas

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    """Run MiniStack until it or the parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    from ministack.app import main as ministack

    lambdas.install()
    ministack()


if __name__ == "__main__":
    main()

"""`python -m app`."""

import gc
import sys


def run() -> int:
    """Start the client."""
    # A thousand modules are read now, and nothing of them is garbage: looking for some takes a tenth of the start.
    # `shell/collector.py` takes the collecting over.
    gc.disable()
    from app.main import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())

"""`python -m server_stub.hsm`: state, speed, backup, restore and audit of the keys, on the server's machine."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))

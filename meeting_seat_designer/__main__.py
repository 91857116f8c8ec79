"""Command line of the seating designer: `python -m meeting_seat_designer --help`."""

import sys

from meeting_seat_designer.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

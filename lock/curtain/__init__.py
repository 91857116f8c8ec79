"""The curtain: takes every window of the client off the screen at once and keeps it off while locked."""

"""The parts of an official document (GB/T 9704-2012): found once, used by proofreading, key elements and receiving."""

"""The lock's log (3.2.3.1.8): hash-chained on disk, filtered and exported."""

"""应用锁 in the console: lock page, policy, everybody's log, forced locks (3.2.3.1, 3.2.3.5.2)."""

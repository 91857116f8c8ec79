"""The app lock (应用锁)."""

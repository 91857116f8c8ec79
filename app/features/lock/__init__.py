"""The app lock in the client: carries out what lock.policy decides (3.2.3.1)."""

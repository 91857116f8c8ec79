"""Key management for administrators: devices, keys, rotation, backup, emergency destruction, audit, algorithms (3.3.4)."""

"""Where the lock learns of idleness, the desktop's own lock, and sleep: small classes per platform."""

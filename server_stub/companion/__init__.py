"""Pages for a phone browser."""

"""The desktop client of 政钉."""

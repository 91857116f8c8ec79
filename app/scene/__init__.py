"""The scripted demonstration: two real clients with real windows on a real server, for a machine without a display."""

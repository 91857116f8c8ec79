"""The app lock on the server: commands to desktops, their state, the lock page, the log, the phone pages (3.2.3.1)."""

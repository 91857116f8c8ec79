"""Main window, navigation rail, tray, notifications."""

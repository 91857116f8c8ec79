"""The global hotkey (3.2.3.1.6): the platform's own registration, with conflicts said."""

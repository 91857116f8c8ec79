"""Supervises the bundled server: one process per data folder, shared by the profiles."""

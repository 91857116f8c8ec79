"""Engine, migrations and the unit of work."""

"""Administration of the directory: units, people, functional lines, visibility rules, how it is shown."""

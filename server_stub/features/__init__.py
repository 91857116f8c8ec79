"""One folder per feature: routes.py, service.py, tables.py."""

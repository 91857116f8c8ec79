"""In-memory stand-ins of the features' services, filled like an office: for pictures, the gallery and window tests."""

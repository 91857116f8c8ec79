"""Logs without secrets, metrics, health."""

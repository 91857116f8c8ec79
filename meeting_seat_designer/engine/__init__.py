"""Rooms, ranks, rules and the arranger: pure Python, no Qt."""

"""Arrangement: from people, rules and paths to a plan, and its later changes."""

"""Sensitive words: lists with kinds, and a matcher that sees through disguises."""

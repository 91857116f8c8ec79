"""Proofreading of official documents: rules with a level, a place, a reason and, where it is mechanical, the fix."""

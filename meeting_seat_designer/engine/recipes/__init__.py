"""Recipes: how a region makes its seats."""

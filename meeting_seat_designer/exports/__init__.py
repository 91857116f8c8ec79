"""Exports: plans, seat lists, sign-in sheets and name cards."""

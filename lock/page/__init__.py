"""The one page that every kind of lock shows (3.2.3.5.2)."""

"""Preferences of this computer and facts about the program (设置)."""

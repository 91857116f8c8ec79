"""Address book: units, people, person card (通讯录)."""

"""Units, people and posts: the address book (3.1.3.11)."""

"""公文: the document desk, intelligent receiving, and minutes (3.2.5.2, 3.2.4.4)."""

"""Import and export of the address book for administrators: choose a file, look through its rows, accept, write."""

"""Reading and writing people, ranks and rules as xlsx, csv and JSON."""

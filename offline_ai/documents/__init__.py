"""Files into text with its structure: titles, levels, paragraphs, table rows and their places."""

"""链接管控: the rules for links in messages."""

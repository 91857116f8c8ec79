"""The first start: the demo organisation, or the first administrator."""

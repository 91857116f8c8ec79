"""The drawn plan: items, painters, the view and its tools."""

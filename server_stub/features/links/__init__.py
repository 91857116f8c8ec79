"""Links in messages: the rules that administrators set, and what clients stopped."""

"""Qt widgets that know nothing of the product: theme, icons, controls, lists, chat."""

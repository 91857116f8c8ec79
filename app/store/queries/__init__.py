"""What is asked of the store: one small module per table, functions of a Reader or Writer."""

"""What a language model is for us, and who wrote an answer: a model or rules."""

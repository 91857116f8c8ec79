"""Finding passages: full text over segmented words, vectors where a model gives them, and only what may be seen."""

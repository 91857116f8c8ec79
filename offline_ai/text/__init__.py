"""Chinese text: normalisation, sentences, words, keywords, summary, numerals and dates."""

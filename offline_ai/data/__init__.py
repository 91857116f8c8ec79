"""Tables that ship with the package: sensitive words, synonyms, rules of proofreading."""

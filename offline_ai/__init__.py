"""Model-free language tools and the document desk's engine."""

"""Model-free language tools and the document desk's engine: no Qt, no server, no network, no model needed."""

"""Knowledge bases: documents of the organisation that the assistant may read for those who may see them."""

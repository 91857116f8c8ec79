"""Sealed files: chunks by digest, resumable, readable where a message names them."""

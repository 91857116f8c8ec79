"""The typed route table over Starlette: decoding, access, errors, OpenAPI."""

"""The assistant: questions answered by a model where the office has one, and by rules and excerpts everywhere."""

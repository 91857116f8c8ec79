"""Painted chat: the message list and the composer, ignorant of the product."""

"""Warnings (座位预警), each with an executable fix."""

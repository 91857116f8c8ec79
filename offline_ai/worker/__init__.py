"""The engines in a process of their own: the interface never waits, memory is given back, and cancelling is certain."""

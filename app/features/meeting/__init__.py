"""Meetings: the list of seating plans and the editor over each."""

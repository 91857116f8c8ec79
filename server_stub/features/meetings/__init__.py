"""Meeting rooms, meetings, seating plans, publication and check-in (3.1.6)."""

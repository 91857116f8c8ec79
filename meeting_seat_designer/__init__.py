"""Meeting rooms and the seating designer (会议排座)."""

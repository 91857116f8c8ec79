"""What belongs to one account alone: arrangement, relations, status, picture."""

"""The document model: rooms, layouts, seats, people, ranks, rules and plans."""

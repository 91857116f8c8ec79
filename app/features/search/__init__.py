"""Search over people, groups, units and messages (主搜)."""

"""What stands beside the plan: palette, people, inspector, seat details, warnings."""

"""What opens above the plan: import, rules, arranging, output, templates."""

"""组织与人员: units and people, functional lines, who sees whom, and how the address book is shown."""

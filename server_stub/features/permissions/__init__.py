"""Feature permissions (功能权限): what administrators give to units and people; denied where nothing is given."""

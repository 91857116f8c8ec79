"""The console's section 功能权限."""

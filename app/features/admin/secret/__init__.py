"""The console's section 密聊."""

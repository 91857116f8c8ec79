"""消息保留: how long messages are kept."""

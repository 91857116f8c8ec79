"""Secret chat (密聊): rooms of two, a key per message, burning by absolute time, retention and lawful access (3.1.1)."""

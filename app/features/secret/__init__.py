"""Secret chat (密聊) in the client: everything lives in memory and ends with the page (3.1.1)."""

"""The console's section of the assistant: providers, forbidden words and replies, quotas, usage."""

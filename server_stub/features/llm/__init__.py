"""The assistant's models: OpenAI-compatible endpoints over providers, with quotas, accounting and checked answers."""

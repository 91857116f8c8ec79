"""The lock policy: a pure state machine with an injected clock."""

"""Conversation list, conversation and its details (消息)."""

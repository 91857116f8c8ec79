"""The HSM adapter (GM/T 0018 shape), the software HSM and key management."""

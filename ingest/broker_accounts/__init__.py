"""Accounts of the broker with their rights to publish and subscribe, made from the registry (台帳)."""

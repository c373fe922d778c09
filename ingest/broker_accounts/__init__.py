"""Accounts in the broker, made from the registry (台帳): who may say and hear what, and the way to put it there."""

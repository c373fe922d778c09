"""The write path: what is stored in one transaction."""

"""How much this machine carries."""

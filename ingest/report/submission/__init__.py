"""Frozen submissions (提出版): numbered, signed, revised and verified."""

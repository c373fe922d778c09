"""The SQL of the check."""

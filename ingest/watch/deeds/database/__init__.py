"""The SQL of deeds."""

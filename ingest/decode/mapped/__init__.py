"""JSON of any vendor, read by a map that a profile carries."""

"""What the quality watch reads and writes."""

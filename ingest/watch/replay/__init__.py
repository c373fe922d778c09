"""Past days once more through the machine: what would have happened, and how it differs from what was recorded."""

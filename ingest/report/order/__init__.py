"""Reports that people order: each order is taken once, made by a process of its own, and kept as a draft."""

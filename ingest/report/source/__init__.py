"""What stands in reports: each source reads one subject from figures and answers cells by code."""

"""The API for programs: the same figures as the pages, as JSON."""

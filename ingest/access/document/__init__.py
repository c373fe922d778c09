"""Files of organisations, people, shares and readers: files -> document -> changes. Pure but for `database.py`."""

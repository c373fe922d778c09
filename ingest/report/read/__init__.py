"""Workbooks that come back: people's words are taken over, and a file with a changed figure is refused."""

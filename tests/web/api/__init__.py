"""The read API, over HTTP, on every tier."""

"""Finds what is wrong with this installation, and what to do about it. One table lists the checks."""

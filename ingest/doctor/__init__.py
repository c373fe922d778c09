"""What is wrong with this installation, and what to do about it: each check a small function, one table of them."""

"""監視: the pages of the watch."""

"""The Things Stack: uplinks, and its normalized payload."""

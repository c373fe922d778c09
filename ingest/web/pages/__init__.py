"""Pages for people: each module is one page."""

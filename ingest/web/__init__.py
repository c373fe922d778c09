"""Pages for people, an API for programs, and the service's own health, on one port."""

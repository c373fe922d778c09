"""The last wall: what a role of the database that belongs to one organisation, or to one request, can see at all."""

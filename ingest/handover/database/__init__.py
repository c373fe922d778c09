"""What a hand-over asks of the database and brings into it."""

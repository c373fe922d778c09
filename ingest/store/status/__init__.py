"""What the database is asked about itself: sizes, how long its disk lasts, whether it answers."""

"""Who is told of what was noticed, through which channel, and what came of it."""

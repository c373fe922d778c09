"""What was committed is watched: stages, quality, silence and airtime become events, and events reach people."""

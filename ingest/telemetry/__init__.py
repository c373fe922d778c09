"""What an operator sees of the service itself: metrics, health, logs."""

"""What operators see of the service itself: metrics, health, logs, certificates."""

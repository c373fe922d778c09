"""What every process needs, whatever it does: threads, waiting times, a watchdog, files that people hand over."""

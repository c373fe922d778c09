"""Sums by hour and by day, computed when their hour is over."""

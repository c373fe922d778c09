"""Schedules of reports and reminders: who wants which, and when they fall due."""

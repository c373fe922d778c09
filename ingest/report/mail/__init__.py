"""E-mails with reports and reminders: queued when they are due, each delivered once."""

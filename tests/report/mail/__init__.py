"""Tests of e-mails with reports and reminders, by real SMTP servers."""

"""The composition of the service: what runs beside what, and its orderly end."""

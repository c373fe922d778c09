"""Roles of the database that see the projects of one organisation: the readers of Grafana."""

"""What `noroshi doctor` asks the database beyond `noroshi db status`."""

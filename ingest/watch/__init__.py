"""What is watched so that somebody is told: silent devices, and how long the disk lasts."""

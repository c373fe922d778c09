"""What is watched so that an operator is told: silent devices, and how long the disk lasts."""

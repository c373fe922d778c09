"""The SQL of the outages: signs of life, the rows of outages, and hints at their causes."""

"""The SQL of silence. What a state is, is said by figures."""

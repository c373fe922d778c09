"""The SQL of people, sessions, links, tokens and attempts. Functions take a connection and make no decisions."""

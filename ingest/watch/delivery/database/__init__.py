"""The SQL of deliveries: what is read to decide who is told, the outbox, and links in messages."""

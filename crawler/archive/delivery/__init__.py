"""The outbox, recipients, deliveries, and the queries that collect a digest."""

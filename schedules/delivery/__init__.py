"""Send digests: the outbox, MIME and SMTP, chat channels, Atom feed files, delivery periods."""

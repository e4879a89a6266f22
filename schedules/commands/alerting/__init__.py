"""Commands for topics, their alerts, and the digests that report them."""

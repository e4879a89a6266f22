"""Assign stories to events, find stories that may report the same event, read events."""

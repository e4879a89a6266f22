"""Polling arithmetic: publication rate, poll interval, rechecks, silence detection, overlap. Pure."""

"""Delete what is no longer needed or wanted: remove articles on request, prune by age, measure sizes."""

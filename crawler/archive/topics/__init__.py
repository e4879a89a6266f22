"""Topic versions, matches, alerts, judgements and match retries."""

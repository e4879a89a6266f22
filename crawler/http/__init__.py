"""HTTP policy: robots.txt, Retry-After, private networks, failure reasons, the browser."""

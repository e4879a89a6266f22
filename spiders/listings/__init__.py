"""Find article links and the next page on an HTML listing."""

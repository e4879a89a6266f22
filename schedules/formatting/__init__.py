"""Turn text, times, links and highlighted sentences into output that is safe in plain text, HTML and XML."""

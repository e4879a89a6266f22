"""Find the article text: main block, standfirst, boilerplate, live blogs, the trafilatura fallback."""

"""Find the article text: main block, standfirst, boilerplate, live blogs, the trafilatura fallback.

May import pipelines.html, pipelines.dates and crawler.
"""

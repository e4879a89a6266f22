"""Find authors as people, organisations and agencies.

May import pipelines.html and crawler.
"""

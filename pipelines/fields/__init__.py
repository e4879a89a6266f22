"""The remaining fields: title, metadata, access (paywall, bot wall, consent wall), selectors of a source.

May import pipelines.html, pipelines.dates and crawler.
"""

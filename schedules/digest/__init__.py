"""Collect alerts and source problems into a digest and render it as text and HTML."""

"""The ground floor of Wirewatch: types, configuration, politeness, the archive. Imports nothing else of ours."""

__version__ = "0.1.0"

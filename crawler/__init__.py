"""The ground floor of Wirewatch: types, configuration, politeness, the archive."""

__version__ = "0.1.0"

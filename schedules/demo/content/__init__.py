"""The articles of the four fictional demo outlets.

Imports only schedules.demo.
"""

"""Code shared by all commands: arguments, time ranges, terminal output, error messages and exit codes.

May import schedules.formatting and crawler.
"""

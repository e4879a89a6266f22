"""What every command shares: arguments, time ranges, terminal output, error messages and exit codes.

May import schedules.formatting and crawler.
"""

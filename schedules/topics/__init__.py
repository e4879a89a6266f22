"""The flag job, backtests, topic advice and the alert history that decides what was already reported.

May import schedules.formatting, schedules.cli and crawler.
"""

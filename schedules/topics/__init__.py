"""The flag job, backtests, the state of topics and advice about their queries."""

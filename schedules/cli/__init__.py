"""Code shared by all commands: arguments, time ranges, terminal output, error messages and exit codes."""

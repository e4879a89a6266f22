"""What runs by the clock and on the command line: commands, flagging, digests, the monitor."""

"""Child processes with CPU and wall-clock limits that parse untrusted bytes."""

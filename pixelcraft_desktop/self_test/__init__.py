"""Self-test: whether this copy of the program can do all it is there for, on this machine."""

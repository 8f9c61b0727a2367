"""Containers: what the bytes around the pixels say, format by format, read within bounds."""

"""Runs imaging in killable child processes: deadline, memory limit, progress, cancel."""

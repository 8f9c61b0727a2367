"""Batches while they run, and what is said of each when it is done."""

"""Pixels in, pixels out: pure functions on Pillow, without database, queue or window."""

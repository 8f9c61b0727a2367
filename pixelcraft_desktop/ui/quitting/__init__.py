"""Quitting while pictures are being worked on: the question, the wait, and the tray."""

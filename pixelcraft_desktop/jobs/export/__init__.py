"""Saves results into a folder of the user's: copies under the source's name, nothing replaced."""

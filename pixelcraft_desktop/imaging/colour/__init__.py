"""Colour: what a file claims its numbers mean, and the way from there to sRGB."""

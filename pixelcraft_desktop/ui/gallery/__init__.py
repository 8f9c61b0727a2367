"""The gallery: the pictures in a grid, however many there are."""

"""What a picture says about itself: found, read, joined, cut to a size."""

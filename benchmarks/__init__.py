"""What PixelCraft costs, beside a baseline in the same run."""

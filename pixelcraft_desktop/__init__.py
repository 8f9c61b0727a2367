"""PixelCraft Desktop: thumbnails, previews and metadata for thousands of pictures."""

__version__ = "0.1.0"

"""How long the rest takes: from megapixels and what each format cost of late. Pure arithmetic."""

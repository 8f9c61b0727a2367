"""Shows the catalog, asks by signal. PySide6; knows no queue, no decoder, no thread of theirs."""

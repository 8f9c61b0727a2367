"""The only truth: images, jobs, attempts and renditions in SQLite. Schema: docs/catalog.md."""

"""The catalog's tables, as recorded migrations. Explained in docs/catalog.md."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database, Migrations

from pixelcraft_desktop.catalog.database import connect

migrations = Migrations("pixelcraft")


class CatalogTooNew(Exception):
    """The catalog was made by a newer PixelCraft; it is left untouched."""


@migrations()
def m001_images_and_jobs(db: Database) -> None:
    """Make the tables of the main job."""
    db.executescript(_M001)


@migrations()
def m002_window(db: Database) -> None:
    """Make what a window needs: removal with undo, scans that survive, schedules."""
    db.executescript(_M002)


@migrations()
def m003_notes(db: Database) -> None:
    """Make room for what was lost or assumed in a picture."""
    db.execute("ALTER TABLE images ADD COLUMN notes TEXT")


@migrations()
def m004_salvage(db: Database) -> None:
    """Make room for damaged pictures of which what is readable is shown."""
    db.execute(
        "ALTER TABLE jobs ADD COLUMN salvage INTEGER NOT NULL DEFAULT 0 CHECK (salvage IN (0, 1))"
    )
    db.execute(
        "ALTER TABLE renditions ADD COLUMN is_damaged INTEGER NOT NULL DEFAULT 0 "
        "CHECK (is_damaged IN (0, 1))"
    )


# No table is WITHOUT ROWID: SQLite before 3.41 then finds NULLs in it that are not there
# (PRAGMA integrity_check), and people look into the catalog with whatever they have.
_M001 = """
CREATE TABLE revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES (1, 0);

CREATE TABLE control (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    scanned_at TEXT,
    imported INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL
) STRICT;

CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    source TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 TEXT,
    format TEXT,
    width INTEGER,
    height INTEGER,
    mode TEXT,
    bit_depth INTEGER,
    metadata TEXT,
    added_at TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX images_sha256 ON images (sha256);
CREATE INDEX images_revision ON images (revision);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    recipe TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled')),
    token INTEGER NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    stage TEXT,
    cause TEXT,
    message TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    run_at TEXT,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_image ON jobs (image_id, id);
CREATE INDEX jobs_batch ON jobs (batch_id, state);
CREATE INDEX jobs_order ON jobs (state, priority DESC, id);
CREATE INDEX jobs_revision ON jobs (revision);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    stage TEXT,
    cause TEXT,
    message TEXT,
    traceback TEXT,
    peak_memory_bytes INTEGER,
    UNIQUE (job_id, number)
) STRICT;

CREATE TABLE renditions (
    id INTEGER PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    recipe TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    UNIQUE (image_id, name),
    UNIQUE (name, file)
) STRICT;

CREATE TABLE removals (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (kind, row_id)
) STRICT;
CREATE INDEX removals_revision ON removals (revision);
"""

_M002 = """
ALTER TABLE images ADD COLUMN removed_at TEXT;
CREATE INDEX images_removed ON images (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE batch_paths (
    id INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    path BLOB NOT NULL
) STRICT;
CREATE INDEX batch_paths_batch ON batch_paths (batch_id);
CREATE INDEX batches_unscanned ON batches (id) WHERE scanned_at IS NULL;
CREATE INDEX batches_revision ON batches (revision);

CREATE TABLE batch_followers (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, batch_id)
) STRICT;
CREATE INDEX batch_followers_batch ON batch_followers (batch_id);

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    next_run TEXT,
    last_run TEXT,
    outcome TEXT,
    revision INTEGER NOT NULL
) STRICT;
"""


def migrate(db: Database, path: Path) -> None:
    """Bring the catalog to this version, after copying one that holds something.

    Raises CatalogTooNew. Safe where several processes start at once: one does it.
    """
    known = {migration.name for migration in migrations._migrations}
    db.execute("BEGIN IMMEDIATE")
    try:
        applied = {migration.name for migration in migrations.applied(db)}
        if applied - known:
            raise CatalogTooNew(
                f"{path} was made by a newer PixelCraft. It was left as it is; "
                "please install that version or a later one."
            )
        if applied and applied != known:
            _copy_aside(path)
        migrations.apply(db)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def _copy_aside(path: Path) -> None:
    """Keep the catalog as it was before a migration, as SQLite itself copies it."""
    source = connect(path)
    copy = connect(path.with_name(path.name + ".before-upgrade"))
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()

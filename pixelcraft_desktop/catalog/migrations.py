"""The catalog's tables, as recorded migrations. Explained in docs/catalog.md."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("pixelcraft")


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


@migrations()
def m005_retry_and_events(db: Database) -> None:
    """Make room for retries that wait, crashes that are remembered, and every transition."""
    db.executescript(_M005)


@migrations()
def m006_daily_totals(db: Database) -> None:
    """Make room for what each day brought."""
    db.executescript(_M006)


@migrations()
def m007_turns(db: Database) -> None:
    """Let batches take turns, and keep what an import asked for its jobs."""
    db.executescript(_M007)


@migrations()
def m008_totals(db: Database) -> None:
    """Keep counts of jobs, and only the indexes that a transition is worth."""
    db.executescript(_M008)


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

# Triggers, so that no way of changing a job can forget its event or write it twice. `events` has
# no foreign keys: what happened outlives the image it happened to, until retention takes it.
_M005 = """
ALTER TABLE jobs ADD COLUMN reason TEXT;
ALTER TABLE jobs ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN lone INTEGER NOT NULL DEFAULT 0 CHECK (lone IN (0, 1));
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'delayed';
CREATE INDEX jobs_suspect ON jobs (state, priority DESC, id) WHERE suspect > 0;
CREATE INDEX jobs_lone ON jobs (state, priority DESC, id) WHERE lone = 1;
CREATE INDEX jobs_missing ON jobs (id) WHERE state = 'failed' AND cause = 'source_missing';
ALTER TABLE attempts ADD COLUMN duration_ms INTEGER;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    old_state TEXT,
    new_state TEXT NOT NULL,
    reason TEXT,
    attempt INTEGER NOT NULL,
    cause TEXT
) STRICT;
CREATE INDEX events_job ON events (job_id, id);
CREATE INDEX events_at ON events (at);

CREATE TRIGGER jobs_recorded AFTER INSERT ON jobs BEGIN
    INSERT INTO events (job_id, image_id, batch_id, at, old_state, new_state, reason, attempt,
        cause)
    VALUES (NEW.id, NEW.image_id, NEW.batch_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL,
        NEW.state, NEW.reason, NEW.attempt, NEW.cause);
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN OLD.state IS NOT NEW.state BEGIN
    INSERT INTO events (job_id, image_id, batch_id, at, old_state, new_state, reason, attempt,
        cause)
    VALUES (NEW.id, NEW.image_id, NEW.batch_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), OLD.state,
        NEW.state, NEW.reason, NEW.attempt, NEW.cause);
END;
"""

# Each attempt is counted once, by a mark of its own: a clock that jumps can't hide one behind a
# date. Those of an image that is purged before its day is over are kept apart until then.
_M006 = """
ALTER TABLE attempts ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 0 CHECK (is_counted IN (0, 1));
CREATE INDEX attempts_uncounted ON attempts (finished_at) WHERE is_counted = 0;

CREATE TABLE daily_totals (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    format TEXT NOT NULL,
    cause TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (day, format, cause)
) STRICT;

CREATE TABLE purged_attempts (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    duration_ms INTEGER,
    format TEXT,
    cause TEXT,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL
) STRICT;

CREATE TRIGGER images_purged BEFORE DELETE ON images BEGIN
    INSERT INTO purged_attempts (started_at, finished_at, duration_ms, format, cause, bytes_in,
        bytes_out)
    SELECT a.started_at, a.finished_at, a.duration_ms, OLD.format, a.cause, OLD.size_bytes,
        CASE WHEN a.cause IS NULL THEN (SELECT coalesce(sum(size_bytes), 0) FROM renditions
            WHERE image_id = OLD.id) ELSE 0 END
    FROM jobs j JOIN attempts a ON a.job_id = j.id
    WHERE j.image_id = OLD.id AND a.is_counted = 0;
END;
"""

# The next batch to have its turn, and its first job, are one seek each in this index.
_M007 = """
CREATE INDEX jobs_turn ON jobs (priority DESC, batch_id, id) WHERE state = 'waiting';
ALTER TABLE batches ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN run_at TEXT;
"""

# Counting 100,000 rows takes 10 ms, so the counts are kept, in the trigger that is there anyway.
# Most jobs are completed, and are in none of the indexes by state: each costs every transition two
# pages. Those that had their time go first, in its order; '~' comes after every date.
_M008 = """
DROP INDEX jobs_order;
DROP INDEX jobs_batch;
DROP INDEX jobs_turn;
DROP INDEX jobs_missing;
DROP INDEX images_sha256;
DROP INDEX events_at;
CREATE INDEX jobs_batch ON jobs (batch_id);
CREATE INDEX jobs_active ON jobs (image_id) WHERE state = 'active';
CREATE INDEX jobs_failed ON jobs (cause, id) WHERE state = 'failed';
CREATE INDEX jobs_order ON jobs (priority DESC, coalesce(run_at, '~'), id)
    WHERE state = 'waiting';
CREATE INDEX jobs_turn ON jobs (priority DESC, batch_id, coalesce(run_at, '~'), id)
    WHERE state = 'waiting';

CREATE TABLE totals (
    batch_id INTEGER PRIMARY KEY,
    waiting INTEGER NOT NULL DEFAULT 0,
    delayed INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO totals
SELECT batch_id, sum(state = 'waiting'), sum(state = 'delayed'), sum(state = 'active'),
    sum(state = 'completed'), sum(state = 'failed'), sum(state = 'cancelled')
FROM jobs GROUP BY batch_id;

DROP TRIGGER jobs_recorded;
DROP TRIGGER jobs_moved;
CREATE TRIGGER jobs_recorded AFTER INSERT ON jobs BEGIN
    INSERT INTO events (job_id, image_id, batch_id, at, old_state, new_state, reason, attempt,
        cause)
    VALUES (NEW.id, NEW.image_id, NEW.batch_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL,
        NEW.state, NEW.reason, NEW.attempt, NEW.cause);
    INSERT OR IGNORE INTO totals (batch_id) VALUES (NEW.batch_id);
    UPDATE totals SET waiting = waiting + (NEW.state = 'waiting'),
        delayed = delayed + (NEW.state = 'delayed'), active = active + (NEW.state = 'active'),
        completed = completed + (NEW.state = 'completed'), failed = failed + (NEW.state = 'failed'),
        cancelled = cancelled + (NEW.state = 'cancelled')
    WHERE batch_id = NEW.batch_id;
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN OLD.state IS NOT NEW.state BEGIN
    INSERT INTO events (job_id, image_id, batch_id, at, old_state, new_state, reason, attempt,
        cause)
    VALUES (NEW.id, NEW.image_id, NEW.batch_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), OLD.state,
        NEW.state, NEW.reason, NEW.attempt, NEW.cause);
    UPDATE totals SET waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
        delayed = delayed + (NEW.state = 'delayed') - (OLD.state = 'delayed'),
        active = active + (NEW.state = 'active') - (OLD.state = 'active'),
        completed = completed + (NEW.state = 'completed') - (OLD.state = 'completed'),
        failed = failed + (NEW.state = 'failed') - (OLD.state = 'failed'),
        cancelled = cancelled + (NEW.state = 'cancelled') - (OLD.state = 'cancelled')
    WHERE batch_id = NEW.batch_id;
END;
CREATE TRIGGER jobs_forgotten AFTER DELETE ON jobs BEGIN
    UPDATE totals SET waiting = waiting - (OLD.state = 'waiting'),
        delayed = delayed - (OLD.state = 'delayed'), active = active - (OLD.state = 'active'),
        completed = completed - (OLD.state = 'completed'), failed = failed - (OLD.state = 'failed'),
        cancelled = cancelled - (OLD.state = 'cancelled')
    WHERE batch_id = OLD.batch_id;
END;
"""

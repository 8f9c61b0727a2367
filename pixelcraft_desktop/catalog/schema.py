"""The schema of the catalog: brought to this version, or left untouched where it is a newer one."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from pixelcraft_desktop.catalog.database import DatabaseError, connect, peek
from pixelcraft_desktop.catalog.migrations import migrations


class CatalogTooNew(Exception):
    """The catalog was made by a newer PixelCraft; it is left untouched."""


def migrate(db: Database, path: Path) -> None:
    """Bring the catalog to this version, after copying one that holds something.

    Raises CatalogTooNew. Safe where several processes start at once: one does it.
    """
    known = {migration.name for migration in migrations._migrations}
    if {migration.name for migration in migrations.applied(db)} == known:
        return  # without a lock, which somebody may hold for long
    db.execute("BEGIN IMMEDIATE")
    try:
        applied = {migration.name for migration in migrations.applied(db)}
        _require_known(applied, path)
        if applied and applied != known:
            _copy_aside(path)
        migrations.apply(db)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def refuse_newer(path: Path) -> None:
    """Raise CatalogTooNew for a catalog of a newer version, before anything touches it."""
    if not path.exists():
        return
    try:
        connection = peek(path)
        try:
            rows = connection.execute(
                "SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (migrations.name,)
            ).fetchall()
        finally:
            connection.close()
    except DatabaseError:
        return  # new, damaged, or being written to: opening it will tell
    _require_known({row[0] for row in rows}, path)


def _require_known(applied: set[str], path: Path) -> None:
    known = {migration.name for migration in migrations._migrations}
    if applied - known:
        raise CatalogTooNew(
            f"{path} was made by a newer PixelCraft. It was left as it is; "
            "please install that version or a later one."
        )


def _copy_aside(path: Path) -> None:
    """Keep the catalog as it was before a migration, as SQLite itself copies it."""
    source = connect(path)
    copy = connect(path.with_name(path.name + ".before-upgrade"))
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()

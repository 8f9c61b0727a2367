"""The program's first lines, kept light because every decoder child imports them again."""


def main() -> None:
    """Run the command line."""
    # A spawned decoder re-imports the main module. Imported at the top, the command line
    # would load Huey and SQLite into every one of them (about 0.2 s and 25 MB a child).
    from pixelcraft_desktop.cli import run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()

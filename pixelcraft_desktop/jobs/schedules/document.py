"""A document of sections, as Markdown and as HTML. What comes from outside can't act in either."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pixelcraft_desktop.filenames import printable

_LONGEST_NAME = 400
# All that means something to Markdown within a line; `&` and `<` would begin HTML.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|!~&]")
# No script, no picture, nothing from elsewhere: a report is read where it lies, or in a mail.
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ --page: #F6F7F9; --base: #FFFFFF; --line: #D5D9E0; --text: #1B1F26; --muted: #5A6372; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #16191F; --base: #1D2129; --line: #3A414E; --text: #E8EBF0; --muted: #A3ADBD; }}
}}
body {{ background: var(--page); color: var(--text); margin: 0;
  font: 16px/1.5 system-ui, sans-serif; }}
main {{ max-width: 42rem; margin: 24px auto; padding: 8px 24px 24px; background: var(--base);
  border: 1px solid var(--line); border-radius: 6px; }}
h1 {{ font-size: 1.5rem; font-weight: 600; }}
h2 {{ font-size: 1.1rem; font-weight: 600; margin-top: 24px; }}
p.lead {{ color: var(--muted); }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: right; padding: 4px 8px; border-bottom: 1px solid var(--line); }}
th:first-child, td:first-child {{ text-align: left; }}
th {{ color: var(--muted); font-weight: normal; }}
li {{ margin: 4px 0; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
"""


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first column is text, the others are numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Named:
    """A file's name, from outside, and what is said of it."""

    name: str
    text: str


@dataclass(frozen=True)
class Section:
    """A heading with sentences, then a table, then names."""

    title: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    names: Sequence[Named] = ()


@dataclass(frozen=True)
class Document:
    """A title, a line below it, and sections."""

    title: str
    lead: str
    sections: Sequence[Section]


def to_markdown(document: Document) -> str:
    """Return the document as Markdown that also reads well as it is."""
    return "\n".join(_markdown_lines(document))


def to_html(document: Document) -> str:
    """Return the document as one HTML page that needs nothing else."""
    head = _HEAD.format(title=_text(document.title))
    return head + "\n".join(_html_lines(document)) + "\n</main>\n</body>\n</html>\n"


def _markdown_lines(document: Document) -> Iterator[str]:
    yield from (f"# {_escaped(document.title)}", "", _escaped(document.lead), "")
    for section in document.sections:
        yield from (f"## {_escaped(section.title)}", "")
        for sentence in section.sentences:
            yield from (_escaped(sentence), "")
        if section.table is not None:
            yield _row(section.table.head)
            yield _row([":--", *["--:"] * (len(section.table.head) - 1)])
            yield from (_row([_escaped(cell) for cell in row]) for row in section.table.rows)
            yield ""
        for named in section.names:
            yield f"- {_code(_short(named.name))}: {_escaped(named.text)}"
        if section.names:
            yield ""


def _html_lines(document: Document) -> Iterator[str]:
    yield f"<h1>{_text(document.title)}</h1>"
    yield f'<p class="lead">{_text(document.lead)}</p>'
    for section in document.sections:
        yield f"<h2>{_text(section.title)}</h2>"
        yield from (f"<p>{_text(sentence)}</p>" for sentence in section.sentences)
        if section.table is not None:
            yield "<table>"
            yield f"<tr>{''.join(f'<th>{_text(cell)}</th>' for cell in section.table.head)}</tr>"
            for row in section.table.rows:
                yield f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>"
            yield "</table>"
        if section.names:
            yield "<ul>"
            for named in section.names:
                yield f"<li><code>{_text(_short(named.name))}</code>: {_text(named.text)}</li>"
            yield "</ul>"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", printable(text))


def _code(text: str) -> str:
    """Return the text between more backticks than it holds in a row: nothing in it means more."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}"


def _text(text: str) -> str:
    return html.escape(printable(text))


def _short(name: str) -> str:
    """Return the name on one line; of a long one, both ends."""
    text = printable(name)
    half = _LONGEST_NAME // 2
    return text if len(text) <= _LONGEST_NAME else f"{text[:half]}…{text[-half:]}"

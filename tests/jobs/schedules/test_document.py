"""A document in Markdown and HTML: plain to read, and deaf to what a file's name says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.jobs.schedules.document import (
    Document,
    Named,
    Section,
    Table,
    to_html,
    to_markdown,
)

HOSTILE = [
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>.jpg',
    "a`b``c.jpg",
    "`",
    "![x](http://example.org/x.png).jpg",
    "[x](javascript:alert(1)).jpg",
    "a\n\n# Not a heading\n.jpg",
    "\u202egpj.exe",
    "&lt;b&gt;.jpg",
    "a|b|c.jpg",
    "\x1b[31mred.jpg",
    "\ud800.jpg",
    "{title}%s.jpg",
]


def document(name: str) -> Document:
    table = Table(("Reason", "Pictures"), [("The file is empty.", "1,204")])
    return Document("Week", "From to", [Section("Failed", ["One."], table, [Named(name, "Gone.")])])


class Reader(HTMLParser):
    """The elements of a page, and the text of its code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.code = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["code"]:
            self.code += data


def read(name: str) -> Reader:
    reader = Reader()
    reader.feed(to_html(document(name)))
    return reader


def test_markdown_reads_well_as_it_is() -> None:
    assert to_markdown(document("/home/me/IMG_1.jpg")).splitlines() == [
        *("# Week", "", "From to", "", "## Failed", "", "One.", ""),
        *("| Reason | Pictures |", "| :-- | --: |", "| The file is empty. | 1,204 |", ""),
        "- `/home/me/IMG_1.jpg`: Gone.",
    ]


def test_a_page_needs_nothing_else() -> None:
    page = to_html(document("a.jpg"))
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "<td>1,204</td>" in page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(name: str) -> None:
    assert read(name).tags == read("a.jpg").tags
    lines = to_markdown(document(name)).splitlines()
    assert len(lines) == len(to_markdown(document("a.jpg")).splitlines())
    assert all(line.isprintable() for line in lines)


@given(st.text(min_size=1, max_size=300))
def test_no_name_gets_out_of_its_place(name: str) -> None:
    assert read(name).tags == read("a.jpg").tags
    (line,) = (text for text in to_markdown(document(name)).split("\n") if text.startswith("- "))
    fence = re.match(r"- (`+)", line)
    assert fence is not None
    assert len(re.findall(rf"(?<!`){fence[1]}(?!`)", line)) == 2
    assert line.endswith(": Gone.")


def test_of_a_long_name_both_ends_are_shown() -> None:
    code = read("/a" * 5_000 + "end.jpg").code
    assert code.startswith("/a/a")
    assert "…" in code
    assert code.endswith("end.jpg: Gone.") or "end.jpg" in code
    assert len(code) < 450

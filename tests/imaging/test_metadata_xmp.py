"""XMP is read however it is written, and nothing it says can grow or fetch."""

from __future__ import annotations

import time

import pytest
from metadata_files import NAMES, XMP_FACTS, packet, xmp

from pixelcraft_desktop.imaging.metadata.reading import MOST_BLOCK_BYTES, Reading
from pixelcraft_desktop.imaging.metadata.xmp import read_xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (c, b"&%c;" % (c - 1) * 10) for c in range(98, 108))
    + b"]><x>&k;</x>"
)


def test_everything_told_is_read() -> None:
    assert read_xmp(xmp()) == Reading(XMP_FACTS)


@pytest.mark.parametrize(
    "block",
    [
        xmp() + b"\0",
        b"\n" + xmp() + bytes(2_000),
        xmp() + b" " * 2_000,
        xmp().partition(b"?>")[2].rpartition(b"<?")[0],
        xmp().replace(b"rdf:", b"r:").replace(b"xmlns:rdf", b"xmlns:r"),
        xmp().replace(b"dc:", b"core:").replace(b"xmlns:dc", b"xmlns:core"),
        xmp().replace(b'<x:xmpmeta xmlns:x="adobe:ns:meta/">', b"").replace(b"</x:xmpmeta>", b""),
        xmp().replace(b'encoding="', b'encoding="utf-7'),
    ],
)
def test_its_dress_is_no_matter(block: bytes) -> None:
    assert read_xmp(block) == Reading(XMP_FACTS)


@pytest.mark.parametrize(
    ("properties", "title"),
    [
        ("<dc:title>plain</dc:title>", "plain"),
        ("<dc:title><rdf:Alt><rdf:li>only</rdf:li></rdf:Alt></dc:title>", "only"),
        (
            '<dc:title><rdf:Alt><rdf:li xml:lang="fr">un</rdf:li>'
            '<rdf:li xml:lang="de">eins</rdf:li></rdf:Alt></dc:title>',
            "un",
        ),
        ("<dc:title><rdf:Alt><rdf:li/></rdf:Alt></dc:title>", None),
        ("<dc:title/>", None),
        ("<dc:title> </dc:title>", None),
        ("<dc:title><rdf:Alt><rdf:li> </rdf:li><rdf:li>2</rdf:li></rdf:Alt></dc:title>", "2"),
        ("<dc:title><rdf:Alt><rdf:li xml:lang='de'>de</rdf:li></rdf:Alt></dc:title>", None),
        ("<dc:title><dc:other>x</dc:other></dc:title>", None),
        ('<other xmlns="http://example.com/"><dc:title>inner</dc:title></other>', None),
        ('<title xmlns="http://example.com/dc/elements/1.1/">not it</title>', None),
    ],
)
def test_titles(properties: str, title: str | None) -> None:
    assert read_xmp(packet(properties)) == Reading({"title": title} if title else {})


def test_properties_may_be_attributes_and_lie_in_several_descriptions() -> None:
    second = f'</rdf:Description><rdf:Description {NAMES} dc:title="t" xmp:Rating="2">'
    facts = read_xmp(packet(second, 'dc:description="c"')).facts
    assert facts == {"title": "t", "caption": "c", "rating": 2}


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        *[("0", 0), ("-1", -1), ("5", 5), ("3.0", 3), ("2.5", 2.5), (" 4 ", 4)],
        *[("6", None), ("-2", None), ("nan", None), ("inf", None), ("", None), ("good", None)],
    ],
)
def test_a_rating_is_one_to_five_or_none_or_rejected(text: str, rating: float | None) -> None:
    for block in (packet("", f'xmp:Rating="{text}"'), packet(f"<xmp:Rating>{text}</xmp:Rating>")):
        assert read_xmp(block).facts.get("rating") == rating


@pytest.mark.parametrize(
    ("text", "taken_at"),
    [
        ("2024-02-29T23:59:58.123-03:30", "2024-02-29T23:59:58.123-03:30"),
        ("2024-02-29T23:59Z", "2024-02-29T23:59:00+00:00"),
        ("2024-02-29", None),
        ("2024-02-30T00:00:00", None),
        ("2024-W09-4T00:00", None),
    ],
)
def test_a_time_is_a_time_or_left_out(text: str, taken_at: str | None) -> None:
    for name in ("photoshop:DateCreated", "exif:DateTimeOriginal"):
        assert read_xmp(packet("", f'{name}="{text}"')).facts.get("taken_at") == taken_at


@pytest.mark.parametrize(
    "block",
    [
        b"garbage",
        b"<",
        b"<x>",
        b"<x/>",
        xmp()[:-60],
        xmp().replace(b"</dc:title>", b""),
        xmp().replace(b"boats", b"b\xffts"),
        BOMB,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        xmp().replace(b"<x:xmpmeta", b'<!DOCTYPE x [<!ENTITY t SYSTEM "/etc/passwd">]><x:xmpmeta'),
        packet("<dc:title>" + "<a>" * 100 + "</a>" * 100 + "</dc:title>"),
        packet("<a>" * 100_000 + "</a>" * 100_000),
    ],
)
def test_what_is_none_is_refused(block: bytes) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        read_xmp(block)


@pytest.mark.parametrize("block", [b"", b"\0\0", b" \n"])
def test_nothing_is_nothing(block: bytes) -> None:
    assert read_xmp(block) == Reading()


@pytest.mark.parametrize(
    "rest",
    [
        "<a/>" * 400_000,
        '<x y="1"/>' * 400_000,
        "x" * 5_000_000,
        "&amp;" * 1_000_000,
        "\n" * 3_000_000,
        f"<dc:subject><rdf:Bag>{'<rdf:li>x</rdf:li>' * 200_000}</rdf:Bag></dc:subject>",
        "</rdf:Description><rdf:Description>" * 100_000,
    ],
)
def test_no_end_is_no_matter(rest: str) -> None:
    """5 MB of anything take under a second, and what came first still counts."""
    block = packet("<dc:title>first</dc:title>" + rest)
    begun = time.process_time()
    reading = read_xmp(block)
    assert time.process_time() - begun < 1
    assert reading.is_cut
    assert len(block) > MOST_BLOCK_BYTES
    assert reading.facts["title"] == "first"


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f'a{n}="1"' for n in range(100_000)),
        " ".join(f'xmlns:a{n}="http://example.com/{n}"' for n in range(30_000)),
    ],
)
def test_attributes_without_end_are_no_matter(attributes: str) -> None:
    begun = time.process_time()
    try:
        read_xmp(packet("<dc:title>t</dc:title>", attributes[: MOST_BLOCK_BYTES * 2]))
    except SyntaxError:
        pass  # cut within a word
    assert time.process_time() - begun < 1


def test_more_in_an_extension_is_told_to_be_left_out() -> None:
    space = "http://ns.adobe.com/xmp/note/"
    block = xmp().replace(b"<rdf:Description", b'<rdf:Description n:HasExtendedXMP="A1"', 1)
    block = block.replace(b"<rdf:RDF", f'<rdf:RDF xmlns:n="{space}"'.encode(), 1)
    assert read_xmp(block) == Reading(XMP_FACTS, is_cut=True)

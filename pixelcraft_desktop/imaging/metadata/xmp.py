"""What XMP tells (ISO 16684-1): title, caption, keywords, rating, creator, copyright, date."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from defusedxml.ElementTree import XMLParser

from pixelcraft_desktop.imaging.metadata.reading import MOST_BLOCK_BYTES, Reading, told
from pixelcraft_desktop.imaging.metadata.times import iso_time

_MOST_ELEMENTS = 50_000  # 0.2 s; develop settings with many masks have some thousands
_DEEPEST = 64
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_EXTENSION = "{http://ns.adobe.com/xmp/note/}HasExtendedXMP"  # more of it, in further segments
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTAINERS = {f"{_RDF}Alt", f"{_RDF}Bag", f"{_RDF}Seq"}
_LOWEST_RATING, _HIGHEST_RATING = -1, 5  # -1: rejected


class _Full(Exception):
    """More elements than are looked at."""


class _Tree:
    """Builds the tree, and stops where it grows without end."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise _Full
        if len(self._open) >= _DEEPEST:
            raise ValueError("nested too deeply")
        element = Element(tag, attributes)
        if self._open:
            self._open[-1].append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        # What comes after a child is the space between two of them.
        if self._open and not len(self._open[-1]):
            self._open[-1].text = (self._open[-1].text or "") + text


def read_xmp(block: bytes) -> Reading:
    """Read a packet. Raises ValueError, SyntaxError or others where it is none.

    Document types are refused, and with them entities that grow or fetch: XMP has none.
    """
    packet = block.strip(b"\0 \t\r\n")
    if not packet:
        return Reading()
    tree = _Tree()
    parser = XMLParser(target=tree, encoding="utf-8", forbid_dtd=True)
    is_cut = len(packet) > MOST_BLOCK_BYTES
    try:
        parser.feed(packet[:MOST_BLOCK_BYTES])
        if not is_cut:
            parser.close()
    except _Full:
        is_cut = True
    descriptions = _descriptions(tree.root)
    is_cut = is_cut or any(_values(each, _EXTENSION) for each in descriptions)
    return Reading(_facts(descriptions), is_cut=is_cut)


def _descriptions(root: Element | None) -> list[Element]:
    if root is None:
        return []
    rdf = root if root.tag == f"{_RDF}RDF" else root.find(f"{_RDF}RDF")
    if rdf is None:
        raise ValueError("no RDF")
    return rdf.findall(f"{_RDF}Description")


def _facts(descriptions: list[Element]) -> dict[str, object]:
    def values(name: str) -> list[str]:
        return next(filter(None, (_values(each, name) for each in descriptions)), [])

    def first(name: str) -> str:
        return " ".join(values(name)[:1])

    dates = (first(f"{_PHOTOSHOP}DateCreated"), first(f"{_EXIF}DateTimeOriginal"))
    return told(
        title=first(f"{_DC}title"),
        caption=first(f"{_DC}description"),
        keywords=values(f"{_DC}subject"),
        creator="; ".join(values(f"{_DC}creator")),
        copyright=first(f"{_DC}rights"),
        rating=_rating(first(f"{_XMP}Rating")),
        taken_at=next(filter(None, map(iso_time, dates)), None),
    )


def _values(description: Element, name: str) -> list[str]:
    """Return a property's texts: of an attribute, an element, or the items in it.

    Of texts in several languages, the default comes first.
    """
    if name in description.attrib:
        return [description.attrib[name]]
    element = description.find(name)
    if element is None:
        return []
    container = next((child for child in element if child.tag in _CONTAINERS), None)
    if container is None:
        return [element.text] if element.text else []
    items = container.findall(f"{_RDF}li")
    items.sort(key=lambda item: item.get(_LANGUAGE) != "x-default")
    return [text for text in map(_text, items) if text]


def _text(item: Element) -> str:
    text = (item.text or "").strip()
    # Of 137 wallpapers, 10 name the language, "x-default", where they have no text.
    return "" if text == item.get(_LANGUAGE) else text


def _rating(text: str) -> float | None:
    try:
        rating = float(text[:16])
    except ValueError:
        return None
    if not _LOWEST_RATING <= rating <= _HIGHEST_RATING:
        return None
    return int(rating) if rating.is_integer() else round(rating, 2)

"""The text of a tool tip, in which nothing acts whatever it holds."""

from __future__ import annotations

import html


def tool_tip(*lines: str) -> str:
    """Return these lines so that Qt shows them as they are, one below the other.

    Qt guesses whether a tool tip is rich text; the tags around make it so for certain, and what is
    escaped is shown unescaped.
    """
    return f"<qt>{'<br>'.join(html.escape(line) for line in lines)}</qt>"

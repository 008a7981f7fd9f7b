"""From parts to one HTML page that needs nothing but itself."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from icr.report.parts import Opening, Section
from icr.storage.files import read_text


def render(
    template: str | Path,
    run: str,
    lead: str,
    tiles: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    opening: Opening | None = None,
) -> str:
    """The page. Every text is escaped; pictures become part of the page.

    ``opening`` is shown first, then ``tiles``, (number, what it counts); sections without parts
    are left out.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["markdown"] = markdown
    page = environment.from_string(read_text(template))
    shown = [section for section in sections if section.parts]
    return page.render(run=run, lead=lead, opening=opening, tiles=tiles, sections=shown)


def markdown(text: str) -> Markup:
    """Markdown with tables as HTML, each in a box of its own to scroll in.

    HTML in it is shown as text, but for the raised numbers of notes; pictures are left out.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    html = parser.render(text)
    html = re.sub(r"<(/?)h[1-5]>", r"<\1h3>", html)
    boxed = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    boxed = re.sub(r"&lt;sup&gt;([\d,]+)&lt;/sup&gt;", r"<sup>\1</sup>", boxed)
    return Markup(boxed.replace("</table>", "</table></div>"))

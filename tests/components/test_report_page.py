"""The report in a real browser: three widths, light and dark, and in print."""

import re
import shutil
from dataclasses import replace

import pytest
from made_run import LANGUAGES, made_run, made_table

from icr.report.captions import LEAD
from icr.report.content import sections, tiles
from icr.report.render import render
from icr.storage.project import ROOT

TEMPLATE = ROOT / "scripts/icr/report/template.html.j2"
WIDTHS = {"desktop": 1400, "tablet": 820, "phone": 390}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    run = made_run(folder)
    file = folder / "report.html"
    file.write_text(render(TEMPLATE, "made", LEAD, tiles(run), sections(run)), "utf-8")
    return file


@pytest.fixture(params=WIDTHS)
def opened(request, browser, page_file):
    """The page with all details open, the URLs that it requested and its console messages."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900})
    page.requested, page.messages = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.messages.append(message.text))
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    page.goto(page_file.as_uri(), wait_until="load")
    page.eval_on_selector_all("details", "all => all.forEach(element => element.open = true)")
    yield page
    page.close()


def test_the_page_loads_nothing_external_and_logs_no_errors(opened):
    external = [url for url in opened.requested if not url.startswith(("file:", "data:"))]
    assert external == [] and opened.messages == []


def test_the_page_does_not_scroll_horizontally(opened):
    inner, outer = opened.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer


def test_wide_tables_scroll_in_their_own_box(opened):
    boxes = opened.eval_on_selector_all(
        ".scroll", "all => all.map(b => [b.scrollWidth > b.clientWidth, b.tabIndex])"
    )
    assert all(reachable == 0 for _, reachable in boxes)
    if opened.viewport_size["width"] == WIDTHS["phone"]:
        assert any(wide for wide, _ in boxes)


def test_images_are_drawn_and_have_alternative_text(opened):
    images = opened.eval_on_selector_all(
        "img", "all => all.map(i => [i.complete, i.naturalWidth, i.alt.length])"
    )
    assert len(images) == 2
    assert all(complete and width > 100 and alt > 10 for complete, width, alt in images)


def test_the_table_of_contents_stays(opened):
    """At the side on a desktop, else at the top, and a section starts below it."""
    opened.eval_on_selector("#provenance", "section => section.scrollIntoView()")
    contents = opened.locator("nav").bounding_box()
    heading = opened.locator("#provenance h2").bounding_box()
    assert contents["y"] == 0
    if opened.viewport_size["width"] == WIDTHS["desktop"]:
        assert contents["x"] + contents["width"] <= heading["x"]
    else:
        assert contents["height"] < 60 and contents["height"] <= heading["y"]


def test_a_tables_rows_keep_their_labels_when_it_is_scrolled(opened):
    box = opened.locator("#tables .scroll").first
    box.evaluate("box => { box.scrollLeft = 9999 }")
    label = opened.locator("#tables [scope=row]").first.bounding_box()
    assert label["x"] == pytest.approx(box.bounding_box()["x"], abs=1)
    assert label["width"] >= 80, "not letter by letter"


def test_headers_of_a_table_do_not_overlap(opened):
    cells = opened.eval_on_selector_all(
        "thead tr",
        "all => all.map(tr => [...tr.children].map(c => "
        "[c.getBoundingClientRect().left, c.scrollWidth, c.getBoundingClientRect().right]))",
    )
    for row in cells:
        for left, width, right in row:
            assert left + width <= right + 1


def test_averages_are_on_the_first_screen_of_a_wide_table(opened):
    box = opened.locator("#tables .scroll").first
    box.scroll_into_view_if_needed()  # until then the browser does not lay it out
    average = box.locator("thead th").first
    assert average.text_content().strip() == "Avg"
    assert average.bounding_box()["x"] < box.bounding_box()["x"] + 220


def test_text_can_be_selected(opened):
    marked = opened.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('#tables'));"
        " return getSelection().toString() }"
    )
    assert "Win rates" in marked and "95 %" in marked


def test_text_is_large_enough_to_read(opened):
    sizes = opened.eval_on_selector_all(
        "p, td, th, summary, figcaption, pre",
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    assert min(sizes) >= 12
    assert opened.locator("h1").count() == 1


def test_answers_are_side_by_side_and_stacked_on_a_phone(opened):
    rows = opened.eval_on_selector_all(
        "#examples .answers",
        "all => all.map(a => [...a.children].map(c => c.getBoundingClientRect().top))",
    )
    assert len(rows) == 2 * len(LANGUAGES)
    side_by_side = opened.viewport_size["width"] > WIDTHS["phone"]
    assert all(len(tops) == 3 and (len(set(tops)) == 1) == side_by_side for tops in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_ground_in_light_and_dark(browser, page_file, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_file.as_uri())
    style = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor] }"
    grounds = page.eval_on_selector("body", style)
    for selector in ("body", ".caption", "#tables [scope=row]", "summary", ".finding"):
        ink, _ = page.locator(selector).first.evaluate(style)
        assert contrast(ink, grounds[1]) >= 4.5, selector
    assert (luminance(grounds[1]) < 0.1) == (scheme == "dark")
    page.close()


def luminance(colour):
    """Relative luminance of a colour such as ``rgb(28, 30, 33)``, 0 to 1."""
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    """Contrast of two colours by WCAG, 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_page_prints_without_its_navigation_and_within_the_sheet(browser, page_file, tmp_path):
    page = browser.new_page(viewport={"width": 1047, "height": 700}, color_scheme="dark")
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert luminance(page.eval_on_selector("body", "b => getComputedStyle(b).color")) < 0.1
    right = page.eval_on_selector_all(
        "main table, main img", "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 1047, "the width of A4 across, less margins, in CSS pixels"
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").stat().st_size > 10_000
    page.close()


def test_a_page_of_many_tables_opens_in_under_a_second(browser, tmp_path):
    """As many rows as all experiments of the paper give; the best of five on a busy machine."""
    run = made_run(tmp_path)
    run = replace(run, tables=[made_table(n, f"Table {n}", rows=40) for n in range(1, 20)])
    file = tmp_path / "report.html"
    file.write_text(render(TEMPLATE, "made", LEAD, tiles(run), sections(run)), "utf-8")
    seconds = []
    for _ in range(5):
        page = browser.new_page()
        page.goto(file.as_uri(), wait_until="load")
        seconds.append(page.evaluate("performance.getEntriesByType('navigation')[0].duration"))
        page.close()
    assert min(seconds) < 1000


def test_every_answer_is_marked_with_its_language(opened):
    marked = opened.eval_on_selector_all("#examples [lang]", "all => all.map(e => e.lang)")
    assert set(marked) == set(LANGUAGES)

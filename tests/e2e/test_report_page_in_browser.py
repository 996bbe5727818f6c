"""Does the page work in a browser: without a request, by mouse and by keyboard, dark and light, wide and narrow?

In Debian's Chromium, which the set-up installs; skipped where there is none.
"""

from __future__ import annotations

import os
import re
import shutil

import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.page import write_page
from pass_engine.report.reading import read_run
from tests.unit.report_fixture import Plan, build_run
from tests.unit.test_report_page import spoil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
PLAN = Plan(registries=("cz", "dk", "fr"), strata=("age", "sex", "calendar"))
RATES = "table-10.4-1"
# Fonts in place, and the scroll event of the step before delivered (it comes with the next frame).
SETTLED = """document.fonts.ready.then(() => new Promise(
    (done) => requestAnimationFrame(() => requestAnimationFrame(done))))"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """A page as a run makes it, with markup in labels, names and prose."""
    folder = tmp_path_factory.mktemp("browser")
    run = read_run(spoil(build_run(folder / "run", PLAN)))
    write_page(assemble(run), run, folder / "report.html")
    return (folder / "report.html").as_uri()


class Visit:
    """A page that is open, and all that it asked for or complained of."""

    def __init__(self, browser, address: str, **options) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self.context = browser.new_context(**options)
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.address = address.partition("#")[0]
        self.page.goto(address)

    def _route(self, route) -> None:
        url = route.request.url
        if url.partition("#")[0] == self.address:
            route.continue_()
        else:
            self.asked.append(url)
            route.abort()

    def column(self, table: str, number: int) -> list[str]:
        """First lines of the cells of a column, of the lines that are seen and head no group."""
        rows = self.page.locator(within(f"#{table} tbody tr:not(.group):visible"))
        return [
            text.split("\n")[0].strip()
            for text in rows.locator(f":nth-child({number})").all_inner_texts()
            if text.strip()
        ]


@pytest.fixture
def visit(browser, address):
    opened = []

    def open_page(**options) -> Visit:
        opened.append(Visit(browser, address, **{"viewport": {"width": 1300, "height": 900}, **options}))
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()
        assert one.asked == []
        assert one.said == []


def within(selector: str) -> str:
    """A selector with the dots of its identifiers escaped."""
    return re.sub(r"(?<=\d)\.(?=\d)", r"\\.", selector)


def test_it_opens_without_a_request_and_nothing_written_by_people_runs(visit) -> None:
    seen = visit()
    assert seen.page.evaluate("window.hit") is None
    assert seen.page.evaluate("document.images.length") == 0
    assert seen.page.evaluate("document.fonts.size") == 3
    assert seen.page.evaluate("Array.from(document.fonts).some((face) => face.status === 'loaded')")
    assert "<script>window.hit = 1</script>" in seen.page.inner_text("main")


def test_a_script_that_comes_in_does_not_run(visit) -> None:
    seen = visit()
    seen.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.hit = 1";
        document.body.append(script);
    }""")
    assert seen.page.evaluate("window.hit") is None
    assert len(seen.said) == 1
    assert "Content Security Policy" in seen.said.pop()


def test_a_table_is_sorted_up_down_and_back(visit) -> None:
    seen = visit()
    table = "table-10.2-1"
    head = seen.page.locator(within(f"#{table} thead tr:last-child th")).nth(1)
    first = seen.column(table, 2)
    assert first
    orders = []
    for _ in range(3):
        head.locator("button").click()
        orders.append((head.get_attribute("aria-sort"), seen.column(table, 2)))
    assert [order for order, _ in orders] == ["ascending", "descending", "none"]
    up, down, back = (values for _, values in orders)
    assert back == first
    assert sorted(up) == sorted(first)
    assert up != first or down != first


def test_numbers_are_sorted_as_numbers_and_what_is_none_stays_last(visit) -> None:
    seen = visit()
    seen.page.evaluate("document.getElementById('result-rows').scrollIntoView()")
    seen.page.select_option("#file", "incidence.csv")
    head = seen.page.locator("#rows thead th", has_text="persons_with_event")
    for sign in (1, -1):
        head.locator("button").click()
        place = head.evaluate("(th) => th.cellIndex")
        cells = seen.page.locator(f"#rows tbody tr td:nth-child({place + 1})").all_inner_texts()
        numbers = [int(c) for c in cells if c]
        assert len(numbers) == 50
        assert numbers == sorted(numbers, key=lambda n: sign * n)


def test_sorting_keeps_lines_in_their_groups(visit) -> None:
    seen = visit()
    rows = seen.page.locator(within(f"#{RATES} tbody tr"))
    before = rows.evaluate_all("(rows) => rows.map((r) => r.className)")
    assert "group" in before
    seen.page.locator(within(f"#{RATES} thead tr:last-child th button")).first.click()
    assert rows.evaluate_all("(rows) => rows.map((r) => r.className)") == before


def test_a_filter_leaves_the_lines_that_hold_its_words(visit) -> None:
    seen = visit()
    block = seen.page.locator(within(f"#{RATES}"))
    every = block.locator("tbody tr:not(.group)").count()
    field = block.get_by_role("searchbox", name="Filter the lines of Table 10.4-1")
    field.fill("malignancy")
    kept = block.locator("tbody tr:not(.group):visible")
    assert 0 < kept.count() < every
    assert block.locator("tbody tr.group:visible").count() == 1
    assert block.get_by_role("status").inner_text() == f"{kept.count()} of {every} lines"
    field.fill("")
    assert block.locator("tbody tr:not(.group):visible").count() == every


def test_a_number_opens_its_row_and_escape_goes_back_to_it(visit) -> None:
    seen = visit()
    link = seen.page.locator(within(f"#{RATES} tbody td a")).first
    printed, source = link.inner_text(), link.get_attribute("href").removeprefix("#")
    link.click()
    dialog = seen.page.get_by_role("dialog")
    assert dialog.get_by_role("heading").inner_text() == source
    assert re.fullmatch(rf"{source} is row \d+ of results/incidence\.csv\.", dialog.locator("p").inner_text())
    values = dict(zip(dialog.locator("th").all_inner_texts(), dialog.locator("td").all_inner_texts(), strict=True))
    assert values["persons"].split("\n")[0] == printed.replace(",", "")
    seen.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert link.evaluate("(a) => a === document.activeElement")


def test_an_address_with_a_row_opens_it(browser, address) -> None:
    seen = Visit(browser, f"{address}#R-000003")
    assert seen.page.get_by_role("dialog").get_by_role("heading").inner_text() == "R-000003"
    seen.context.close()


def test_the_rows_of_a_file_are_found_and_turned_over(visit) -> None:
    seen = visit()
    browser_of_rows = seen.page.locator("#browser")
    seen.page.select_option("#file", "incidence.csv")
    assert browser_of_rows.get_by_role("status").inner_text().startswith("1 to 50 of ")
    assert seen.page.locator("#before").is_disabled()
    seen.page.click("#after")
    assert browser_of_rows.get_by_role("status").inner_text().startswith("51 to 100 of ")
    seen.page.fill("#row-filter", "pooled death eair")
    texts = seen.page.locator("#rows tbody tr").all_inner_texts()
    assert texts
    assert all("pooled" in t and "death" in t and "eair" in t for t in texts)


def test_marks_of_a_figure_tell_their_value_on_hover_and_on_focus(visit) -> None:
    seen = visit()
    mark = seen.page.locator(within("#figure-10.4-1 svg [data-told]")).nth(2)
    told = mark.get_attribute("data-told")
    mark.scroll_into_view_if_needed()
    seen.page.evaluate(SETTLED)
    box = mark.bounding_box()
    tip = seen.page.get_by_role("tooltip")
    seen.page.mouse.move(box["x"] + box["width"] / 2 + 6, box["y"] + box["height"] / 2)
    assert tip.inner_text() == told
    seen.page.mouse.move(2, 400)
    assert not tip.is_visible()
    mark.focus()
    seen.page.evaluate(SETTLED)
    assert tip.inner_text() == told
    seen.page.mouse.wheel(0, 40)
    seen.page.evaluate(SETTLED)
    assert tip.inner_text() == told
    seen.page.keyboard.press("Escape")
    assert not tip.is_visible()
    seen.page.keyboard.press("ArrowRight")
    following = seen.page.locator(within("#figure-10.4-1 svg [data-told]")).nth(3)
    assert tip.inner_text() == following.get_attribute("data-told")
    seen.page.keyboard.press("Enter")
    assert seen.page.get_by_role("dialog").is_visible()


def test_the_keyboard_alone_reaches_everything(visit) -> None:
    seen = visit()
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    head = page.locator(within(f"#{RATES} thead tr:last-child th button")).first
    head.focus()
    page.keyboard.press("Enter")
    assert head.evaluate("(b) => b.closest('th').getAttribute('aria-sort')") == "ascending"
    stops = page.locator(within(f"#{RATES} tbody a[tabindex='0']"))
    assert stops.count() == 1  # one stop of the Tab key, arrows within
    stops.first.focus()
    before = page.evaluate("document.activeElement.closest('td, th').cellIndex")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('td, th').cellIndex") == before + 1
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('td, th').cellIndex") == before + 1
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog").is_visible()


def test_dark_and_light_follow_the_system_until_chosen(visit) -> None:
    def ground(page) -> str:
        return page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")

    light, dark = visit(color_scheme="light"), visit(color_scheme="dark")
    assert ground(light.page) == "rgb(255, 255, 255)"
    assert ground(dark.page) == "rgb(21, 27, 34)"
    light.page.get_by_role("button", name="Dark view").click()
    dark.page.get_by_role("button", name="Light view").click()
    assert ground(light.page) == "rgb(21, 27, 34)"
    assert ground(dark.page) == "rgb(255, 255, 255)"


def test_it_fits_a_narrow_screen(visit) -> None:
    seen = visit(viewport={"width": 390, "height": 844})
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
    contents = seen.page.get_by_role("navigation", name="Contents")
    assert not contents.is_visible()
    opener = seen.page.get_by_role("button", name="Contents")
    opener.click()
    assert opener.get_attribute("aria-expanded") == "true"
    contents.get_by_role("link", name="10.4 Main results").click()
    assert not contents.is_visible()
    assert seen.page.locator(within("#section-10-4")).is_visible()


def test_everything_that_can_be_used_has_a_name(visit) -> None:
    seen = visit()
    bare = seen.page.evaluate("""() => {
        const named = (e) => (e.getAttribute("aria-label") || e.textContent || e.labels?.[0]?.textContent || "").trim();
        return Array.from(document.querySelectorAll("a, button, input, select, summary, [tabindex], svg"))
            .filter((e) => !e.closest("dialog:not([open])") && !named(e) && !e.getAttribute("aria-labelledby"))
            .map((e) => e.outerHTML.slice(0, 80));
    }""")
    assert bare == []
    for role in ("main", "navigation", "banner"):
        assert seen.page.get_by_role(role).count() == 1
    tables = seen.page.get_by_role("table").all()
    assert len(tables) > 20
    assert seen.page.locator("table[aria-labelledby]").count() == seen.page.locator(".table-block table").count()


def test_without_script_it_can_still_be_read(browser, address) -> None:
    seen = Visit(browser, address, java_script_enabled=False)
    assert seen.page.locator("nav").is_visible()
    assert seen.page.locator(within(f"#{RATES} tbody tr")).count() > 5
    assert "does not run" in seen.page.locator("noscript").inner_text()
    assert not seen.page.locator("#theme").is_visible()
    assert seen.asked == []
    seen.context.close()

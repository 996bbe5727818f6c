"""Can a study's prose do anything but be read?"""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from pass_engine.report.markdown import TAGS, first_paragraph, to_html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b onclick='x()'>b</b>",
        "<img src='https://example.org/x.png'>",
        "![alt](https://example.org/x.png)",
        "[text](javascript:alert(1))",
        "<https://example.org>",
        '[text](https://example.org "title")',
        "&lt;script&gt;",
        "```html\n<script>alert(1)</script>\n```",
    ],
)
def test_nothing_in_prose_is_live(text) -> None:
    html = to_html(text)
    for live in ("<script", "<img", "<b", "<a ", "href=", 'onclick="', 'src="'):
        assert live not in html


def test_raw_html_stays_readable_text() -> None:
    assert "&lt;b&gt;bold&lt;/b&gt;" in to_html("<b>bold</b>")


def test_the_address_of_a_link_is_printed_behind_it() -> None:
    assert to_html("See [the paper](https://example.org/p).") == "<p>See the paper (https://example.org/p).</p>\n"


def test_headings_stand_below_the_numbered_ones() -> None:
    assert to_html("# One\n\n### Three") == "<h4>One</h4>\n<h6>Three</h6>\n"


def test_tables_lists_and_emphasis_work() -> None:
    html = to_html("- *a*\n- **b**\n\n| h |\n|---|\n| c |\n")
    assert "<em>a</em>" in html
    assert "<strong>b</strong>" in html
    assert "<td>c</td>" in html


def test_the_first_paragraph_is_plain_text() -> None:
    assert first_paragraph("# Title\n\nOne *two*\nthree.\n\nFour.") == "One two three."
    assert first_paragraph("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![alt](http://example.org/x.png)",
        "[text](javascript:alert(1))",
        "[text](file://localhost/etc/passwd)",
        "<iframe src='file://localhost/etc/passwd'></iframe>",
        "<style>@import url(http://example.org/x.css)</style>",
        "| a |\n|:-:|\n| <b onclick=x>b</b> |",
        "{{ 7 * 7 }} {% include 'report.html.j2' %}",
        "<svg><use href='http://example.org/x.svg#a'/></svg>",
    ],
)
def test_whatever_is_written_nothing_is_live(text) -> None:
    tags = re.findall(r"<\s*([a-z0-9]+)([^>]*)>", to_html(text))
    assert tags
    assert {name for name, _ in tags} <= TAGS
    assert not [attributes for _, attributes in tags if attributes.strip()]


def test_a_fault_of_the_parser_alone_lets_nothing_through(monkeypatch) -> None:
    class Careless:
        def parse(self, text):
            return MarkdownIt("commonmark", {"html": True}).parse(text)

        renderer = MarkdownIt("commonmark", {"html": True}).renderer
        options = MarkdownIt("commonmark", {"html": True}).options

    monkeypatch.setattr("pass_engine.report.markdown._parser", Careless)
    made = to_html("<script>alert(1)</script>\n\nText <img src='file://localhost/etc/passwd' onerror='x'>")
    assert "script" not in made
    assert "passwd" not in made
    assert "Text" in made

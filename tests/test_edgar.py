"""EDGAR: the list of current filings."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError
from monitor.sources import edgar
from monitor.types import Entry, Filing

URL = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent&output=atom"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
NUMBER = "0009999000-26-000007"
FOLDER = "https://www.sec.gov/Archives/edgar/data/9999/000999900026000007"


ENTRY = Entry(
    id="i",
    feed_url=URL,
    guid="g",
    url=f"{FOLDER}/{NUMBER}-index.htm",
    title="8-K - INVENTED CORP (0000009999) (Filer)",
    summary="",
    filing=Filing(accession_no=NUMBER, form="8-K", cik=9999, company="INVENTED CORP"),
)


def listed(title: str, *, number: str = NUMBER, cik: int = 9999, more: str = "") -> str:
    folder = f"/Archives/edgar/data/{cik}/{number.replace('-', '')}"
    return f"""<entry><title>{title}</title>
<link rel="alternate" type="text/html" href="{folder}/{number}-index.htm"/>
<summary type="html">
 &lt;b&gt;Filed:&lt;/b&gt; 2026-11-23 &lt;b&gt;AccNo:&lt;/b&gt; {number} &lt;b&gt;Size:&lt;/b&gt; 13 KB{more}
</summary>
<updated>2026-11-23T17:31:00-05:00</updated>
<category scheme="https://www.sec.gov/" label="form type" term="8-K"/>
<id>urn:tag:sec.gov,2008:accession-number={number}</id></entry>"""


def atom(*entries: str) -> bytes:
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest Filings</title>
<id>{URL.replace("&", "&amp;")}</id>{"".join(entries)}</feed>""".encode("latin-1")


def filings(body: bytes) -> list[Filing]:
    entries = edgar.parse_current(body, feed_url=URL).entries
    return [entry.filing for entry in entries if entry.filing]


# --- current filings ----------------------------------------------------------------


def test_current_filing():
    items = "&lt;br&gt;Item 2.02: Results&lt;br&gt;Item 9.01: Exhibits"
    body = atom(listed("8-K - INVENTED CORP (0000009999) (Filer)", more=items))
    entry = edgar.parse_current(body, feed_url=URL).entries[0]

    assert entry.filing == Filing(
        accession_no=NUMBER,
        form="8-K",
        cik=9999,
        company="INVENTED CORP",
        role="Filer",
        items=("2.02", "9.01"),
        filing_date="2026-11-23",
    )
    assert entry.url == f"{FOLDER}/{NUMBER}-index.htm"
    assert entry.published_at == datetime(2026, 11, 23, 22, 31, tzinfo=UTC)
    assert entry.language == "en"


@pytest.mark.parametrize(
    ("title", "form", "company", "role"),
    [
        ("8-K/A - A-B - C INC (0000009999) (Filer)", "8-K/A", "A-B - C INC", "Filer"),
        (
            "SC 13D/A - Société (Old) SA (0000009999) (Filed by)",
            "SC 13D/A",
            "Société (Old) SA",
            "Filed by",
        ),
        ("424B5 - X (DE) (0000009999) (Subject)", "424B5", "X (DE)", "Subject"),
        ("N-CSR - Trust (0000009999)", "N-CSR", "Trust", ""),
    ],
)
def test_titles_of_current_filings(title, form, company, role):
    found = filings(atom(listed(title)))[0]

    assert (found.form, found.company, found.role) == (form, company, role)
    assert found.cik == 9999


def test_both_roles_of_a_filing_are_kept_apart():
    body = atom(
        listed("4 - PERSON A (0000000001) (Reporting)", cik=1),
        listed("4 - INVENTED CORP (0000009999) (Issuer)"),
    )
    entries = edgar.parse_current(body, feed_url=URL).entries

    assert [one.filing.role for one in entries if one.filing] == ["Reporting", "Issuer"]
    assert len({one.id for one in entries}) == 2


def test_id_does_not_depend_on_what_else_is_on_the_page():
    first = listed("4 - PERSON A (0000000001) (Reporting)", cik=1)
    second = listed("4 - INVENTED CORP (0000009999) (Issuer)")
    alone = edgar.parse_current(atom(second), feed_url=URL).entries[0]
    together = edgar.parse_current(atom(first, second), feed_url=URL).entries[1]

    assert alone.id == together.id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (
            b"<!DOCTYPE html><title>SEC.gov | File Unavailable</title>",
            "File Unavailable",
        ),
        (atom(listed("Some news of another feed")), "not of EDGAR's current filings"),
    ],
)
def test_what_is_no_list_of_filings_is_refused(body, reason):
    with pytest.raises(ParseError, match=re.escape(reason)) as caught:
        edgar.parse_current(body, feed_url=URL)

    assert caught.value.url == URL


def test_empty_list_is_a_list():
    assert filings(atom()) == []


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            f"{FOLDER}/{NUMBER}-index.htm",
            f"https://www.sec.gov/Archives/edgar/data/9999/{NUMBER}.txt",
        ),
        (
            "http://127.0.0.1:8080/Archives/edgar/data/5/x/y.htm",
            f"http://127.0.0.1:8080/Archives/edgar/data/9999/{NUMBER}.txt",
        ),
        (
            "http://127.0.0.1:8080/elsewhere",
            f"http://127.0.0.1:8080/Archives/edgar/data/9999/{NUMBER}.txt",
        ),
    ],
)
def test_submission_url(link, url):
    assert edgar.submission_url(replace(ENTRY, url=link)) == url


# --- the corpus ---------------------------------------------------------------------


@pytest.mark.corpus
def test_real_lists_of_filings_are_read_whole(shared):
    files = sorted((shared / "corpus" / "feeds" / "edgar").glob("getcurrent*.atom"))
    for path in files:
        body = path.read_bytes()
        entries = edgar.parse_current(body, feed_url=URL).entries
        triples = {
            (one.filing.accession_no, one.filing.cik, one.filing.role)
            for one in entries
            if one.filing
        }

        assert len(entries) == body.count(b"<entry>"), path.name
        assert len({one.id for one in entries}) == len(triples), path.name
        assert all(one.published_at and one.url for one in entries), path.name
    assert len(files) > 40


@pytest.mark.corpus
def test_error_pages_of_edgar_are_refused(shared):
    root = shared / "corpus" / "feeds"
    pages = [*root.glob("edgar/*.html"), *root.glob("http/*.html")]
    for path in pages:
        with pytest.raises(ParseError, match="an HTML page titled"):
            edgar.parse_current(path.read_bytes(), feed_url=URL)
    assert len(pages) >= 4

"""Filings: a full submission to documents."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.sources import charset, filing, submission
from monitor.sources.item_titles import code_8k
from monitor.types import Document, Entry, Filing
from tests.pace import slowness

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NUMBER = "0009999000-26-000007"
FOLDER = "https://www.sec.gov/Archives/edgar/data/9999/000999900026000007"
FILING = Filing(accession_no=NUMBER, form="8-K", cik=9999, company="INVENTED CORP")
ENTRY = Entry(
    id="i",
    feed_url="https://www.sec.gov/",
    guid="g",
    url=f"{FOLDER}/{NUMBER}-index.htm",
    title="8-K - INVENTED CORP (0000009999) (Filer)",
    summary="",
    filing=FILING,
)
HEADER = f"""<SEC-DOCUMENT>{NUMBER}.txt : 20261123
<SEC-HEADER>{NUMBER}.hdr.sgml : 20261123
<ACCEPTANCE-DATETIME>20261123173100
ACCESSION NUMBER:		{NUMBER}
CONFORMED SUBMISSION TYPE:	8-K
CONFORMED PERIOD OF REPORT:	20261120
FILED AS OF DATE:		20261124
ITEM INFORMATION:		Results of Operations and Financial Condition
ITEM INFORMATION:		Financial Statements and Exhibits

FILER:

	COMPANY DATA:
		COMPANY CONFORMED NAME:			INVENTED CORP
		CENTRAL INDEX KEY:			0000009999
</SEC-HEADER>
"""
MAIN = """<DOCUMENT>
<TYPE>8-K
<SEQUENCE>1
<FILENAME>main.htm
<DESCRIPTION>CURRENT REPORT
<TEXT>
<XBRL>
<?xml version='1.0' encoding='ASCII'?>
<html xmlns:ix="x"><head><title>main.htm</title></head><body>
<div style="display:none"><ix:header><ix:hidden>HIDDEN-FACT</ix:hidden></ix:header></div>
<p style="text-align:center">Item&#160;2.02&#160;Results of Operations</p>
<p>On November 23, 2026 <ix:nonNumeric name="n">Invented&#8217;s</ix:nonNumeric>
board met.</p>
<table><tr><td>Revenue</td><td>$</td><td>12</td></tr><tr><td>Costs</td><td>$</td><td>7</td></tr></table>
</body></html>
</XBRL>
</TEXT>
</DOCUMENT>
"""
PRESS = """<DOCUMENT>
<TYPE>EX-99.1
<SEQUENCE>2
<FILENAME>ex99.htm
<DESCRIPTION>PRESS RELEASE
<TEXT>
<html><body><p>Exhibit 99.1</p><p>FOR IMMEDIATE RELEASE</p><p>Contact: nobody at all</p>
<p>Invented Corp Reports Record Revenue From Data Centers</p><p>SAMPLETOWN, Nov. 23
&#8211; It was a good quarter.</p></body></html>
</TEXT>
</DOCUMENT>
"""
PICTURE = """<DOCUMENT>
<TYPE>GRAPHIC
<FILENAME>logo.jpg
<TEXT>
begin 644 logo.jpg
M_]C_X``02D9)
end
</TEXT>
</DOCUMENT>
"""
WHOLE = HEADER + MAIN + PRESS + PICTURE + "</SEC-DOCUMENT>\n"


def documents(text: str, entry: Entry = ENTRY) -> tuple[Document, ...]:
    return filing.parse_submission(
        text.encode(), entry=entry, fetched_at=NOW, source="EDGAR", tier=1
    )


def test_main_document():
    main, _ = documents(WHOLE)

    assert main.text == (
        "8-K: INVENTED CORP: Item 2.02 Results of Operations and Financial Condition\n"
        "Item 2.02 Results of Operations\n"
        "On November 23, 2026 Invented’s board met.\n"
        "Revenue $ 12\n"
        "Costs $ 7"
    )
    assert (main.kind, main.exhibit, main.form) == ("filing", None, "8-K")
    assert (main.item, main.items) == ("2.02", ("2.02",))
    assert main.url == f"{FOLDER}/main.htm#:~:text=Item%202.02"
    assert (main.period, main.filing_date) == ("2026-11-20", "2026-11-24")
    assert main.accepted_at == main.published_at
    assert main.confidence == 0.95  # its item 9.01 is missing
    assert main.published_at == datetime(2026, 11, 23, 22, 31, tzinfo=UTC)
    assert (main.accession_no, main.cik) == (NUMBER, 9999)
    assert (main.language, main.source, main.tier) == ("en", "EDGAR", 1)


def test_press_release():
    _, press = documents(WHOLE)

    assert (press.kind, press.exhibit) == ("exhibit", "99.1")
    assert press.title == (
        "8-K: INVENTED CORP (EX-99.1) "
        "Invented Corp Reports Record Revenue From Data Centers"
    )
    assert press.text.startswith(press.title + "\n")
    assert press.text.endswith("SAMPLETOWN, Nov. 23 – It was a good quarter.")
    assert press.items == ("2.02", "9.01")
    assert press.url == f"{FOLDER}/ex99.htm"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVACY-ENHANCED MESSAGE-----\nProc-Type: 2001,MIC-CLEAR\n\n"
        + WHOLE
        + "-----END PRIVACY-ENHANCED MESSAGE-----\n",
        WHOLE.replace("\n", "\r\n"),
        WHOLE.replace("</TEXT>\n", "").replace("</DOCUMENT>\n", ""),
        WHOLE[: WHOLE.index("good quarter")] + "good quarter.",
    ],
    ids=["pem", "crlf", "unclosed", "cut"],
)
def test_envelopes_and_cuts_are_tolerated(text):
    main, press = documents(text)

    assert "board met." in main.text
    assert press.text.endswith("It was a good quarter.")
    assert "PRIVACY" not in main.text + press.text


def test_without_a_header_the_feed_tells_the_rest():
    entry = replace(ENTRY, published_at=NOW)
    main, _ = documents(MAIN + PRESS, entry)

    assert main.title == "8-K: INVENTED CORP: Item 2.02 Results of Operations"
    assert main.items == ("2.02",)
    assert main.published_at == NOW


def test_plain_text_of_old_filings_is_unwrapped_but_not_its_tables():
    text = MAIN.partition("<XBRL>")[0] + (
        "<PAGE>\nThe company announced today\nthat it will build\na plant.\n\n\n"
        "<TABLE>\nRevenue        12.5\nCosts           7.1\n</TABLE>\n\n"
        "Second paragraph.\n</TEXT>\n</DOCUMENT>\n"
    )
    (main,) = documents(text)

    assert main.text == (
        "8-K: INVENTED CORP\nThe company announced today that it will build a plant.\n"
        "Revenue 12.5\nCosts 7.1\nSecond paragraph."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a full submission"),
        ("<html>Request Rate Threshold Exceeded</html>", "not a full submission"),
        (HEADER, "not a full submission"),
        (WHOLE.replace(NUMBER, "0009999000-26-000008"), "holds 0009999000-26-000008"),
        (HEADER + PICTURE, "no readable text"),
    ],
)
def test_what_is_no_such_submission_is_refused(text, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        documents(text)

    assert caught.value.url == ENTRY.url


@pytest.mark.parametrize(
    ("body", "headline"),
    [
        (
            "Exhibit 99.1\n\nNEWS RELEASE\nA Corp to Build a Plant",
            "A Corp to Build a Plant",
        ),
        (
            "Contacts:\nInvestor Relations: A B\n(555) 1\nir@x.example is our address now",
            "",
        ),
        ("", ""),
    ],
)
def test_headline(body, headline):
    assert filing.headline(body) == headline


def test_a_link_leads_to_the_item_itself():
    linked = MAIN.replace(
        '<p style="text-align:center">Item',
        '<p><a href="#i_22">Item 2.02</a></p><div id="i_22"></div><p>Item',
    )
    main, *_ = documents(HEADER + linked)

    assert main.url == f"{FOLDER}/main.htm#i_22"
    assert "\ue000" not in main.text


def test_preformatted_pages_keep_their_lines():
    page = (
        "<html><body><pre>\nFORM 8-K\n\nItem 8.01 Other Events\n\nThe company said\n"
        "that it will build.\n\nSIGNATURE\n</pre></body></html>\n</TEXT>\n</DOCUMENT>"
    )
    (main,) = documents(MAIN.partition("<XBRL>")[0] + page)

    assert main.item == "8.01"
    assert main.text.endswith(
        "Item 8.01 Other Events\nThe company said that it will build."
    )


def test_an_uncertain_cut_leaves_the_text_whole():
    doubtful = MAIN.replace("Item&#160;2.02&#160;", "")
    (main,) = documents(HEADER + doubtful)

    assert (main.item, main.confidence) == (None, 0.0)
    assert main.items == ("2.02", "9.01")
    assert "board met." in main.text


def test_equal_words_of_two_filings_are_two_documents():
    other = replace(ENTRY, filing=replace(FILING, accession_no="0009999000-26-000008"))
    first = documents(MAIN)[0]
    second = documents(MAIN, other)[0]

    assert first.text == second.text
    assert first.id != second.id
    assert first.id == documents(MAIN)[0].id


def test_a_file_says_itself_what_it_is():
    found = filing.parse_file(WHOLE.encode(), path="some.txt", fetched_at=NOW)

    assert [one.title for one in found] == [one.title for one in documents(WHOLE)]
    assert found[0].url == f"{FOLDER}/main.htm#:~:text=Item%202.02"
    assert found[0].accession_no == NUMBER


@pytest.mark.parametrize(
    ("body", "form", "expected"),
    [
        (
            "<p>FORM 8-K</p><p>Item 8.01 Other Events</p><p>A.</p>",
            None,
            ("8-K", "8.01"),
        ),
        ("<p>Item 8.01 Other Events</p><p>A.</p>", "8-K", ("8-K", "8.01")),
        ("<p>A press release</p>", None, ("", None)),
    ],
)
def test_one_document_alone(body, form, expected):
    (found,) = filing.parse_file(
        body.encode(), path="a/x.htm", fetched_at=NOW, form=form
    )

    assert (found.form, found.item) == expected
    assert found.url.partition("#")[0] == "a/x.htm"


STRANGERS = {
    "an index page of EDGAR": (
        "<html><head><title>EDGAR Filing Documents for 0000000009-26-000007</title>"
        "</head><body><p>Form 8-K</p><p>Item 2.02: Results of Operations</p></body></html>"
    ),
    "JSON": '{"cik": "9", "filings": {"recent": {"form": ["8-K"]}}}',
    "JSON,": '\ufeff[{"form": "8-K"}]',
    "an XBRL instance": (
        '<?xml version="1.0"?><!-- made --><xbrli:xbrl xmlns:xbrli="x">'
        "<dei:DocumentType>8-K</dei:DocumentType></xbrli:xbrl>"
    ),
    "an XBRL instance:": "<xbrl><dei:DocumentType>8-K</dei:DocumentType></xbrl>",
    "whose first element is <feed>": '<?xml version="1.0"?><feed><title>8-K</title></feed>',
    "the header of a submission": HEADER,
    "a page of sec.gov": "<html><title>SEC.gov | Request Rate Exceeded</title></html>",
}


@pytest.mark.parametrize(("kind", "text"), STRANGERS.items(), ids=STRANGERS)
def test_what_is_no_filing_is_refused(kind, text):
    with pytest.raises(ParseError, match="x.html: no filing, but") as caught:
        filing.parse_file(text.encode(), path="x.html", fetched_at=NOW)

    assert kind in str(caught.value)
    assert "give the complete submission text file" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        (
            '<?xml version="1.0"?><!DOCTYPE html><html><title>EDGAR document</title>\n'
            "<p>FORM 8-K</p><p>Item 8.01 Other Events</p><p>A.</p></html>"
        ),
        "[Form 8-K]\n\nItem 8.01 Other Events\n\nThe company will build.\n",
        (
            '<?xml version="1.0"?><ownershipDocument><remarks>Nothing was sold by the '
            "owner on that day.</remarks></ownershipDocument>"
        ),
    ],
    ids=["inline XBRL", "brackets", "ownership"],
)
def test_what_begins_like_data_but_is_a_filing_is_read(text):
    assert filing.parse_file(text.encode(), path="x", fetched_at=NOW)


def test_without_a_form_nobody_is_sure():
    body = b"<p>Item 8.01 Other Events</p><p>A plant will be built.</p>"
    (unknown,) = filing.parse_file(body, path="x.htm", fetched_at=NOW)
    (known,) = filing.parse_file(body, path="x.htm", fetched_at=NOW, form="DEF 14A")

    assert (unknown.form, unknown.confidence) == ("", 0.0)
    assert known.confidence == 1.0


def test_a_file_without_text_is_refused():
    with pytest.raises(ParseError, match="no readable text"):
        filing.parse_file(b"", path="empty.txt", fetched_at=NOW)


MEASURED = """
import pathlib, re, sys, time
from datetime import UTC, datetime
from monitor.sources import filing
body = open(sys.argv[1], "rb").read()
before = time.process_time()  # of this process: others may keep the machine busy
filing.parse_file(body, path="x", fetched_at=datetime.now(UTC))
seconds = time.process_time() - before
# Not ru_maxrss: it starts with what the process that began this one has used.
status = pathlib.Path("/proc/self/status").read_text()
print(seconds, re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
"""


@pytest.mark.parametrize("kind", ["tables", "inline XBRL", "plain text"])
def test_an_exhibit_of_9_mb_is_read_in_5_s_and_500_mb(tmp_path, kind):
    start, row, end = {
        "tables": (
            "<html><body><table>",
            '<tr><td style="width:50%">Revenue</td><td>$</td><td>12.5</td></tr>\n',
            "</table></body></html>",
        ),
        "inline XBRL": (
            "<html><body>",
            (
                '<p>Sales <ix:nonFraction id="f-1" name="us-gaap:Revenues" '
                'contextRef="c-1" decimals="-6">12.5</ix:nonFraction> million</p>\n'
            ),
            "</body></html>",
        ),
        "plain text": (
            "",
            "We may not obtain enough power for what we build, soon or ever.\n",
            "",
        ),
    }[kind]
    content = start + row * (9_000_000 // len(row)) + end
    path = tmp_path / "big.txt"
    path.write_text(
        f"{HEADER}{MAIN}<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>\n{content}\n</TEXT>\n</DOCUMENT>\n",
        encoding="utf-8",
    )
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, kilobytes = map(float, result.stdout.split())

    assert path.stat().st_size > 9_000_000
    assert seconds < 5 * slowness()
    assert kilobytes < 500_000


# --- the command --------------------------------------------------------------------


def parse(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            Path(sys.executable).with_name("monitor"),
            "edgar",
            "parse",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": "120"},
        check=False,
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "filing.txt"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_parse_prints_a_row_for_each_document(file):
    lines = parse(file, "--text").stdout.splitlines()
    rows = [line.split()[:5] for line in lines if line.lstrip().startswith("8-K ")]

    assert lines[0].startswith(
        f"8-K: INVENTED CORP  {NUMBER}  period 2026-11-20  filed"
    )
    assert [row[:4] for row in rows] == [
        ["8-K", "2.02", "–", "0.95"],
        ["8-K", "–", "99.1", "1.00"],
    ]
    assert "SAMPLETOWN, Nov. 23 – It was a good quarter." in lines


def test_parse_gives_the_same_as_json(file):
    main, press = json.loads(parse(file, "--json").stdout)

    assert (main["item"], main["confidence"]) == ("2.02", 0.95)
    assert main["url"] == f"{FOLDER}/main.htm#:~:text=Item%202.02"
    assert main["accepted_at"] == "2026-11-23T22:31:00Z"
    assert (press["exhibit"], press["disclaimer"]) == ("99.1", 0)
    assert press["characters"] == len(documents(WHOLE)[1].text)
    assert "text" not in main
    assert json.loads(parse(file, "--json", "--text").stdout)[0]["text"].endswith("$ 7")


def test_parse_says_why_it_cannot(tmp_path):
    result = parse(tmp_path / "nothing.txt")

    assert result.returncode == 1
    assert "nothing.txt: No such file" in result.stderr


# --- the corpus ---------------------------------------------------------------------


@pytest.mark.corpus
def test_every_exhibit_99_of_real_submissions_is_found(shared):
    folders = ["full-submissions", "cover-pages", "8k-raw-and-items"]
    roots = [shared / "corpus" / "filings" / name for name in folders]
    found = 0
    for path in sorted(path for root in roots for path in root.iterdir()):
        read = submission.read(charset.decode(path.read_bytes()))
        expected = [
            part.type.removeprefix("EX-")
            for part in read.parts
            if part.type.startswith("EX-99") and part.is_readable
        ]
        if not expected:
            continue
        documents = filing.parse_file(path.read_bytes(), path=path.name, fetched_at=NOW)
        exhibits = [one.exhibit for one in documents if one.exhibit]
        found += len(exhibits)

        assert sorted(exhibits) == sorted(expected), path.name
    assert found > 50


@pytest.mark.corpus
def test_every_real_filing_is_read_or_has_no_text(shared):
    root = shared / "corpus" / "filings"
    refused = []
    for path in sorted(root.glob("*/*")):
        if is_stranger(path):
            continue
        body = path.read_bytes()
        try:
            documents = filing.parse_file(body, path=path.name, fetched_at=NOW)
        except ParseError as error:
            refused.append(str(error))
            continue
        for one in documents:
            body = one.text.removeprefix(one.title).strip()
            assert len(body) > 20 or (one.confidence or 0) < 0.7, one.title
            assert one.confidence is not None
            assert one.form or one.confidence < 0.7, path.name
    assert all("no readable text" in reason for reason in refused)


def is_stranger(path: Path) -> bool:
    """Whether a file of the corpus is a list, an index page or data."""
    return (
        path.suffix in {".json", ".xml", ".sgml", ".csv"}
        or path.name.endswith("-index.html")
        or path.parent.name == "index-and-lists"
    )


@pytest.mark.corpus
def test_no_real_index_list_or_data_passes_for_a_filing(shared):
    root = shared / "corpus" / "filings"
    strangers = [path for path in sorted(root.glob("*/*")) if is_stranger(path)]
    reasons: list[str] = []
    passed: list[Document] = []
    for path in strangers:
        body = path.read_bytes()
        try:
            passed += filing.parse_file(body, path=path.name, fetched_at=NOW)
        except ParseError as error:
            reasons.append(str(error))
    # A table of anything may be an exhibit.
    assert [(one.url, one.form, one.confidence) for one in passed] == [
        ("popular_us_stocks.csv", "", 0.0)
    ]
    assert [reason for reason in reasons if "no filing, but" not in reason] == []
    assert len(strangers) > 100


def entry_of(found: submission.Submission) -> Entry:
    announced = Filing(
        accession_no=found.accession_no or NUMBER,
        form=found.form or "8-K",
        cik=9999,
        company=found.company or "X",
    )
    return replace(ENTRY, filing=announced)


@pytest.mark.corpus
def test_real_submissions_are_read_or_refused(shared):
    root = shared / "corpus" / "filings" / "full-submissions"
    read: dict[str, tuple[Document, ...]] = {}
    refused = []
    for path in sorted(root.iterdir()):
        body = path.read_bytes()
        entry = entry_of(submission.read(charset.decode(body)))
        try:
            read[path.name] = filing.parse_submission(
                body, entry=entry, fetched_at=NOW, source="EDGAR", tier=1
            )
        except ParseError as error:
            refused.append((path.name, str(error)))
    texts = [one.text for documents in read.values() for one in documents]

    # Letters as PDF are the ones without text.
    assert len(read) == 22
    assert all("no readable text" in reason for _, reason in refused)
    assert not [text for text in texts if re.search(r"<(?:p|div|td|ix:\w+)\b", text)]
    exhibits = [
        (name, one.exhibit)
        for name, documents in read.items()
        for one in documents
        if one.exhibit
    ]
    assert ("66740_0000066740-24-000023.txt", "99.1") in exhibits
    assert ("796343_0000796343-23-000044.txt", "99.1") in exhibits
    assert len(exhibits) == 5
    items = {
        name: tuple(one.item for one in documents if one.item)
        for name, documents in read.items()
    }
    assert items["796343_0000796343-23-000044.txt"] == ("2.02", "9.01")
    assert items["1045810_0001045810-26-000024.txt"] == ("5.02", "9.01")


@pytest.mark.corpus
def test_item_names_of_real_headers_have_codes(shared: Path):
    root = shared / "corpus" / "filings" / "full-submissions"
    unknown = set()
    for path in root.iterdir():
        found = submission.read(charset.decode(path.read_bytes()))
        if (found.form or "").startswith("8-K") and found.accepted_at:
            unknown |= {n for n in found.item_names if not code_8k(n)}

    assert unknown == set()

"""Filings: a full submission to documents."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.sources import charset, filing, submission
from monitor.sources.item_titles import code_8k
from monitor.types import Document, Entry, Filing

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NUMBER = "0009999000-26-000007"
FOLDER = "https://www.sec.gov/Archives/edgar/data/9999/000999900026000007"
ENTRY = Entry(
    id="i",
    feed_url="https://www.sec.gov/",
    guid="g",
    url=f"{FOLDER}/{NUMBER}-index.htm",
    title="8-K - INVENTED CORP (0000009999) (Filer)",
    summary="",
    filing=Filing(accession_no=NUMBER, form="8-K", cik=9999, company="INVENTED CORP"),
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


# --- the corpus ---------------------------------------------------------------------


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

    # Ownership forms and letters as PDF are the ones without text.
    assert len(read) == 19
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

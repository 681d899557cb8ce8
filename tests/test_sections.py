"""Where the items of a filing's text begin and end."""

import json
from pathlib import Path

import pytest

from monitor.sources import charset, headings, sections, submission
from monitor.sources.item_titles import code_8k

COVER = "FORM 8-K\nCURRENT REPORT\nInvented Corp\n"
FILLER = "We build and sell machines. " * 20
SIGNED = "\nSIGNATURES\nPursuant to the requirements of the Securities Exchange Act\n"


def items(text: str, form: str = "8-K", **known) -> list[tuple[str, ...]]:
    return [one.items for one in sections.split(text, form=form, **known).sections]


def pieces(text: str, form: str = "8-K", **known) -> list[str]:
    found = sections.split(text, form=form, **known).sections
    return [text[one.start : one.end].strip() for one in found]


# --- 8-K ----------------------------------------------------------------------------


def test_items_of_an_8k_without_cover_and_signature():
    text = COVER + (
        "Item 1.01 Entry into a Material Definitive Agreement.\nWe signed.\n"
        "Item 9.01 Financial Statements and Exhibits.\n99.1 Press release" + SIGNED
    )

    assert pieces(text) == [
        "Item 1.01 Entry into a Material Definitive Agreement.\nWe signed.",
        "Item 9.01 Financial Statements and Exhibits.\n99.1 Press release",
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "ITEM 5.02. DEPARTURE OF DIRECTORS OR CERTAIN OFFICERS",
        "Item 5.02(b) Departure of Directors",
        "Item 5.02:Departure of Directors",
        "Item - 5.02 Departure of Directors or Principal Officers",
        "Item 5.02\nDeparture of Directors or Certain Officers",
        "Item 5.02.",
        "Section 5 – Corporate Governance and Management\nItem 5.02 Departure of Directors",
        "Item 5.02 Appointment of Certain Officers; Departure of Directors",
        "• Item 5.02 — Departure of Directors",
    ],
)
def test_ways_to_write_a_heading(heading):
    assert items(f"{COVER}{heading}\nShe left.{SIGNED}") == [("5.02",)]


@pytest.mark.parametrize(
    "line",
    [
        "Item 2.02 of this report is furnished, not filed.",
        "Item 2.02, including Exhibit 99.1, is furnished.",
        "The information in Item 2.02 is furnished.",
        "“Item 2.02 Results of Operations” above",
        "Item 2.02 above",
    ],
)
def test_what_refers_to_an_item_is_no_heading(line):
    text = f"{COVER}Item 8.01 Other Events\nSomething happened.\n{line}\n{SIGNED}"

    assert items(text) == [("8.01",)]
    assert line in pieces(text)[0]


def test_one_text_under_two_headings_is_one_piece():
    text = (
        COVER
        + "Item 2.02 Results of Operations and Financial Condition\n"
        + "Item 7.01 Regulation FD Disclosure\nA press release is furnished.\n"
        + "Items 8.01 and 9.01. Other Events; Exhibits\nMore."
    )

    assert items(text) == [("2.02", "7.01"), ("8.01", "9.01")]


def test_a_list_of_the_items_on_the_cover_is_no_item():
    listed = "Item 2.02 Results of Operations\nItem 9.01 Exhibits\n"
    text = (
        f"{COVER}{listed}Signature\nItem 2.02 Results of Operations\nA good quarter.\n"
        f"Item 9.01 Exhibits\n99.1{SIGNED}"
    )

    assert pieces(text) == [
        "Item 2.02 Results of Operations\nA good quarter.",
        "Item 9.01 Exhibits\n99.1",
    ]


def test_a_heading_repeated_on_the_next_page_goes_on():
    text = (
        COVER
        + f"Item 8.01 Other Events\nFirst page.\n{FILLER}\nItem 8.01 Other Events (continued)\n"
        + "Second page."
    )

    (piece,) = pieces(text)
    assert "First page." in piece
    assert "Second page." in piece


@pytest.mark.parametrize(
    ("filed", "found"), [("2001-05-01", [("5",)]), ("2021-05-01", [("8.01",)])]
)
def test_numbers_are_those_of_the_time(filed, found):
    text = f"{COVER}Item 5. Other Events\nA.\nItem 8.01 Other Events\nB."

    assert items(text, filing_date=filed) == found


def test_what_the_header_lists_and_the_text_lacks_makes_the_cut_doubtful():
    text = f"{COVER}Item 8.01 Other Events\nSomething.{SIGNED}"
    sure = sections.split(text, form="8-K", listed=["8.01"])
    unsure = sections.split(text, form="8-K", listed=["8.01", "5.02"])

    assert sure.confidence == 1
    assert unsure.confidence < 0.9


@pytest.mark.parametrize(
    "text",
    ["", "Nothing here names an item.", "Item 5.02 in passing", "Item 4.02. we think"],
)
def test_without_a_sure_heading_the_text_stays_whole(text):
    found = sections.split(text, form="8-K")

    assert found.sections == ()
    assert found.confidence < sections.CERTAIN


@pytest.mark.parametrize("form", ["6-K", "40-F", "424B5", "S-1", "DEF 14A", "SC 13D"])
def test_forms_without_items_are_left_whole_and_surely(form):
    found = sections.split("Item 1. Security and Issuer\nText.", form=form)

    assert found == sections.Split(sections=(), confidence=1.0)


# --- reports ------------------------------------------------------------------------

ANNUAL = f"""FORM 10-K
Table of Contents
Item 1. Business
Item 1A. Risk Factors
Item 2. Properties
Item 3. Legal Proceedings
Item 5. Market for Registrant’s Common Equity
Item 7. Management’s Discussion and Analysis
Item 8. Financial Statements
PART I
Item 1. Business
{FILLER}
See Item 1A. Risk Factors below.
Item 1A. Risk Factors
Power may be short. {FILLER}
Item 2. Properties
A plant.
PART I
Item 3. Legal Proceedings
None.
Item 5. Market for Registrant’s Common Equity
{FILLER}
Item 7. Management’s Discussion and Analysis
Revenue rose. {FILLER}
Item 8. Financial Statements
{FILLER}
"""
QUARTERLY = f"""FORM 10-Q
PART I
Item 1. Financial Statements (Unaudited)
{FILLER}
Item 2. Management’s Discussion and Analysis
Revenue rose. {FILLER}
PART II
Item 1. Legal Proceedings
None.
Item 1A. Risk Factors
No change.
Item 2. Unregistered Sales of Equity Securities
None.
Item 6. Exhibits
31.1
"""
FOREIGN = f"""FORM 20-F
Item 3. Key Information
D. Risk Factors
Export licences may be refused. {FILLER}
Item 4. Information on the Company
{FILLER}
Item 4A. Unresolved Staff Comments
None.
Item 5. Operating and Financial Review and Prospects
{FILLER}
Item 8. Financial Information
{FILLER}
Item 9. The Offer and Listing
None.
"""


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        (ANNUAL, "10-K", ["1", "1A", "3", "7"]),
        (ANNUAL.upper(), "10-K/A", ["1", "1A", "3", "7"]),
        (QUARTERLY, "10-Q", ["I.2", "II.1", "II.1A"]),
        (FOREIGN, "20-F", ["3", "4", "5", "8"]),
    ],
)
def test_sections_of_reports(text, form, found):
    split = sections.split(text, form=form)

    assert [one.item for one in split.sections] == found
    assert split.confidence == 1


def test_a_section_ends_where_any_item_begins():
    found = dict(zip(["1", "1A", "3", "7"], pieces(ANNUAL, "10-K"), strict=True))

    assert found["1"].endswith("See Item 1A. Risk Factors below.")
    assert found["1A"].startswith("Item 1A. Risk Factors\nPower may be short.")
    assert found["3"] == "PART I\nItem 3. Legal Proceedings\nNone."


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (ANNUAL.replace("Item 5.", "5.").replace("Item 8.", "8."), "10-K"),
        (ANNUAL.replace("PART I\nItem 1. Business\n", ""), "10-K"),
        (
            ANNUAL.replace("Item 1A. Risk", "Risk").replace(
                "Item 2. Properties\nA",
                "Item 1B. Unresolved Staff Comments\nItem 2. Properties\nA",
            ),
            "10-K",
        ),
        (
            "FORM 10-K/A\nPART III\nItem 10. Directors\nMs A\nItem 11. Executive Compensation\nB",
            "10-K/A",
        ),
        ("", "10-Q"),
    ],
    ids=["items missing", "only in the contents", "no 1A", "part III alone", "empty"],
)
def test_a_report_that_is_not_surely_cut_stays_whole(text, form):
    split = sections.split(text, form=form)

    assert split.sections == ()
    assert split.confidence < sections.CERTAIN


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("FORM 8-K\nCURRENT REPORT", "8-K"),
        ("Form 8-K/A (Amendment No. 1)", "8-K/A"),
        ("FORM 10-Q", "10-Q"),
        ("FORM 20-F", "20-F"),
        ("Annual report on Form10-K", None),
        ("a press release", None),
    ],
)
def test_form_on_the_cover(text, form):
    assert sections.form_of(text) == form


def test_many_headings_are_read_in_bounded_time():
    text = "Item 1. Business\nItem 7. Management’s Discussion\n" * 20_000

    assert sections.split(text, form="10-K").sections == ()


def test_a_long_line_is_read_in_bounded_time():
    assert headings.find("Item 1 " * 200_000)[0].numbers == ("1",)


# --- the corpus ---------------------------------------------------------------------

ANNUALS = ("10-K", "10-Q")


def text_of(path: Path) -> tuple[submission.Submission, str]:
    content = charset.decode(path.read_bytes())
    found = submission.read(content)
    part = submission.Part(type="", filename="", description="", content=content)
    return found, (found.parts[0] if found.parts else part).text


def labelled(shared: Path) -> list[tuple[Path, set[str]]]:
    """8-K files with the codes that a machine found in them."""
    corpus = shared / "corpus" / "filings" / "8k-raw-and-items"
    pairs = []
    for path in sorted(corpus.glob("*.items.json")):
        row = json.loads(path.read_text("utf-8"))
        codes = {key[5:] for key, text in row.items() if key[:5] == "item_" and text}
        pairs.append((path.with_name(path.name.removesuffix(".items.json")), codes))
    data = shared / "data" / "sec_8k_filings"
    rows = map(json.loads, (data / "sec_8k.jsonl").read_text("utf-8").splitlines())
    codes_of = {row["filename"]: set(row["item_codes"]) for row in rows}
    raw = sorted((data / "raw").iterdir())
    return pairs + [(path, codes_of[path.name]) for path in raw]


@pytest.mark.corpus
def test_item_codes_of_real_8ks(shared):
    """Against machine-found codes: no file differs, so none had to be judged by hand."""
    files = labelled(shared)
    right = ours = theirs = 0
    differing = []
    for path, expected in files:
        found, text = text_of(path)
        date = found.filing_date
        listed = [code_8k(name, filing_date=date) for name in found.item_names]
        split = sections.split(
            text, form="8-K", listed=[one for one in listed if one], filing_date=date
        )
        codes = {code for one in split.sections for code in one.items}
        right += len(codes & expected)
        ours += len(codes)
        theirs += len(expected)
        if codes != expected:
            differing.append((path.name, sorted(codes), sorted(expected)))

    assert len(files) == 166
    assert right / ours >= 0.98, differing
    assert right / theirs >= 0.98, differing
    assert differing == []


@pytest.mark.corpus
def test_real_reports_are_cut_into_their_sections(shared):
    folder = shared / "corpus" / "filings" / "10k-10q"
    for path in sorted(folder.iterdir()):
        _, text = text_of(path)
        form = sections.form_of(text) or ""
        split = sections.split(text, form=form)
        lengths = {one.item: one.end - one.start for one in split.sections}
        main = "7" if form == "10-K" else "I.2"

        assert form in ANNUALS, path.name
        assert split.confidence == 1, path.name
        assert len(lengths) == (4 if form == "10-K" else 3), path.name
        assert lengths[main] > 15_000, path.name
        assert min(lengths.values()) > 100, path.name

"""The items of the SEC's forms: their numbers, and how their titles begin.

Data only, from the forms' instructions and the titles that filers make of them.
"""

from dataclasses import dataclass

NEW_8K_ITEMS = "2004-08-23"
"""From this day on an 8-K has items 1.01 to 9.01 instead of 1 to 12."""

CURRENT_8K = {
    "entry into a material definitive agreement": "1.01",
    "termination of a material definitive agreement": "1.02",
    "bankruptcy or receivership": "1.03",
    "mine safety": "1.04",
    "material cybersecurity incidents": "1.05",
    "completion of acquisition or disposition of assets": "2.01",
    "results of operations and financial condition": "2.02",
    "creation of a direct financial obligation": "2.03",
    "triggering events that accelerate": "2.04",
    "cost associated with exit or disposal": "2.05",
    "costs associated with exit or disposal": "2.05",
    "material impairments": "2.06",
    "notice of delisting": "3.01",
    "unregistered sales of equity": "3.02",
    "unregistered sale of equity": "3.02",
    "material modifications to rights": "3.03",
    "material modification to rights": "3.03",
    "changes in registrant": "4.01",
    "non-reliance on previously issued": "4.02",
    "changes in control": "5.01",
    "departure of directors": "5.02",
    "amendments to articles": "5.03",
    "temporary suspension of trading under": "5.04",
    "amendments to the registrant's code": "5.05",
    "amendment to registrant's code": "5.05",
    "change in shell company": "5.06",
    "submission of matters to a vote": "5.07",
    "shareholder director nominations": "5.08",
    "shareholder nominations": "5.08",
    "abs informational": "6.01",
    "change of servicer": "6.02",
    "change in credit enhancement": "6.03",
    "failure to make a required distribution": "6.04",
    "securities act updating disclosure": "6.05",
    "static pool": "6.06",
    "regulation fd": "7.01",
    "other events": "8.01",
    "financial statements and exhibits": "9.01",
}
"""How item names of an 8-K start, in lower case, and their codes."""

FORMER_8K = {
    "changes in control": "1",
    "acquisition or disposition of assets": "2",
    "bankruptcy or receivership": "3",
    "changes in registrant": "4",
    "other events": "5",
    "resignation of registrant": "6",
    "resignations of registrant": "6",
    "financial statements": "7",
    "change in fiscal year": "8",
    "regulation fd": "9",
    "amendments to the registrant's code": "10",
    "amendment to the registrant's code": "10",
    "temporary suspension of trading under": "11",
    "results of operations and financial condition": "12",
    "disclosure of results of operations": "12",
}
"""The same before 23 August 2004."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormItem:
    """An item of a periodic report."""

    code: str
    """As it is stored; a 10-Q's parts are told apart: `I.2`, `II.1A`."""
    number: str
    title: str
    """How titles of it begin, a pattern in lower case."""
    name: str = ""
    """What it is called where it is read; empty is not read."""


def _item(code: str, title: str, name: str = "") -> FormItem:
    number = code.rpartition(".")[2]
    return FormItem(code=code, number=number, title=title, name=name)


ANNUAL = (
    _item("1", r"(?:description of |our )?business\b", "Business"),
    _item("1A", r"(?:summary of )?risk factors", "Risk Factors"),
    _item("1B", "unresolved staff"),
    _item("1C", "cyber ?security"),
    _item("2", r"(?:description of )?propert(?:y|ies)\b"),
    _item("3", "legal proceedings", "Legal Proceedings"),
    _item("4", r"(?:mine safety|submission of matters|\(?removed|\[?reserved)"),
    _item("5", "market for"),
    _item("6", r"(?:selected|consolidated selected|\[?reserved|\(?removed)"),
    _item(
        "7",
        r"management ?'?s discussion",
        "Management's Discussion and Analysis",
    ),
    _item("7A", "quantitative and qualitative"),
    _item("8", r"(?:consolidated )?financial statements"),
    _item("9", r"changes? in and disagreements?"),
    _item("9A", r"(?:disclosure )?controls? and procedures?"),
    _item("9B", "other information"),
    _item("9C", "disclosures? regarding foreign"),
    _item("10", "directors"),
    _item("11", "executive compensation"),
    _item("12", "security ownership"),
    _item("13", "certain relationships"),
    _item("14", r"(?:principal account|exhibits)"),
    _item("15", r"exhibits?\b"),
    _item("16", r"form 10-k summary"),
)
QUARTERLY = (
    _item("I.1", r"(?:condensed |consolidated |unaudited )*financial statements"),
    _item(
        "I.2",
        r"management ?'?s discussion",
        "Management's Discussion and Analysis",
    ),
    _item("I.3", "quantitative and qualitative"),
    _item("I.4", r"(?:disclosure )?controls? and procedures?"),
    _item("II.1", "legal proceedings", "Legal Proceedings"),
    _item("II.1A", "risk factors", "Risk Factors"),
    _item("II.2", r"(?:unregistered sales?|changes in securities)"),
    _item("II.3", "defaults? upon"),
    _item("II.4", r"(?:mine safety|submission of matters|\(?removed|\[?reserved)"),
    _item("II.5", "other information"),
    _item("II.6", r"exhibits?\b"),
)
FOREIGN_ANNUAL = (
    _item("1", "identity of directors"),
    _item("2", "offer statistics"),
    _item("3", "key information", "Key Information and Risk Factors"),
    _item("4", "information on the company", "Information on the Company"),
    _item("4A", "unresolved staff"),
    _item(
        "5",
        "operating and financial review",
        "Operating and Financial Review and Prospects",
    ),
    _item("6", "directors"),
    _item("7", "major shareholders"),
    _item("8", "financial information", "Financial Information"),
    _item("9", "the offer"),
    _item("10", "additional information"),
    _item("11", "quantitative and qualitative"),
    _item("12", "description of securities"),
    _item("13", "defaults"),
    _item("14", "material modifications"),
    _item("15", r"(?:disclosure )?controls? and procedures?"),
    _item("16", r"\[?reserved"),
    _item("17", "financial statements"),
    _item("18", "financial statements"),
    _item("19", r"exhibits?\b"),
)
PERIODIC = {
    "10-K": ANNUAL,
    "10-KT": ANNUAL,
    "10-K405": ANNUAL,
    "10-Q": QUARTERLY,
    "10-QT": QUARTERLY,
    "20-F": FOREIGN_ANNUAL,
}
"""Items of the forms that are read in sections, in the order of the form."""


def code_8k(name: str, *, filing_date: str | None = None) -> str | None:
    """The code of an item that an 8-K's header names: `Other events` is 8.01, or 5."""
    name = name.strip().lower().replace("’", "'")
    if name.replace(".", "").isdecimal():
        return name
    former = filing_date is not None and filing_date < NEW_8K_ITEMS
    titles = FORMER_8K if former else CURRENT_8K
    return next((code for key, code in titles.items() if name.startswith(key)), None)

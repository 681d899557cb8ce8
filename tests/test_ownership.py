"""Ownership reports that are filed as data."""

import pytest

from monitor.errors import ParseError
from monitor.sources import ownership, submission

REPORT = """<XML>
<?xml version="1.0"?>
<ownershipDocument>
 <issuer><issuerName>Invented Corp</issuerName>
  <issuerTradingSymbol>INV</issuerTradingSymbol></issuer>
 <reportingOwner>
  <reportingOwnerId><rptOwnerName>Person A</rptOwnerName></reportingOwnerId>
  <reportingOwnerRelationship><isDirector>true</isDirector>
   <officerTitle>CEO &amp; President</officerTitle></reportingOwnerRelationship>
 </reportingOwner>
 <nonDerivativeTable>%s</nonDerivativeTable>
 <remarks>Under a plan.</remarks>
</ownershipDocument>
</XML>"""
SALE = """<nonDerivativeTransaction>
 <securityTitle><value>Common Stock</value></securityTitle>
 <transactionDate><value>2026-11-20</value></transactionDate>
 <transactionCoding><transactionCode>%s</transactionCode></transactionCoding>
 <transactionAmounts>
  <transactionShares><value>120000.0</value></transactionShares>
  <transactionPricePerShare><value>%s</value></transactionPricePerShare>
  <transactionAcquiredDisposedCode><value>%s</value></transactionAcquiredDisposedCode>
 </transactionAmounts>
 <postTransactionAmounts><sharesOwnedFollowingTransaction><value>5000</value>
  </sharesOwnedFollowingTransaction></postTransactionAmounts>
</nonDerivativeTransaction>"""


@pytest.mark.parametrize(
    ("code", "price", "side", "said"),
    [
        (
            "S",
            "66.9",
            "D",
            "sold 120,000 shares of Common Stock of Invented Corp at $66.9",
        ),
        ("P", "1", "A", "bought 120,000 shares of Common Stock of Invented Corp at $1"),
        ("A", "0", "A", "was granted 120,000 shares of Common Stock of Invented Corp"),
        ("J", "", "A", "acquired 120,000 shares of Common Stock of Invented Corp"),
        ("J", "", "D", "disposed of 120,000 shares of Common Stock of Invented Corp"),
    ],
)
def test_a_transaction_is_a_sentence(code, price, side, said):
    lines = ownership.read(REPORT % (SALE % (code, price, side))).splitlines()

    assert lines == [
        "Person A (CEO & President, director) of Invented Corp (INV)",
        f"Person A (CEO & President, director) {said} on 2026-11-20; 5,000 owned after it.",
        "Under a plan.",
    ]


def test_a_schedule_becomes_a_line_for_each_value():
    purpose = (
        "The reporting person wants the company to build its own power plants soon."
    )
    text = ownership.read(
        '<XML><edgarSubmission xmlns="http://www.sec.gov/edgar/schedule13D"><formData>'
        "<issuerName>Invented Corp</issuerName><percentOfClass>7.1</percentOfClass>"
        f"<transactionPurpose>{purpose}</transactionPurpose></formData></edgarSubmission></XML>"
    )

    assert text.splitlines() == [
        "issuer name: Invented Corp",
        "percent of class: 7.1",
        purpose,
    ]


@pytest.mark.parametrize(
    "content",
    [
        REPORT.replace(
            "<ownershipDocument>", '<!DOCTYPE a [<!ENTITY b "c">]><ownershipDocument>'
        ),
        REPORT.replace("</issuer>", ""),
    ],
    ids=["entity", "broken"],
)
def test_what_is_broken_or_an_attack_is_refused(content):
    with pytest.raises(ParseError):
        ownership.read(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (REPORT, True),
        ("<XML><xbrl>", False),
        ("<html>", False),
        ("An ownershipDocument", False),
    ],
)
def test_which_documents_are_such_reports(content, expected):
    part = submission.Part(type="4", filename="", description="", content=content)

    assert ownership.is_ownership(content) is expected
    assert part.is_readable or not expected

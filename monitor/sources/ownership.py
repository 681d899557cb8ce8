"""Ownership reports that are filed as data: forms 3, 4 and 5 and schedules 13D and 13G.

Their XML to sentences and lines that can be read like any other text.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from monitor.errors import ParseError
from monitor.sources import plaintext, prolog

_START = re.compile(
    r"\s*(?:<XML>\s*)?(?:<\?xml[^>]*>\s*)?<(?:\w+:)?(?:ownershipDocument|edgarSubmission)\b"
)
_WRAPPER = re.compile(r"\A\s*<XML>\s*|\s*</XML>\s*\Z")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NAME = "the ownership report"
PROSE = 60
"""Characters from which on a value speaks for itself."""

DONE = {
    "P": "bought",
    "S": "sold",
    "A": "was granted",
    "M": "exercised or converted",
    "F": "gave up for taxes",
    "G": "gave away",
}
"""Transaction codes of the forms that say more than acquired or disposed of."""


def is_ownership(content: str) -> bool:
    """Whether a document of a filing is such a report."""
    return _START.match(content) is not None


def read(content: str) -> str:
    """The text of a report, a line for each transaction, holding and remark.

    Raises ParseError for XML that is broken or declares entities.
    """
    text = prolog.strip(_WRAPPER.sub("", content))
    prolog.refuse_entities(text, url=NAME)
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities
    except ET.ParseError as error:
        raise ParseError(f"{NAME} is not XML: {error}", url=NAME) from error
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag)
    found = _transactions(root) if root.tag == "ownershipDocument" else _leaves(root)
    return plaintext.lines("\n".join(found))


def _transactions(root: ET.Element) -> Iterator[str]:
    issuer = _value(root, "issuer/issuerName")
    owners = " and ".join(map(_owner, root.iter("reportingOwner")))
    yield f"{owners} of {issuer} ({_value(root, 'issuer/issuerTradingSymbol')})"
    for kind in ("nonDerivative", "derivative"):
        for one in root.iter(f"{kind}Transaction"):
            yield f"{owners} {_transaction(one, issuer, kind)}."
        for one in root.iter(f"{kind}Holding"):
            yield f"{owners} holds {_amount(one)} of {issuer}."
    for note in (*root.iter("remarks"), *root.iter("footnote")):
        yield note.text or ""


def _owner(owner: ET.Element) -> str:
    role = "reportingOwnerRelationship/"
    roles = [
        _value(owner, f"{role}officerTitle"),
        "director" if _is_set(owner, f"{role}isDirector") else "",
        "owner of ten percent" if _is_set(owner, f"{role}isTenPercentOwner") else "",
    ]
    name = _value(owner, "reportingOwnerId/rptOwnerName")
    known = ", ".join(filter(None, roles))
    return f"{name} ({known})" if known else name


def _transaction(one: ET.Element, issuer: str, kind: str) -> str:
    amounts = "transactionAmounts/"
    code = _value(one, "transactionCoding/transactionCode")
    acquired = _value(one, f"{amounts}transactionAcquiredDisposedCode") == "A"
    done = DONE.get(code, "acquired" if acquired else "disposed of")
    price = _value(one, f"{amounts}transactionPricePerShare")
    shares = _number(_value(one, f"{amounts}transactionShares"))
    shares += " shares of" if kind == "nonDerivative" else ""
    after = _number(_value(one, _AFTER))
    return "".join(
        [
            f"{done} {shares} {_value(one, 'securityTitle')} of {issuer}",
            f" at ${price}" if price.strip("0.") else "",
            f" on {_value(one, 'transactionDate')}",
            f"; {after} owned after it" if after else "",
        ]
    )


_AFTER = "postTransactionAmounts/sharesOwnedFollowingTransaction"


def _amount(one: ET.Element) -> str:
    return f"{_number(_value(one, _AFTER))} {_value(one, 'securityTitle')}".strip()


def _value(element: ET.Element, path: str) -> str:
    """The text at a path, directly or in its `value`."""
    found = element.find(f"{path}/value")
    found = element.find(path) if found is None else found
    return plaintext.line(found.text or "") if found is not None else ""


def _is_set(element: ET.Element, path: str) -> bool:
    return _value(element, path).lower() in {"1", "true"}


def _number(text: str) -> str:
    try:
        return f"{float(text):,.10g}"
    except ValueError:
        return text


def _leaves(root: ET.Element) -> Iterator[str]:
    """Each value with what it is, as its tag says; prose as it is."""
    for element in root.iter():
        value = plaintext.line(element.text or "")
        if len(value) >= PROSE:
            yield value
        elif value:
            name = _HUMP.sub(" ", element.tag).lower()
            yield f"{name}: {value}"

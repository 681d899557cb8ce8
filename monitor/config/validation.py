"""The schema applied to a file: its sections, or every problem in plain words."""

from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config import schema
from monitor.config.problems import Key, Problem, place_of, quote, suggest
from monitor.config.section import Section
from monitor.config.yaml_file import YamlFile

Checked = TypeVar("Checked", bound=Section)

WORDS = {
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "finite_number": "expected a number",
    "tuple_type": "expected a list such as [one, two]",
    "dict_type": "expected keys and values such as en: ...",
    "model_type": "expected keys and values such as id: ...",
    "too_short": "expected at least one",
    "less_than_equal": "expected at most {le}",
    "greater_than_equal": "expected at least {ge}",
}
"""pydantic's error types; where one is not listed its own message is given."""


def validate(file: YamlFile) -> tuple[schema.File | None, list[Problem]]:
    """Check every value of feeds.yaml alone; the file is None if there is a problem."""
    return validate_as(schema.File, file)


def validate_as(
    section: type[Checked], file: YamlFile
) -> tuple[Checked | None, list[Problem]]:
    """Check every value alone; the file is None if there is a problem."""
    if not isinstance(file.data, dict):
        message = "expected keys at the left margin such as feeds: and companies:"
        if file.data is None:
            message = "the file is empty; `monitor init` writes one to start from"
        return None, [Problem(place=place_of((), file.places), message=message)]
    try:
        return section.model_validate(file.data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [problem(one, file) for one in details if not counted(one)]


def counted(error: ErrorDetails) -> bool:
    """Whether a list is only too short because its items have problems."""
    return error["type"] == "too_short" and bool(error["input"])


def problem(error: ErrorDetails, file: YamlFile) -> Problem:
    """Say what is wrong, where, and what would be right."""
    key: Key = tuple(part for part in error["loc"] if part != "[key]")
    place, message = place_of(key, file.places), message_of(error)
    if error["type"] in {"extra_forbidden", "missing"}:
        return Problem(
            place=place, key=key[:-1], message=key_message(error["type"], key)
        )
    if error["loc"][-1:] == ("[key]",):
        return Problem(place=place, key=key[:-1], value=str(key[-1]), message=message)
    value = None if schema.is_secret(key) else file.written.get(key)
    return Problem(place=place, key=key, value=value, message=message)


def key_message(error_type: str, key: Key) -> str:
    """Say that a key is missing, or unknown and what it may have meant."""
    word = str(key[-1])
    if error_type == "missing":
        return f"missing key {quote(word)}"
    return f"unknown key {quote(word)}{suggest(word, known_keys(key[:-1]))}"


def message_of(error: ErrorDetails) -> str:
    """What would be right."""
    if error["input"] is None:
        return "has no value"
    if error["type"] == "literal_error":
        choices = literal_choices(error)
        near = suggest(str(error["input"]), choices)
        return f"expected {' or '.join(choices)}{near}"
    template = WORDS.get(error["type"], error["msg"])
    context = error.get("ctx", {})
    bounds = {name: f"{context[name]:g}" for name in ("le", "ge") if name in context}
    return template.format(**bounds) if bounds else template


def literal_choices(error: ErrorDetails) -> list[str]:
    """`'en' or 'ko'` as pydantic writes it, to words."""
    text = str(error.get("ctx", {}).get("expected", ""))
    return [word.strip(" '") for word in text.replace(" or ", ",").split(",")]


def known_keys(key: Key) -> list[str]:
    """Keys that the section at a place may have."""
    section: type[Section] = schema.File
    for part in key:
        field = section.model_fields.get(str(part))
        section = (section_in(field.annotation) if field else None) or section
    return list(section.model_fields)


def section_in(annotation: Any) -> type[Section] | None:
    """Find the section inside `tuple[Feed, ...]`, `Mail | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = (section_in(inner) for inner in get_args(annotation))
    return next((section for section in found if section), None)

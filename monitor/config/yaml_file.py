"""YAML text to plain values, each with its line and column.

Every scalar stays the text that was written and the schema decides what it is, so
none of YAML's surprises arise: a ticker `005930` keeps its zeros, `no` is Norwegian,
`07:00` is a time. Fills in `${ENV}`. Does not know which keys there are.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from monitor.config.problems import START, Key, Place, Problem, quote

Value = None | str | list["Value"] | dict[str, "Value"]

MAX_BYTES = 4_000_000
MAX_VALUES = 200_000
"""Aliases of aliases can describe billions of values in a few lines."""

VARIABLE = re.compile(
    r"(?P<escaped>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
)
YAML_1_1 = re.compile(r"^%YAML\s+1\.[01]\b", re.MULTILINE)
NULL = "tag:yaml.org,2002:null"
PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
) | {"tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}

# What ruamel.yaml says, and what a person can do about it; first match wins.
SYNTAX = {
    r"character '\\t'": "a tab stands here; indent with spaces",
    r"character '[@`%]' that cannot start": "put a value that begins like this in quotes",
    r"mapping values are not allowed": 'a ":" where no key can stand; put a value that '
    'contains ": " in quotes, and check how this line and the one above are indented',
    r"could not find expected ':'": 'the line before has no ":" and no "- "',
    r"quoted scalar.*unexpected end": "the quote that opens here is never closed",
    r"escape": 'a "\\" in double quotes is special; use single quotes for patterns',
    r"alias|anchor": 'put a value that begins with "*" or "&" in quotes',
    r"flow sequence": 'a list that begins with "[" is not closed with "]"',
    r"flow": 'the "{ }" or "[ ]" here is not well-formed',
    r"block end": "the indentation does not fit the lines above; keys of one item line "
    'up, and each item of a list begins with "- "',
    r"another document": 'a second document begins here; remove the "---"',
}


@dataclass(slots=True, kw_only=True)
class YamlFile:
    """What a file says, where it says it, and what is wrong with the writing."""

    data: Value = None
    places: dict[Key, Place] = field(default_factory=dict)
    """Of every key of a mapping and every item of a list."""
    texts: dict[Key, str] = field(default_factory=dict)
    """Every scalar with the environment filled in."""
    written: dict[Key, str] = field(default_factory=dict)
    """Every scalar as it stands in the file."""
    filled: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    """Which values came from the environment."""
    problems: list[Problem] = field(default_factory=list)


def read(data: bytes, environ: Mapping[str, str]) -> YamlFile:
    """Read YAML; what is wrong is in `problems`, nothing is raised."""
    file = YamlFile()
    text = decode(data, file)
    root = compose(text, file) if text is not None else None
    if root is not None:
        file.places[()] = place(root)
        Builder(file=file, environ=environ).build(root, ())
    return file


def decode(data: bytes, file: YamlFile) -> str | None:
    """Decode UTF-8 with or without a byte order mark."""
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read"
        file.problems.append(Problem(place=START, message=message))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace")) + 1
        message = (
            f"byte {error.start + 1} (0x{data[error.start]:02x}) is not UTF-8"
            f"{guess(data)}; save the file as UTF-8"
        )
        where = Place(line=before.count(b"\n") + 1, column=column)
        file.problems.append(Problem(place=where, message=message))
        return None


def guess(data: bytes) -> str:
    """Name the encoding that a text editor on Windows may have chosen."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " (it looks like UTF-16)"
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        return ""
    korean = any("가" <= letter <= "힣" for letter in text)
    return " (it looks like CP949 or EUC-KR)" if korean else ""


def compose(text: str, file: YamlFile) -> Node | None:
    """Parse into nodes; None if the text is empty or is not YAML."""
    if found := YAML_1_1.search(text):
        where = Place(line=text.count("\n", 0, found.start()) + 1, column=1)
        message = "YAML 1.1 is not read; remove this line"
        file.problems.append(Problem(place=where, message=message))
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except RecursionError:
        file.problems.append(Problem(place=START, message="nested too deeply"))
    except (YAMLError, ValueError, OverflowError) as error:
        # ruamel.yaml 0.19 lets chr()'s own errors out for "\U00110000" and beyond.
        file.problems.append(syntax_problem(error, text))
    else:
        return node
    return None


def syntax_problem(error: Exception, text: str) -> Problem:
    """Say in plain words what the parser stumbled over."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        column = error.position - before.rfind("\n")
        message = "a control character stands here; remove it"
        where = Place(line=before.count("\n") + 1, column=column)
        return Problem(place=where, message=message)
    if not isinstance(error, MarkedYAMLError):
        return Problem(place=START, message=f"not YAML: {error}")
    said = f"{error.context or ''}: {error.problem or ''}"
    unclosed = "quoted scalar" in said and "unexpected end" in said
    mark = error.context_mark if unclosed else error.problem_mark
    mark = mark or error.context_mark or error.problem_mark
    where = Place(line=mark.line + 1, column=mark.column + 1) if mark else START
    for pattern, advice in SYNTAX.items():
        if re.search(pattern, said, re.DOTALL):
            return Problem(place=where, message=f"not YAML: {advice}")
    return Problem(place=where, message=f"not YAML: {error.problem or error.context}")


def place(node: Node) -> Place:
    """Where a node begins."""
    return Place(line=node.start_mark.line + 1, column=node.start_mark.column + 1)


@dataclass(slots=True, kw_only=True)
class Builder:
    """Turns nodes into plain values and fills in the environment."""

    file: YamlFile
    environ: Mapping[str, str]
    values: int = 0
    open_nodes: set[int] = field(default_factory=set)

    def build(self, root: Node, key: Key) -> None:
        """Set `data` of the file, unless it describes an endless value."""
        try:
            self.file.data = self.value(root, key)
        except RecursionError:
            self.problem(key, "nested too deeply")
        except OverflowError as error:
            self.problem(key, str(error))

    def value(self, node: Node, key: Key) -> Value:
        self.values += 1
        if self.values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, aliases counted each time"
            raise OverflowError(message)
        if node.tag not in PLAIN_TAGS:
            self.problem(key, f"a tag ({quote(node.tag or '')}) means nothing here")
            return None
        if isinstance(node, ScalarNode):
            return self.scalar(node, key)
        if id(node) in self.open_nodes:
            self.problem(key, "an alias that contains itself")
            return None
        self.open_nodes.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return list(self.items(node, key))
            return self.mapping(node, key) if isinstance(node, MappingNode) else None
        finally:
            self.open_nodes.discard(id(node))

    def items(self, node: SequenceNode, key: Key) -> Iterator[Value]:
        for index, item in enumerate(node.value):
            self.file.places[*key, index] = place(item)
            yield self.value(item, (*key, index))

    def mapping(self, node: MappingNode, key: Key) -> dict[str, Value]:
        pairs: dict[str, Value] = {}
        for key_node, value_node in node.value:
            where = place(key_node)
            if not isinstance(key_node, ScalarNode):
                self.report(where, key, "a key must be a word")
                continue
            name = key_node.value
            inner = (*key, name)
            if name in pairs:
                first = self.file.places[inner].line
                self.report(where, inner, f"is given twice, first in line {first}")
                continue
            self.file.places[inner] = where
            pairs[name] = self.value(value_node, inner)
        return pairs

    def scalar(self, node: ScalarNode, key: Key) -> str | None:
        if node.tag == NULL:
            return None
        self.file.written[key] = node.value
        text = self.fill(node.value, key)
        if any(is_control(letter) for letter in text):
            self.problem(key, "contains a control character")
        self.file.texts[key] = text
        return text

    def fill(self, text: str, key: Key) -> str:
        """Put the environment in for `${NAME}` and `${NAME:-default}`."""
        came_in: list[str] = []

        def substitute(found: re.Match[str]) -> str:
            if found["escaped"]:
                return "${"
            value = self.environ.get(found["name"])
            if value is None and found["default"] is None:
                message = (
                    f"the environment variable {found['name']} is not set; set it, or "
                    f"write ${{{found['name']}:-default}}"
                )
                self.problem(key, message)
                return found[0]
            if not value and found["default"] is not None:
                return found["default"]
            came_in.append(value or "")
            return value or ""

        filled = VARIABLE.sub(substitute, text)
        if came_in:
            self.file.filled[key] = tuple(came_in)
        return filled

    def problem(self, key: Key, message: str) -> None:
        self.report(self.file.places.get(key, START), key, message)

    def report(self, where: Place, key: Key, message: str) -> None:
        self.file.problems.append(Problem(place=where, message=message, key=key))


def is_control(letter: str) -> bool:
    """Whether a character steers a terminal or cannot be written as UTF-8."""
    return letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cs"}

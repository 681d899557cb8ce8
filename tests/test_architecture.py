"""The house: who may import whom, and how large a room may grow."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
MAX_LINES = 360
"""A module that grows past about 300 lines is split by noun."""

# What each room may import of ours, besides itself.
ALLOWED = {
    "errors": set(),
    "types": set(),
    "worker": {"errors"},
    "config": {"errors", "types"},
    "sources": {"errors", "types"},
    "analysis": {"errors", "types"},
    "stories": {"errors", "types"},
    "store": {"errors", "types"},
    "notify": {"errors", "types"},
}
LENT = {"monitor.sources.forms"}
"""What any room may use: names alone, of things that are the same everywhere."""
HEAVY = {
    *("spacy", "onnxruntime", "transformers", "torch", "trafilatura", "feedparser"),
    "datasketch",
}
PRINTERS = {"cli"}


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_they_may(path):
    allowed = ALLOWED.get(room(path))
    if allowed is None:
        return
    names = imports(ast.parse(path.read_text("utf-8")))
    ours = {
        name.split(".")[1]
        for name in names
        if name.startswith("monitor.") and not name.startswith(tuple(LENT))
    }

    assert ours - allowed - {room(path), "__version__"} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_small(path):
    if path.name == "types.py":  # a list of nouns, read like a dictionary
        return
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_prints(path):
    if room(path) in PRINTERS:
        return
    calls = [
        node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]

    assert "print" not in calls


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if room(path) in {"cli", "config", "store"}],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_what_answers_at_once_imports_nothing_heavy(path):
    names = imports(ast.parse(path.read_text("utf-8")))

    assert {name.split(".")[0] for name in names} & HEAVY == set()


def test_what_measures_the_model_needs_no_torch():
    """As after `make test` on a fresh machine, which installs none."""
    hidden = "import sys; sys.modules['torch'] = None; import tests.eval.__main__"
    done = subprocess.run(
        [sys.executable, "-c", hidden],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr

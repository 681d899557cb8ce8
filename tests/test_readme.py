"""The README tells the truth: its commands run, its table is the measured one."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.analysis import relevance
from monitor.cli import app
from tests.conftest import SHARED

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MONITOR = Path(sys.executable).with_name("monitor")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
FILES = {
    name: text
    for block in BLOCKS
    for name, text in re.findall(
        r"^\$ cat (\S+)\n(.*?)(?=^\$ |\Z)", block, re.DOTALL | re.MULTILINE
    )
}
COMMANDS = re.findall(r"^\$ (monitor .*)$", "\n".join(BLOCKS), re.MULTILINE)


def test_the_formula_of_relevance_is_the_one_that_is_used():
    stated = re.search(r"`relevance`, 0 to 1, .*?\n\n", README, re.DOTALL)
    constants = vars(relevance)
    names = ("_TITLE", "_LEAD", "_POSITION", "_SHARE")
    weights = [f"{constants[name]:.2f}" for name in names]

    assert stated
    assert re.findall(r"0\.\d\d", stated[0]) == weights
    assert f"at least {constants['_CROWD']}" in stated[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the demo's feeds.yaml and database, and all files that are read."""
    folder = tmp_path_factory.mktemp("readme")
    subprocess.run([MONITOR, "demo", "--folder", folder], check=True, cwd=folder)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    if SHARED.is_dir():
        write_lists(SHARED / "data", folder)
    return folder


def write_lists(data, folder):
    """The SEC's and the Korea Exchange's lists under the names in the README."""
    with (data / "companies_sec" / "company_tickers.csv").open() as file:
        rows = dict(enumerate(csv.DictReader(file)))
    (folder / "company_tickers.json").write_text(json.dumps(rows))
    korean = (data / "companies_krx" / "krx_listed_desc.csv").read_bytes()
    (folder / "krx.csv").write_bytes(korean)


# What int8 rounds depends on what is in one batch, so on which page came first: a telling
# that is hardly like enough joins one story or another.
VARYING = {"monitor stories --top 3"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(folder, command):
    words = shlex.split(command)
    if "companies" in words and not SHARED.is_dir():
        pytest.skip(f"no lists of companies at {SHARED}")
    result = subprocess.run(
        [MONITOR, *words[1:]],
        cwd=folder,
        env=os.environ | {"COLUMNS": "88"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    block = next(block for block in BLOCKS if f"$ {command}\n" in block)
    shown = block.split(f"$ {command}\n")[1].split("\n$ ")[0].splitlines()
    printed = {line.split()[0] for line in result.stdout.splitlines() if line.split()}

    assert result.returncode == 0, result.stderr
    if command in VARYING:
        shown = shown[:2]
        assert any(first.isdigit() for first in printed)
    assert {line.split()[0] for line in shown if line.split()} <= printed


def test_every_command_is_in_the_readme():
    callbacks = [command.callback for command in app.registered_commands]
    names = [callback.__name__ for callback in callbacks if callback]
    names += [str(group.name) for group in app.registered_groups]
    missing = [
        name for name in names if f"`{name}" not in README and f" {name}" not in README
    ]

    assert len(names) > 8
    assert missing == []

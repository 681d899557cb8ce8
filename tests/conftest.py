"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real feeds, filings and labelled passages; skips without it."""
    if not SHARED.is_dir():
        message = f"no corpus at {SHARED}"
        if os.environ.get("CI"):
            pytest.fail(f"{message}: CI must have it")
        pytest.skip(message)
    return SHARED


@pytest.fixture(autouse=True)
def _own_standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may leave the SEC at rest for another, or for whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

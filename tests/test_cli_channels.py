"""Channels as a person configures, tries and reads them: the installed command."""

import json
import os
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Receiver

from monitor.config import load
from monitor.errors import ConfigError
from monitor.store.store import Store
from tests.test_cli import monitor

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FILE = """\
feeds:
  - url: https://example.org/feed
    title: Example
alert_recipients: [desk, phone, file]
digests:
  - id: morning
    to: [desk]
    sections: [moved, companies]
    themes: []
channels:
  - id: desk
    kind: webhook
    url: {url}
    secret: ${{WEBHOOK_SECRET}}
  - id: phone
    kind: apprise
    url: ${{PHONE_URL}}
    language: ko
  - id: file
    kind: atom
    path: alerts.xml
"""


@pytest.fixture
def folder(tmp_path: Path, httpserver, monkeypatch) -> Path:
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    httpserver.expect_request("/canary", method="POST").respond_with_data("ok")
    (tmp_path / "feeds.yaml").write_text(FILE.format(url=httpserver.url_for("/hook")))
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("PHONE_URL", f"json://127.0.0.1:{httpserver.port}/canary")
    return tmp_path


def test_a_channel_is_tried_with_one_command(folder, httpserver):
    web = monitor("channels", "test", "desk", cwd=folder)
    phone = monitor("channels", "test", "phone", cwd=folder)

    assert (web.stdout, phone.stdout) == ("desk: taken\n", "phone: taken\n")
    hook, push = (request for request, _ in httpserver.log)
    said = Receiver(SECRET).verify(hook.data.decode(), dict(hook.headers))
    assert said["data"]["title"] == "Test message"
    assert json.loads(push.data)["title"] == "테스트 메시지"


def test_dry_run_of_a_channel_sends_nothing(folder, httpserver):
    result = monitor("channels", "test", "desk", "--dry-run", cwd=folder)

    assert json.loads(result.stdout)["type"] == "trial"
    assert httpserver.log == []


def test_channel_that_refuses_says_what_and_keeps_its_secrets(folder, httpserver):
    httpserver.clear()
    for name in ("desk", "phone"):
        result = monitor("channels", "test", name, cwd=folder)

        assert result.returncode == 1
        assert name in result.stderr
        assert "canary" not in result.stderr
        assert SECRET not in result.stderr


def test_unknown_channel_names_those_that_there_are(folder):
    result = monitor("channels", "test", "desc", cwd=folder)

    assert result.returncode == 1
    assert "no channel named 'desc'; did you mean desk?" in result.stderr


def test_channels_are_listed_with_what_became_of_their_messages(folder):
    result = monitor("channels", "list", "--json", cwd=folder)
    rows = {row["recipient"]: row for row in json.loads(result.stdout)}

    assert rows["desk"]["gets"] == "alerts, morning"
    assert (rows["phone"]["kind"], rows["phone"]["sent"]) == ("apprise", 0)
    assert set(rows) == {"desk", "phone", "file"}


def test_dry_run_of_a_digest_says_who_would_get_it_and_leaves_no_trace(
    folder, httpserver
):
    with Store(folder / "monitor.db"):
        pass
    before = (folder / "monitor.db").read_bytes()
    result = monitor("digest", "--send", "--dry-run", cwd=folder)

    assert "would send by webhook to desk: Daily digest" in result.stdout
    assert httpserver.log == []
    assert (folder / "monitor.db").read_bytes() == before
    assert not list(folder.glob(".dry-run-*"))
    sent = monitor("digest", "--send", cwd=folder)
    again = monitor("digest", "--send", cwd=folder)
    assert sent.stdout == "1 sent\n"
    assert "nothing is sent twice" in again.stdout
    assert len(httpserver.log) == 1


def test_configuration_shows_no_secret_of_a_channel(folder):
    result = monitor("config", "show", cwd=folder)

    assert result.returncode == 0
    assert "phone" in result.stdout
    assert SECRET not in result.stdout
    assert "canary" not in result.stdout


NOT_HERE = "a secret is not written here; write "


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[desk]", "[desc]", ':7:10: digests[0].to[0]: "desc": neither an e-mail'),
        ("[desk]", "[desc]", 'nor a channel; did you mean "desk"?'),
        ("kind: webhook", "kind: webhok", 'did you mean "webhook"?'),
        (
            "${{WEBHOOK_SECRET}}",
            "hunter2",
            f":14:5: channels[0].secret: {NOT_HERE}${{WEBHOOK_SECRET}}",
        ),
        (
            "url: ${{PHONE_URL}}",
            "url: tgram://canary/1",
            f":17:5: channels[1].url: {NOT_HERE}${{APPRISE_URL}}",
        ),
        ("    path: alerts.xml\n", "", 'needs the key "path" beside it'),
        (
            "    path: alerts.xml",
            "    path: a.xml\n    secret: ${{WEBHOOK_SECRET}}",
            "a channel of kind atom has none",
        ),
        ("id: phone", "id: desk", "is there already"),
        ("moved, companies", "moved, company", ":8:23: digests[0].sections[1]"),
        ("themes: []", "themes: [nosuch]", "unknown theme"),
        ("url: {url}", "url: ftp://example.org/", "begins with https://"),
    ],
)
def test_mistake_in_a_channel_is_named_with_its_place(tmp_path, old, new, says):
    assert old in FILE
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE.replace(old, new).format(url="https://example.org/hook"))
    environment = {"WEBHOOK_SECRET": SECRET, "PHONE_URL": "tgram://a/b"}
    with pytest.raises(ConfigError) as caught:
        load(path, environment)

    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


def test_secret_of_a_channel_comes_from_a_file(tmp_path):
    path = tmp_path / "feeds.yaml"
    text = FILE.replace("${{WEBHOOK_SECRET}}", "file:secret.txt")
    path.write_text(text.format(url="https://example.org/hook"))
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    config = load(path, os.environ | {"PHONE_URL": "tgram://a/b"})

    assert config.channels[0].secret == SECRET
    assert config.channels[2].path == tmp_path / "alerts.xml"
    assert SECRET in config.secrets

"""The credentials file: made by commands, read again while the server runs."""

import logging
import os

import pytest

from maskkit.server.credentials import (
    CredentialsError,
    CredentialsFile,
    add_client,
    read_credentials,
    remove_client,
)
from maskkit.server.signing import Signer

from .test_doors import GOOD, bearer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clients"


def ask(server, client, token):
    return server.client.post("/sensei/mask", json=GOOD, headers=bearer(client, token)).status_code


def token_of(server, client, secret):
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    return server.client.post("/ims/token/v3", data=form).json().get("access_token", "")


def test_clients_come_and_go_while_the_server_runs(serving, path):
    shop = add_client(path, "shop")
    server = serving(credentials=path)
    assert ask(server, "shop", shop) == 202
    studio = add_client(path, "studio")
    assert ask(server, "studio", studio) == 202
    token = token_of(server, "studio", studio)
    assert ask(server, "studio", token) == 202
    remove_client(path, "studio")
    assert ask(server, "studio", studio) == 401
    assert ask(server, "studio", token) == 401, "its tokens end with it"
    assert token_of(server, "studio", studio) == ""
    assert ask(server, "shop", shop) == 202
    assert add_client(path, "studio") != studio
    assert ask(server, "studio", token) == 401, "nor do they come back with a new secret"


@pytest.mark.parametrize("broken", ["shop sha256$00$00\n", "\x00\x01", None], ids=["cut", "noise", "gone"])
def test_a_file_that_broke_leaves_who_was_known_and_is_logged_once(serving, path, caplog, broken):
    caplog.set_level(logging.WARNING)
    secret = add_client(path, "shop")
    server = serving(credentials=path)
    good = path.read_text()
    path.unlink() if broken is None else path.write_text(broken)
    assert [ask(server, "shop", secret) for _ in range(3)] == [202] * 3
    [said] = [record.getMessage() for record in caplog.records if "credentials" in record.getMessage()]
    assert "stay as they were" in said
    assert good.split()[1] not in said
    path.write_text(good)
    other = add_client(path, "studio")
    assert ask(server, "studio", other) == 202, "once it is whole again it counts again"


def test_the_start_up_names_clients_from_before_there_were_events(serving, path, caplog):
    add_client(path, "shop")
    with path.open("a") as file:
        file.write(f"old sha256${32 * '0'}${64 * '1'}\n")
    caplog.set_level(logging.WARNING)
    serving(credentials=path)
    [said] = [one.getMessage() for one in caplog.records if "credentials" in one.getMessage()]
    assert "1 of 2 clients" in said
    assert "(old)" in said


def test_a_file_without_a_client_lets_nobody_in(serving, path):
    secret = add_client(path, "shop")
    server = serving(credentials=path)
    remove_client(path, "shop")
    assert ask(server, "shop", secret) == 401
    with pytest.raises(CredentialsError, match="has no client; add one with"):
        CredentialsFile(path, Signer(b"a"))


def test_a_change_of_the_same_length_and_time_is_seen(path):
    add_client(path, "a")
    known = CredentialsFile(path, Signer(b"a"))
    before = path.stat()
    remove_client(path, "a")
    add_client(path, "b")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert set(known.now().clients) == {"b"}


def test_lines_of_others_and_the_files_rights_stay(path):
    add_client(path, "shop")
    path.write_text("# the shop's\n" + path.read_text().rstrip("\n"))  # an editor took the last newline
    path.chmod(0o640)
    secret = add_client(path, "studio")
    assert set(read_credentials(path, Signer(b"a")).clients) == {"shop", "studio"}
    remove_client(path, "shop")
    assert path.read_text().startswith("# the shop's\nstudio sha256$")
    assert path.stat().st_mode & 0o777 == 0o640
    assert read_credentials(path, Signer(b"a")).check_secret("studio", secret)
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(CredentialsError, match="no client 'shop'"):
        remove_client(path, "shop")
    with pytest.raises(CredentialsError, match="folder does not exist"):
        add_client(path.parent / "nowhere" / "clients", "shop")


def test_a_file_as_editors_leave_it(tmp_path):
    path = tmp_path / "clients"
    secrets = {name: add_client(path, name) for name in ("shop", "studio")}
    lines = path.read_text().splitlines()
    path.write_bytes(("\ufeff" + "\r\n\r\n  # ours\r\n".join(lines)).encode())
    known = read_credentials(path, Signer(b"s"))
    assert set(known.clients) == {"shop", "studio"}
    assert all(known.check_secret(*one) for one in secrets.items())
    path.write_text("\n".join([*lines, lines[0]]))
    with pytest.raises(CredentialsError, match="line 3: the client of an earlier line"):
        read_credentials(path, Signer(b"s"))


@pytest.mark.parametrize("name", ["shop\n", "sh\xf6p", "", "a b", "\u0660"])
def test_a_name_that_no_header_or_line_can_hold(tmp_path, name):
    with pytest.raises(CredentialsError, match="client id"):
        add_client(tmp_path / "clients", name)
    assert not (tmp_path / "clients").exists()

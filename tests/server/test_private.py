"""What is nobody else's: the signing secret, the jobs table, a removed client's links, other pages."""

import contextlib
import logging
import os
import secrets
import sqlite3

import httpx
import pytest

from maskkit.errors import MaskkitError
from maskkit.server.credentials import add_client, remove_client
from maskkit.server.signing import SECRET, Signer, read_secret
from maskkit.server.table import connect, create_tables

from .conftest import photo_bytes, running, settings
from .test_doors import bearer
from .test_serve import serve

PHOTO = photo_bytes()
WEAK = [
    "",
    "x",
    "x" * 100,
    "shared",
    "correct horse battery staple",
    "0123456789abcdef" * 3,
    "1234567890" * 7,
]
STRONG = [secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(32).upper() + "\n"]


@pytest.mark.parametrize("weak", WEAK, ids=range(len(WEAK)))
def test_a_secret_that_can_be_guessed_is_refused(tmp_path, monkeypatch, weak):
    monkeypatch.setenv("MASKKIT_SERVER_SECRET", weak)
    with pytest.raises(
        MaskkitError, match=r"need a secret worth 32 random bytes.*openssl rand -hex 32"
    ) as caught:
        read_secret(tmp_path)
    assert not weak or weak not in str(caught.value).replace("openssl rand -hex 32", "")
    monkeypatch.delenv("MASKKIT_SERVER_SECRET")
    (tmp_path / "secret").write_text(weak)
    with pytest.raises(MaskkitError, match=r"secret: need a secret worth 32 random bytes.*remove the file"):
        read_secret(tmp_path)


@pytest.mark.parametrize("strong", STRONG, ids=range(len(STRONG)))
def test_a_random_secret_is_taken(tmp_path, monkeypatch, strong):
    monkeypatch.setenv("MASKKIT_SERVER_SECRET", strong)
    assert read_secret(tmp_path) == strong.encode()


def test_the_secret_that_the_server_makes_is_always_good_enough(tmp_path):
    for number in range(300):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert len(read_secret(folder)) == 32
        assert read_secret(folder) == read_secret(folder)
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600


def test_a_weak_secret_is_one_line_before_the_start(tmp_path):
    (tmp_path / "secret").touch()
    ended = serve("--no-auth", "--port", "0", "--data-dir", tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"maskkit: {tmp_path}/secret: need a secret")
    assert "Traceback" not in ended.stderr


def test_the_jobs_table_is_its_owners_alone_in_a_folder_that_all_may_read(tmp_path, caplog):
    caplog.set_level(logging.WARNING, "maskkit.server")
    tmp_path.chmod(0o755)
    files = [tmp_path / f"jobs.sqlite{beside}" for beside in ("", "-wal", "-shm")]
    with contextlib.closing(sqlite3.connect(files[0])) as before:
        before.execute("PRAGMA journal_mode = WAL")
        before.execute("CREATE TABLE of_before (x)")
        for path in files:
            path.chmod(0o644)
        with running(settings(tmp_path)) as server:
            server.client.get("/ready")
            assert {path.name: path.stat().st_mode & 0o777 for path in files} == {
                path.name: 0o600 for path in files
            }
    [said] = [record.getMessage() for record in caplog.records if "--data-dir" in record.getMessage()]
    assert said == "--data-dir: others may enter it (mode 755); make it yours: chmod 700"


def test_a_secret_that_others_may_read_is_told(tmp_path, caplog):
    """One that came with a checkout or a copy: whoever can read it signs links as the server does."""
    caplog.set_level(logging.WARNING, "maskkit.server")
    tmp_path.chmod(0o700)
    with running(settings(tmp_path)):
        assert "sign links" not in caplog.text
    (tmp_path / SECRET).chmod(0o644)
    with running(settings(tmp_path)):
        assert "others may read the file 'secret' (mode 644), and sign links with it" in caplog.text


def test_a_new_jobs_table_is_its_owners_alone_from_its_first_moment(tmp_path):
    old = os.umask(0)
    try:
        engine = connect(f"sqlite:///{tmp_path / 'new.sqlite'}")
        create_tables(engine)
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(old)
    assert modes == {"new.sqlite": 0o600, "new.sqlite-wal": 0o600, "new.sqlite-shm": 0o600}


def test_the_links_of_a_removed_client_are_void_and_stay_so(serving, store, tmp_path):
    path = tmp_path / "clients"
    known = {name: add_client(path, name) for name in ("shop", "studio")}
    server = serving(credentials=path)

    def pair(name):
        made = server.client.post("/files", headers=bearer(name, known[name])).json()
        assert server.client.put(made["put"]["href"], content=PHOTO).status_code == 201
        return made

    theirs, others = pair("shop"), pair("studio")
    assert server.client.get(theirs["get"]["href"]).content == PHOTO
    remove_client(path, "shop")

    def statuses(made):
        got = server.client.get(made["get"]["href"])
        put = server.client.put(made["put"]["href"], content=b"changed")
        return got.status_code, put.status_code

    assert statuses(theirs) == (403, 403)
    assert statuses(others) == (200, 201)
    body = {"image": {"source": {"url": theirs["get"]["href"]}}}
    headers = bearer("studio", known["studio"])
    url = server.client.post("/v2/remove-background", json=body, headers=headers).json()["statusUrl"]
    while (status := server.client.get(url, headers=headers).json())["status"] in ("pending", "running"):
        pass
    assert status["status"] == "failed", "nor does the server read it for another"
    known["shop"] = add_client(path, "shop")
    assert statuses(theirs) == (403, 403), "nor do they come back with a new secret"
    assert statuses(pair("shop")) == (200, 201)


def test_links_of_the_version_before_last_out_their_time(service):
    files = service.parts.files
    name = files.name("anonymous", secrets.token_hex(16))
    signer = Signer(read_secret(service.settings.data_dir))
    assert files.path("PUT", name, signer.sign("PUT", name, 60)) == files.folder / name
    stranger = files.name("nobody", secrets.token_hex(16))
    assert files.path("PUT", stranger, signer.sign("PUT", stranger, 60)) is None


ORIGINS = [
    ({}, 201),
    ({"origin": "SELF"}, 201),
    ({"origin": "SELF", "sec-fetch-site": "same-origin"}, 201),
    ({"sec-fetch-site": "none"}, 201),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "http://127.0.0.1:1"}, 403),
    ({"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_an_open_server_is_not_posted_to_by_another_page(service, headers, status):
    headers = {name: value.replace("SELF", service.base) for name, value in headers.items()}
    answer = service.client.post("/files", headers=headers)
    assert answer.status_code == status
    assert status == 201 or "--cors-origin" in answer.json()["message"]
    if status == 403:
        for door in ("/mask", "/sensei/mask", "/v2/remove-background", "/ims/token/v3"):
            form = {"data": {"grant_type": "client_credentials"}} if "ims" in door else {"json": {}}
            assert service.client.post(door, headers=headers, **form).status_code == 403


def test_pages_that_are_named_and_the_servers_own_public_ones_may(serving):
    server = serving(cors_origins=("https://shop.example",), public_url="https://masks.example.com/under")
    for origin in ("https://shop.example", "https://masks.example.com", server.base):
        assert server.client.post("/files", headers={"origin": origin}).status_code == 201
    assert server.client.post("/files", headers={"origin": "https://evil.example"}).status_code == 403


HARDENED = ("content-security-policy", "x-content-type-options", "referrer-policy")


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/metrics", "/health", "/ready", "/nowhere"])
def test_every_answer_has_the_headers_that_keep_a_browser_from_running_it(service, path):
    headers = service.client.get(path).headers
    assert all(headers.get(name) for name in HARDENED), headers
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("kind", "shown"), [("image/png", "inline"), ("image/tiff", "attachment"), ("", "attachment")]
)
def test_a_stored_file_is_never_a_page(service, kind, shown):
    made = service.client.post("/files", params={"media_type": kind} if kind else {}).json()
    service.client.put(made["put"]["href"], content=b"<script>alert(1)</script>")
    answer = httpx.get(made["get"]["href"])
    assert answer.headers["content-type"] == (kind or "application/octet-stream")
    assert answer.headers["content-disposition"].startswith(f"{shown}; filename=")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"

"""Where the server does not go. None of these URLs may reach a listener on this machine."""

import asyncio
import socket
import threading
from ipaddress import ip_network

import pytest

from maskkit.server.faults import JobError
from maskkit.server.guard import BlockedError, Policy, check_address, check_url, resolve
from maskkit.server.stores import Transfers

from .conftest import photo_bytes

HOSTILE = """
https://127.0.0.1:{port}/
https://127.1:{port}/
https://127.0.1:{port}/
https://2130706433:{port}/
https://0x7f000001:{port}/
https://0x7f.0.0.1:{port}/
https://0x7f.1:{port}/
https://0177.0.0.1:{port}/
https://017700000001:{port}/
https://127.000.000.001:{port}/
https://127.0.0.1.:{port}/
https://127.255.255.254:{port}/
https://0:{port}/
https://0.0.0.0:{port}/
https://localhost:{port}/
https://LOCALHOST:{port}/
https://localhost.:{port}/
https://[::1]:{port}/
https://[::]:{port}/
https://[0:0:0:0:0:0:0:1]:{port}/
https://[::ffff:127.0.0.1]:{port}/
https://[::ffff:7f00:1]:{port}/
https://[::127.0.0.1]:{port}/
https://[64:ff9b::127.0.0.1]:{port}/
https://[64:ff9b::7f00:1]:{port}/
https://[64:ff9b:1::7f00:1]:{port}/
https://[2002:7f00:1::]:{port}/
https://[2001:0:7f00:1::]:{port}/
https://[fe80::1]:{port}/
https://[fe80::1%25lo]:{port}/
https://[fc00::1]:{port}/
https://[fd00:ec2::254]:{port}/
https://[ff02::1]:{port}/
https://[2001:db8::1]:{port}/
https://[100::1]:{port}/
https://10.0.0.1:{port}/
https://172.16.0.1:{port}/
https://172.31.255.255:{port}/
https://192.168.0.1:{port}/
https://100.64.0.1:{port}/
https://100.100.100.200:{port}/latest/meta-data
https://169.254.169.254/latest/meta-data
https://169.254.170.2/v2/credentials
https://0xa9fea9fe/
https://2852039166/
https://168.63.129.16/machine
https://192.0.0.192/opc/v2
https://192.0.2.1/
https://198.18.0.1/
https://198.51.100.7/
https://203.0.113.9/
https://224.0.0.1/
https://240.0.0.1/
https://255.255.255.255/
https://user@127.0.0.1:{port}/
https://user:word@example.com:{port}/
https://example.com@127.0.0.1:{port}/
https://example.com:443@127.0.0.1:{port}/
https://127.0.0.1:{port}#@example.com/
https://127.0.0.1:{port}\\@example.com/
https://example.com\\@127.0.0.1:{port}/
https://127。0。0。1:{port}/
https://①②⑦.0.0.1:{port}/
https://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54:{port}/
https://127.0.0.1:0/
https://127.0.0.1:99999/
https://:{port}/
https:///etc/passwd
https:127.0.0.1:{port}
//127.0.0.1:{port}/
http://127.0.0.1:{port}/
http://example.com:{port}/
HTTP://127.0.0.1:{port}/
ftp://127.0.0.1:{port}/
file:///etc/passwd
gopher://127.0.0.1:{port}/_GET
data:text/plain,hello
unix:///run/docker.sock
https://exa mple.com/
https://127.0.0.1:{port}/%0d%0aHost:x\r\n
https://127.0.0.1\t:{port}/
https://local\u00adhost:{port}/
https://xn--/
https://%31%32%37.0.0.1:{port}/
https://127.0.0.1%00.example.com:{port}/
https://127.0.0.1%0d%0aX-Evil:1:{port}/
https://127.0.0.1,example.com:{port}/
https://127.0.0.1;example.com:{port}/
https://127.0.0.1..:{port}/
https://.localhost:{port}/
https://a..b:{port}/
https://{long}.example:{port}/
https://1.1:{port}/
https://0x5db8d822/
https://0X7F000001:{port}/
https://example.0x7f:{port}/
https://[::127.1]:{port}/
https://[::ffff:0:127.0.0.1]:{port}/
https://[2606:4700:4700::1111%25lo]:{port}/
https://[::1%25lo]:{port}/
https://[fec0::1]:{port}/
https://[fd20:ce::254]:{port}/
https://[5f00::1]:{port}/
https://[2001:db8:0:0:0:0:7f00:1]:{port}/
https://[v1.127.0.0.1]:{port}/
https://[127.0.0.1]:{port}/
https://192.88.99.1:{port}/
https://100.127.255.254:{port}/
https://198.19.255.255:{port}/
https://internal.test:{port}/
https://6to4.test:{port}/
https://teredo.test:{port}/
https://scoped.test:{port}/
https://mixed.test:{port}/
https://metadata.test:{port}/
https://mapped.test:{port}/
https://nat64.test:{port}/
https://empty.test:{port}/
""".strip().splitlines()

NAMES = {
    "internal.test": ["10.1.2.3"],
    "mixed.test": ["93.184.215.14", "127.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "empty.test": [],
    "6to4.test": ["2002:7f00:1::"],
    "teredo.test": ["2001:0:7f00:1::"],
    "scoped.test": ["fe80::1%lo"],
    "public.test": ["93.184.215.14"],
}


async def look_up(host, port):
    """Names of the table by the table; everything else as the machine resolves it (no DNS is asked here)."""
    if host in NAMES:
        return NAMES[host]
    if host.rstrip(".").lower() == "localhost" or host[:1].isdigit() or ":" in host:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [entry[4][0] for entry in found]
    raise OSError("no such name")


async def no_sleep(seconds):
    pass


@pytest.fixture(scope="module")
def listener():
    """A port that notes every connection, on all of this machine's addresses."""
    connections = []
    with socket.create_server(("", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen():
            while not stop.is_set():
                try:
                    connection, who = server.accept()
                except TimeoutError:
                    continue
                connections.append(who)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], connections
        stop.set()
        thread.join()


def test_the_table_is_long_enough():
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("verb", ["GET", "PUT"])
@pytest.mark.parametrize("template", HOSTILE)
def test_no_hostile_url_reaches_anything(listener, template, verb):
    port, connections = listener
    href = template.replace("{port}", str(port)).replace("{long}", "a" * 64)
    transfers = Transfers(pauses=(), deadline=5, lookup=look_up, sleep=no_sleep)
    job = transfers.download(href) if verb == "GET" else transfers.upload(href, "external", b"x")
    with pytest.raises(JobError) as caught:
        asyncio.run(job)
    assert caught.value.failure.type == "FileLinkInvalidError", caught.value
    assert connections == []


def test_the_listener_would_have_heard(listener):
    port, connections = listener
    with pytest.raises(JobError):  # it speaks no TLS
        asyncio.run(Transfers(Policy(http_loopback=True), pauses=()).download(f"https://127.0.0.1:{port}/"))
    assert len(connections) == 1
    connections.clear()


def test_a_name_is_resolved_once_and_connected_to_what_was_checked(listener):
    port, connections = listener
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    url = check_url(f"https://rebind.test:{port}/a%2Fb?sig=1", Policy())
    target = asyncio.run(resolve(url, Policy(), rebinding))
    pinned = target.pinned(target.addresses[0])
    assert (pinned.host, pinned.port, pinned.raw_path) == ("93.184.215.14", port, b"/a%2Fb?sig=1")
    assert target.host_header == f"rebind.test:{port}"
    assert asked == ["rebind.test"]
    assert connections == []


def test_a_redirect_to_this_machine_is_not_followed(service, store, listener):
    port, connections = listener

    def redirect(handler):
        elsewhere = f"http://127.0.0.1:{port}/secret"
        more = {"Location": elsewhere, "Content-Location": elsewhere, "Link": f"<{elsewhere}>; rel=preload"}
        handler.answer(code, b"", Refresh=f"0; url={elsewhere}", **more)

    source = store.put("/redirect-source", photo_bytes())
    for verb in ("input", "output"):
        for code in (300, 301, 302, 303, 305, 307, 308):
            path = f"/redirect-{verb}-{code}"
            store.script[path] = [redirect]
            urls = {"input": source, "output": store.url("/redirected"), verb: store.url(path)}
            status = service.wait(service.order(urls["input"], urls["output"]))
            assert (status["status"], status["errors"][0]["type"]) == ("failed", "FileLinkInvalidError"), code
    code = 200
    store.script["/redirect-refresh"] = [redirect]
    assert service.wait(service.order(source, store.url("/redirect-refresh")))["status"] == "succeeded"
    assert connections == []


def test_no_proxy_is_taken_from_the_environment(listener, monkeypatch, store):
    port, connections = listener
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    href = store.put("/no-proxy", b"content")
    assert asyncio.run(Transfers(Policy(http_loopback=True)).download(href)) == b"content"
    assert connections == []


def test_the_server_refuses_at_its_door(serving):
    client = serving(policy=Policy()).client
    for template in (url for url in HOSTILE if url.startswith(("http:", "https://127.0.0.1:{"))):
        href = template.replace("{port}", "9")
        hostile, good = (
            {"href": href, "storage": "external"},
            {"href": "https://a.test/o", "storage": "azure"},
        )
        for source, target in ((hostile, good), (good, hostile)):
            answer = client.post("/sensei/mask", json={"input": source, "output": target})
            assert answer.status_code == 400, href
        answer = client.post("/v2/remove-background", json={"image": {"source": {"url": href}}})
        assert answer.status_code == 400, href


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "52.216.0.1"])
def test_public_addresses_pass(address):
    assert str(check_address(address, Policy())) == address


def test_hosts_and_networks_can_be_named():
    only = Policy(allow_hosts=("*.amazonaws.com", "store.example"))
    assert check_url("https://b.s3.amazonaws.com/x", only)
    with pytest.raises(BlockedError, match="allow list"):
        check_url("https://amazonaws.com.evil.example/x", only)
    with pytest.raises(BlockedError, match="deny list"):
        check_url("https://Evil.example./x", Policy(deny_hosts=("evil.example",)))
    networks = ("10.1.0.0/16", "169.254.0.0/16", "fd00::/8", "192.0.0.0/24")
    private = Policy(allow_networks=tuple(map(ip_network, networks)))
    assert check_address("10.1.2.3", private)
    assert check_address("fd12::1", private)
    metadata = ("169.254.169.254", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::254%eth0", "fd20:ce::254")
    for outside in ("10.2.0.1", *metadata):
        with pytest.raises(BlockedError):
            check_address(outside, private)


@pytest.mark.parametrize(
    ("pattern", "host", "admitted"),
    [
        ("example.com", "example.com", True),
        ("example.com", "EXAMPLE.com.", True),
        ("example.com", "example.com:8443", True),
        ("example.com", "evil-example.com", False),
        ("example.com", "example.com.evil.org", False),
        ("example.com", "sub.example.com", False),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "evilexample.com", False),
        ("*.example.com", "example.com.evil.org", False),
        ("*.EXAMPLE.com", "a.example.com", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("xn--bcher-kva.example", "bücher.example", True),
        ("xn--bcher-kva.example", "bucher.example", False),
    ],
)
def test_lists_mean_what_they_say(pattern, host, admitted):
    def passes(policy):
        try:
            check_url(f"https://{host}/x", policy)
        except BlockedError:
            return False
        return True

    assert passes(Policy(allow_hosts=(pattern,))) is admitted
    assert passes(Policy(deny_hosts=(pattern,))) is not admitted


def test_the_name_that_is_resolved_is_the_one_that_the_certificate_is_for():
    asked = []

    async def note(host, port):
        asked.append(host)
        return ["93.184.215.14"]

    # Python's own IDNA of 2003 would make fass.de of it, another owner's name
    target = asyncio.run(resolve(check_url("https://faß.de/", Policy()), Policy(), note))
    assert asked == [target.name] == [target.host_header] == ["xn--fa-hia.de"]


def test_name_servers_that_do_not_answer_hold_up_nothing_else(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(10) and [])

    async def ask():
        waiting = [
            asyncio.create_task(Transfers(pauses=()).download(f"https://s{n}.test/")) for n in range(40)
        ]
        await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.to_thread(int), 5)  # as every question to the database is asked
        answered.set()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(ask())


def test_the_deadline_is_for_all_tries_together():
    asked = []

    async def dead(host, port):
        asked.append(host)
        await asyncio.sleep(60)

    with pytest.raises(JobError, match="too slow"):
        asyncio.run(Transfers(deadline=0.05, pauses=(0, 0), lookup=dead).download("https://a.test/"))
    assert len(asked) == 1


def test_http_is_for_loopback_only_even_where_it_is_admitted():
    policy = Policy(http_loopback=True)
    with pytest.raises(BlockedError, match="loopback only"):
        asyncio.run(resolve(check_url("http://public.test/", policy), policy, look_up))


def test_blocked_texts_hold_no_query():
    for href in ("https://127.0.0.1/?sig=SECRET", "ftp://x/?sig=SECRET", "https://a b/?sig=SECRET"):
        with pytest.raises(BlockedError) as caught:
            check_url(href, Policy())
        assert "SECRET" not in str(caught.value)

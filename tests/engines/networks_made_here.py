"""Networks small enough to write down: they answer how red a pixel is."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

PLAIN = {"mean": (0, 0, 0), "std": (1, 1, 1), "size": (64, 48), "activation": "sigmoid"}
_KERNEL = np.array([20, -10, -10], np.float32).reshape(1, 3, 1, 1)


def redness(path, *, opset=13, kind=np.float32, inputs=("picture",), shape=(1, 3, "h", "w")):
    """Write a network with two outputs to the path: 20 (R - (G + B) / 2) - 5, and its negative."""
    element = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    answer = [1, 1, *shape[2:]]
    constants = {"kernel": _KERNEL.astype(kind), "bias": np.array([-5], kind)}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", [inputs[0], "kernel", "bias"], ["logit"], kernel_shape=[1, 1]),
            helper.make_node("Neg", ["logit"], ["opposite"]),
        ],
        "redness",
        [helper.make_tensor_value_info(name, element, list(shape)) for name in inputs],
        [helper.make_tensor_value_info(name, element, answer) for name in ("logit", "opposite")],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.save(model, path)
    return path


def right_side(path):
    """Write a network that finds the right side of whatever it sees, 64 x 48, its edge soft."""
    ramp = np.tile(0.85 * (np.arange(64, dtype=np.float32) - 31.5), (48, 1))[None, None]
    constants = {"kernel": np.zeros((1, 3, 1, 1), np.float32), "place": ramp}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["picture", "kernel"], ["nothing"], kernel_shape=[1, 1]),
            helper.make_node("Add", ["nothing", "place"], ["logit"]),
        ],
        "right_side",
        [helper.make_tensor_value_info("picture", onnx.TensorProto.FLOAT, [1, 3, 48, 64])],
        [helper.make_tensor_value_info("logit", onnx.TensorProto.FLOAT, [1, 1, 48, 64])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path

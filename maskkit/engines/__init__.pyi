"""The names of the package and their homes, for the lazy loader and for type checkers."""

from .base import Engine as Engine
from .base import Estimate as Estimate
from .hinting import Session as Session
from .hinting import hints as hints
from .inference import onnx as onnx
from .inference import provider as provider
from .keying import chroma as chroma
from .keying import chroma_key as chroma_key
from .networks import NETWORKS as NETWORKS
from .networks import Network as Network
from .registry import ENGINES as ENGINES
from .registry import EngineSpec as EngineSpec
from .triangulation import two_plate as two_plate
from .weight_free import classical as classical

"""The public names, each with its home: read by the lazy loader and by type checkers alike."""

from . import backdrop as backdrop
from . import effects as effects
from . import masks as masks
from . import placement as placement
from . import testing as testing
from .adobe import (
    Job as Job,
)
from .adobe import (
    ObjectStaging as ObjectStaging,
)
from .adobe import (
    RateLimit as RateLimit,
)
from .adobe import (
    SignedURLs as SignedURLs,
)
from .adobe import (
    Staging as Staging,
)
from .alpha import (
    PORTER_DUFF as PORTER_DUFF,
)
from .alpha import (
    apply_mask as apply_mask,
)
from .alpha import (
    over as over,
)
from .alpha import (
    porter_duff as porter_duff,
)
from .alpha import (
    premultiply as premultiply,
)
from .alpha import (
    unpremultiply as unpremultiply,
)
from .batches import batch as batch
from .blend import BLEND_MODES as BLEND_MODES
from .clients import AsyncMaskClient as AsyncMaskClient
from .clients import KeptOrder as KeptOrder
from .clients import MaskClient as MaskClient
from .codec import Frame as Frame
from .codec import Frames as Frames
from .codec import Picture as Picture
from .codec import encode as encode
from .codec import read as read
from .codec import read_frames as read_frames
from .codec import read_layers as read_layers
from .codec import read_mask as read_mask
from .codec import write as write
from .codec import write_frames as write_frames
from .color import (
    decontaminate as decontaminate,
)
from .color import (
    despill as despill,
)
from .color import (
    extend_edge as extend_edge,
)
from .color import (
    light_wrap as light_wrap,
)
from .color import (
    linear_to_srgb as linear_to_srgb,
)
from .color import (
    srgb_to_linear as srgb_to_linear,
)
from .compositing import composite as composite
from .cutouts import Cutout as Cutout
from .cutouts import cutout as cutout
from .cutouts import estimate as estimate
from .cutouts import fetch_mask as fetch_mask
from .cutouts import replay as replay
from .display import contact_sheet as contact_sheet
from .engines import (
    Estimate as Estimate,
)
from .engines import (
    Session as Session,
)
from .engines import (
    chroma_key as chroma_key,
)
from .engines import (
    two_plate as two_plate,
)
from .errors import (
    AuthError as AuthError,
)
from .errors import (
    CodecError as CodecError,
)
from .errors import (
    ContractError as ContractError,
)
from .errors import (
    FetchError as FetchError,
)
from .errors import (
    JobFailedError as JobFailedError,
)
from .errors import (
    JobTimeoutError as JobTimeoutError,
)
from .errors import (
    MaskkitError as MaskkitError,
)
from .errors import (
    MaskkitWarning as MaskkitWarning,
)
from .errors import (
    MaybeSubmittedError as MaybeSubmittedError,
)
from .errors import (
    MissingExtraError as MissingExtraError,
)
from .errors import (
    PixelError as PixelError,
)
from .errors import (
    QuotaError as QuotaError,
)
from .errors import (
    RateLimitError as RateLimitError,
)
from .errors import (
    TransportError as TransportError,
)
from .kernels import set_threads as set_threads
from .masks import (
    adjust as adjust,
)
from .masks import (
    bounding_box as bounding_box,
)
from .masks import (
    combine as combine,
)
from .masks import (
    feather as feather,
)
from .masks import (
    fill_holes as fill_holes,
)
from .masks import (
    grow as grow,
)
from .masks import (
    invert as invert,
)
from .masks import (
    keep_largest as keep_largest,
)
from .masks import (
    levels as levels,
)
from .masks import (
    shrink as shrink,
)
from .masks import (
    smooth as smooth,
)
from .masks import (
    threshold as threshold,
)
from .masks import (
    trimap as trimap,
)
from .matting import guided_filter as guided_filter
from .matting import refine as refine
from .notebook import compare as compare
from .notebook import edit as edit
from .notebook import show as show
from .pixels import from_bgr as from_bgr
from .pixels import to_bgr as to_bgr
from .quality import Inspection as Inspection
from .quality import inspect as inspect
from .recipe import Recipe as Recipe
from .sequences import frames as frames
from .sheets import sheet as sheet

__version__: str

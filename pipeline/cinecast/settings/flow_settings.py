"""Settings of the flow, or of DVFs that are taken in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from cinecast.settings.stage_settings import CommandOption, StageSettings
from cinecast_models.setting_rules import FilePath, Range

# The flow of cinecast itself, beside those that other packages add.
OWN_FLOW = "lucas_kanade"
Arithmetic = Literal["unit_free", "published"]


@dataclass(frozen=True)
class FlowSettings(StageSettings):
    """Dense pyramidal Lucas-Kanade flow against the reference frame.

    Parameters
    ----------
    reference
        Index of the reference frame, 0-based; it must lie in the train span. ``auto``: the frame of the train span that
        resembles the others most, once the brightness has settled.
    levels
        Levels of the pyramid, each half as wide as the one below. ``auto``: as many as leave 8 pixels on the coarsest.
    iterations
        Warp-and-solve iterations on each level. Without ``published`` arithmetic, the finest level has its own number.
    finest_iterations
        Iterations on the finest level, which take most time. Unused by ``published`` arithmetic.
    normalisation
        Width in pixels of the Gaussian that removes brightness from the frames as the first step. The local mean is
        subtracted, and the result is divided by its local deviation. 0 for none: then a gain or an offset of a frame
        counts as motion. Unused by ``published`` arithmetic, whose motion does depend on brightness.
    sigma_init
        Gaussian smoothing of the frames before the pyramid is made, in pixels.
    sigma_subsampling
        Gaussian smoothing of a level before every 2nd pixel is taken, in pixels.
    sigma_window
        Gaussian window over which the normal equations are averaged, in pixels.
    sigma_motion
        Gaussian smoothing of the motion after each iteration, in pixels, 0 for none; without it many iterations lead
        away from the solution. Unused by ``published`` arithmetic.
    ridge
        Added to the diagonal of every normal matrix, as a fraction of the reference's mean gradient energy: without
        it the noise of empty background yields motions of hundreds of pixels. Unused by ``published`` arithmetic.
    arithmetic
        ``unit_free``: the flow does not depend on the unit of intensity. ``published``, as the published tables were
        made: frames and pyramid levels are floored and the determinant threshold is in 8-bit units. Frames of 16-bit
        integers are smoothed and interpolated in whole numbers, an artefact that the OvGU tables contain.
    faulty_frames
        What to do with frames that are frozen, nearly black, flipped, mirrored or show something else. ``held``: they
        get the motion of the frame before, no motion model is fitted to them, and they are not scored. ``measured``:
        they are named, and treated like all others, as in the published tables.
    estimator
        Which flow: ``lucas_kanade``, or the name of one that an installed package adds (see docs/plugins.md). With
        another flow, only ``reference`` and ``faulty_frames`` of these settings are used.
    dvf
        A file or folder with your own DVFs, which replace the flow; see docs/dvf.md. ``reference``
        (``--dvf-reference``) is then the frame that they are measured from. Of the other settings only
        ``faulty_frames`` is used.
    """

    stage: ClassVar[str] = "flow"
    reference: Annotated[int | Literal["auto"], Range(0)] = "auto"
    levels: Annotated[int | Literal["auto"], Range(1, 8)] = "auto"
    iterations: Annotated[int, Range(1, 100)] = 5
    finest_iterations: Annotated[int, Range(1, 100)] = 2
    normalisation: Annotated[float, Range(0, 200, unit="pixels")] = 10.0
    sigma_init: Annotated[float, Range(0, 50, above=True, unit="pixels")] = 0.5
    sigma_subsampling: Annotated[float, Range(0, 50, above=True, unit="pixels")] = 1.0
    sigma_window: Annotated[float, Range(0, 50, above=True, unit="pixels")] = 4.0
    sigma_motion: Annotated[float, Range(0, 50, unit="pixels")] = 2.0
    ridge: Annotated[float, Range(0, 100)] = 0.02
    arithmetic: Arithmetic = "unit_free"
    faulty_frames: Literal["held", "measured"] = "held"
    estimator: str = OWN_FLOW
    dvf: Annotated[str, FilePath("the path of a file or folder of DVFs"), CommandOption("--dvf")] = ""

    @property
    def takes_brightness_for_motion(self) -> bool:
        """Whether a change of brightness moves vectors, as it does in the published arithmetic."""
        if self.dvf or self.estimator != OWN_FLOW:
            return False  # nothing is known of it
        return self.arithmetic == "published" or self.normalisation == 0

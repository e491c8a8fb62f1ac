"""Settings of every stage: one frozen, checked class a stage, read from TOML and presets, written back with the run."""

from cinecast.settings.stage_settings import StageSettings as StageSettings
from cinecast.settings.stages import Arithmetic as Arithmetic
from cinecast.settings.stages import FlowSettings as FlowSettings
from cinecast.settings.stages import ForecastSettings as ForecastSettings
from cinecast.settings.stages import FramesSettings as FramesSettings
from cinecast.settings.stages import GateByRadius as GateByRadius
from cinecast.settings.stages import LandmarksSettings as LandmarksSettings
from cinecast.settings.stages import MotionSettings as MotionSettings
from cinecast.settings.stages import Protocol as Protocol
from cinecast.settings.stages import ReportSettings as ReportSettings
from cinecast.settings.stages import ScoreSettings as ScoreSettings
from cinecast.settings.stages import Settings as Settings
from cinecast.settings.stages import TargetSettings as TargetSettings
from cinecast.settings.stages import TunedSettings as TunedSettings
from cinecast.settings.stages import WarpSettings as WarpSettings

"""What is fuzzed: a file of each format and artifact, and what reads it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cinecast.batch.list_file import read_list
from cinecast.errors import CinecastError
from cinecast.frames import read_sequence
from cinecast.frames.landmark_list import read_landmark_list
from cinecast.frames.masks import targets_of_file
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.settings import TargetSettings
from cinecast.settings.toml_file import build_settings, read_settings_file
from helpers.command_line import call_cli
from helpers.dicom_files import cine, enhanced, save
from helpers.masks import nrrd, segments

SMALL = PhantomSettings(rows=32, columns=32, pixel_spacing_mm=(8, 8), frame_count=12, frame_period_s=0.25)
RUN = ("--method", "linear", "--horizon", "1", "--set", "forecast.linear.history_length=2", "--set", "motion.modes=2")


class FuzzTarget(NamedTuple):
    """A file ``name`` in a folder of originals, and what reads it in a copy of the folder."""

    kind: str
    folder: Path
    name: str
    read: Callable[[Path], object]


def fuzz_targets(work: Path) -> list[FuzzTarget]:
    """Write the originals below an empty folder; return what is fuzzed."""
    frames = make_phantom(SMALL).sequence.frames.astype(np.uint16)
    return [*_sequences(work, frames), *_dicom(work, frames), *_masks(work), *_texts(work), *_artifacts(work)]


def command(*arguments: str) -> Callable[[Path], None]:
    """Return what calls a command on a file, which stands for ``FILE``, and its folder, which stands for ``FOLDER``."""

    def read(file: Path) -> None:
        given = [each.replace("FILE", str(file)).replace("FOLDER", str(file.parent)) for each in arguments]
        outcome = call_cli(*given)
        if outcome.code not in (0, 2) and outcome.code < 10:
            raise AssertionError(outcome.errors)
        if outcome.code == 2 and len(outcome.errors.splitlines()) > 12:
            raise AssertionError(f"more than a sentence: {outcome.errors}")

    return read


def _sequences(work: Path, frames: np.ndarray) -> list[FuzzTarget]:
    import SimpleITK as sitk  # noqa: N813

    folder = work / "sequences"
    folder.mkdir()
    write_phantom(folder / "gz.nii.gz", make_phantom(SMALL))
    write_phantom(folder / "plain.nii", make_phantom(SMALL))
    image = sitk.GetImageFromArray(np.ascontiguousarray(frames.transpose(1, 2, 0)))
    for name, compress in (("zipped.mha", True), ("plain.mha", False), ("two.mhd", False)):
        sitk.WriteImage(image, str(folder / name), compress)
        (folder / f"{name.partition('.')[0]}.json").write_text(json.dumps({"frame_period_s": 0.25}))
    np.savez_compressed(
        folder / "frames.npz", frames=frames, times_s=np.arange(12) * 0.25, pixel_spacing_mm=np.array([8.0, 8.0])
    )
    names = ("gz.nii.gz", "plain.nii", "zipped.mha", "plain.mha", "two.mhd", "two.raw", "frames.npz")
    info = {name: command("info", "FILE") for name in names} | {"two.raw": command("info", "FOLDER/two.mhd")}
    sidecar = FuzzTarget("sidecar", folder, "gz.json", command("info", "FOLDER/gz.nii.gz"))
    return [*(FuzzTarget(name.split(".", 1)[1], folder, name, info[name]) for name in names), sidecar]


def _dicom(work: Path, frames: np.ndarray) -> list[FuzzTarget]:
    classic, multi = work / "classic", work / "multi"
    save(classic, cine(frames[:5], SeriesDescription="cine"))
    multi.mkdir()
    dataset = enhanced(frames[:5], offsets_s=[0.0, 0.25, 0.5, 0.75, 1.0])
    dataset.save_as(multi / "multi.dcm", enforce_file_format=True)
    return [
        FuzzTarget("dicom", classic, "image3.dcm", command("info", "FOLDER")),
        FuzzTarget("enhanced dicom", multi, "multi.dcm", command("info", "FILE")),
    ]


def _masks(work: Path) -> list[FuzzTarget]:
    import nibabel
    import SimpleITK as sitk  # noqa: N813
    from PIL import Image

    folder = work / "masks"
    folder.mkdir()
    frames = make_phantom(
        SMALL
    ).sequence.frames  # of a file that has no place in the patient: any mask of its size fits
    np.savez(folder / "cine.npz", frames=frames, times_s=np.arange(12) * 0.25, pixel_spacing_mm=np.array([8.0, 8.0]))
    mask = np.zeros((32, 32), np.uint8)
    mask[10:20, 12:22] = 1
    nibabel.save(nibabel.Nifti1Image(mask.T[:, :, None], np.diag([8.0, 8, 8, 1])), folder / "mask.nii.gz")
    image = sitk.GetImageFromArray(mask[None])
    image.SetSpacing([8.0, 8.0, 8.0])
    sitk.WriteImage(image, str(folder / "mask.mha"))
    Image.fromarray(mask * 255).save(folder / "mask.png")
    np.save(folder / "mask.npy", mask)
    nrrd(folder / "mask.seg.nrrd", mask[:, :, None], directions=None, **segments(("liver", 0, 1)))

    def read(file: Path) -> object:
        return targets_of_file(file, read_sequence(file.parent / "cine.npz"), TargetSettings(files=(str(file),)))

    names = ("mask.nii.gz", "mask.mha", "mask.png", "mask.npy", "mask.seg.nrrd")
    return [FuzzTarget(f"mask {name.split('.', 1)[1]}", folder, name, read) for name in names]


def _texts(work: Path) -> list[FuzzTarget]:
    folder = work / "texts"
    folder.mkdir()
    write_phantom(folder / "one.nii", make_phantom(SMALL))
    (folder / "settings.toml").write_text(
        '[flow]\nlevels = 3\nsigma_window = 2.5\n[forecast]\nmethods = ["rls", "snap1"]\nruns = 3\n'
        "[forecast.snap1]\nhidden_units = 20\n[[forecast.tuned]]\nmethod = 'rls'\nhorizon_frames = 2\nmodes = 3\n"
    )
    (folder / "list.csv").write_text("path,name,flow.levels\none.nii,one,3\none.nii,two,\n")
    (folder / "landmarks.csv").write_text("name,frame,row,column\nliver,0,10,12.5\nvessel,2,14,9\n")
    rows = "".join(f"{t / 10},{np.sin(t / 4):.4f},{np.cos(t / 4):.4f}\n" for t in range(60))
    (folder / "trace.csv").write_text(f"time_s,x,y\n{rows}")

    def whole_list(file: Path) -> None:
        faults: list[str] = []
        read_list(file, faults)
        if faults:
            raise CinecastError(faults[0])

    series = ("series", "FILE", "--out", "FOLDER/series", "--method", "linear", "--horizon", "2")
    return [
        FuzzTarget("settings", folder, "settings.toml", lambda file: build_settings(read_settings_file(file))),
        FuzzTarget("batch list", folder, "list.csv", whole_list),
        FuzzTarget("landmarks", folder, "landmarks.csv", read_landmark_list),
        FuzzTarget("trace", folder, "trace.csv", command(*series)),
    ]


def _artifacts(work: Path) -> list[FuzzTarget]:
    folder = work / "cohort"
    folder.mkdir()
    write_phantom(folder / "one.nii", make_phantom(SMALL))
    done = call_cli("run", folder / "one.nii", "--out", folder / "run", *RUN)
    assert done.code == 0, done
    shutil.rmtree(folder / "run/report")
    entry = {"name": "run", "path": "one.nii", "settings": {}}
    (folder / "batch.json").write_text(json.dumps({"format": 1, "token": "", "preset": None, "sequences": [entry]}))
    (folder / "failures.json").write_text(json.dumps({"run": {"flow": "it failed"}}))
    shutil.copy(folder / "run/settings.toml", folder / "settings.toml")
    files = [path.relative_to(folder).as_posix() for path in sorted((folder / "run").rglob("*")) if path.is_file()]
    kept = [name for name in files if name != "run/.lock"]
    status = command("status", "FOLDER")
    cohort = [FuzzTarget("cohort", folder, name, status) for name in ("batch.json", "failures.json", "settings.toml")]
    return cohort + [FuzzTarget(f"artifact {Path(n).name}", folder, n, _read_run(folder, n)) for n in kept]


def _read_run(folder: Path, name: str) -> Callable[[Path], None]:
    """Return what writes frames and motion of a run again, and asks for the state of all of it."""
    up = "/.." * (len(Path(name).parts) - 1)
    root = f"FOLDER{up}"
    calls = [
        command("status", root),
        command("export", f"{root}/run", "--what", "frames", "--out", f"{root}/frames.nii"),
        command("export", f"{root}/run", "--what", "dvf", "--out", f"{root}/dvf.nii"),
    ]
    del folder

    def read(file: Path) -> None:
        for call in calls:
            call(file)

    return read

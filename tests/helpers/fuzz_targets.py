"""What is fuzzed: a file of each format and artifact, and what reads it."""

from __future__ import annotations

import bz2
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydicom.uid import DeflatedExplicitVRLittleEndian

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
from helpers.structure_sets import contour, save_structure_set

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
    targets = [*_sequences(work, frames), *_converted(work, frames), *_dicom(work, frames)]
    return [*targets, *_masks(work), *_structures(work, frames), *_texts(work), *_traces(work), *_artifacts(work)]


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


def _converted(work: Path, frames: np.ndarray) -> list[FuzzTarget]:
    """Return sequences of Slicer and what dcm2niix writes beside a file."""
    folder = work / "converted"
    folder.mkdir()
    lines = ["NRRD0005", "type: unsigned short", "dimension: 4", "space: left-posterior-superior", "sizes: 32 32 1 12"]
    lines += ["space directions: (0,8,0) (0,0,-8) (8,0,0) none", "kinds: domain domain domain list", "endian: little"]
    lines += ['labels: "" "" "" "time"', 'units: "" "" "" "s"', "space origin: (-10,20,30)"]
    index = f"axis 3 index values:={' '.join(str(t / 4) for t in range(12))}"
    content = frames.transpose(2, 1, 0)[:, :, None, :].astype("<u2").tobytes(order="F")
    for encoding, packed in (("raw", content), ("gzip", gzip.compress(content)), ("bzip2", bz2.compress(content))):
        head = "\n".join([*lines, f"encoding: {encoding}", index, "", ""])
        (folder / f"{encoding}.seq.nrrd").write_bytes(head.encode() + packed)
    write_phantom(folder / "one.nii", make_phantom(SMALL))
    said = {"ConversionSoftware": "dcm2niix", "RepetitionTime": 0.25, "FrameTimesStart": [t / 4 for t in range(12)]}
    (folder / "one.json").write_text(json.dumps(said))
    info = command("info", "FILE")
    sequences = [FuzzTarget(f"nrrd {name}", folder, f"{name}.seq.nrrd", info) for name in ("raw", "gzip", "bzip2")]
    return [*sequences, FuzzTarget("converter json", folder, "one.json", command("info", "FOLDER/one.nii"))]


def _dicom(work: Path, frames: np.ndarray) -> list[FuzzTarget]:
    classic, multi, deflated = work / "classic", work / "multi", work / "deflated"
    save(classic, cine(frames[:5], SeriesDescription="cine"))
    multi.mkdir()
    dataset = enhanced(frames[:5], offsets_s=[0.0, 0.25, 0.5, 0.75, 1.0])
    dataset.save_as(multi / "multi.dcm", enforce_file_format=True)
    images = cine(frames[:3])
    for image in images:
        image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    save(deflated, images)
    return [
        FuzzTarget("deflated dicom", deflated, "image2.dcm", command("info", "FOLDER")),
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


def _structures(work: Path, frames: np.ndarray) -> list[FuzzTarget]:
    folder = work / "structures"
    images = cine(frames[:4])
    save(folder / "cine", images)
    corner = np.array([-92.0, -112.25, 134.0])  # the first pixel; rows go down 1.5 mm, columns to the back 2.5 mm
    square = corner + np.array([[0, 25, -15], [0, 50, -15], [0, 50, -30], [0, 25, -30]])
    save_structure_set(folder / "rs.dcm", {"liver": [contour(square, images[1].SOPInstanceUID)]})

    def read(file: Path) -> object:
        return targets_of_file(file, read_sequence(file.parent / "cine"), TargetSettings(files=(str(file),)))

    return [FuzzTarget("structure set", folder, "rs.dcm", read)]


def _traces(work: Path) -> list[FuzzTarget]:
    folder = work / "traces"
    folder.mkdir()
    samples = np.sin(np.arange(60) / 4)[:, None]
    np.savez(folder / "plain.npz", series=samples, times_s=np.arange(60) / 10, columns=np.array(["x"]))
    np.savez_compressed(folder / "zipped.npz", series=samples, rate_hz=10.0)
    lines = ["[Header]", "Version=1.6", "Data_layout=amplitude,phase,timestamp,validflag,ttlin,mark,ttlout"]
    lines += ["Patient_ID=Doe^Jane", "Samples_per_second=10", "Scale_factor=10.0", "[Data]"]
    lines += [f"{y:.4f},0.5,{100 * t},0,0,,0" for t, y in enumerate(samples[:, 0])]
    (folder / "rpm.vxp").write_bytes("\r\n".join([*lines, ""]).encode())
    series = command("series", "FILE", "--out", "FOLDER/series", "--method", "linear", "--horizon", "2")
    return [FuzzTarget(f"trace {name}", folder, name, series) for name in ("plain.npz", "zipped.npz", "rpm.vxp")]


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
    (folder / "landmarks.csv").write_text("name,frame,row,column\nliver,0,10,12.5\nliver,8,11,12\n")
    given = ("--landmarks", folder / "landmarks.csv", "--set", "flow.reference=0")
    done = call_cli("run", folder / "one.nii", "--out", folder / "run", *RUN, *given)
    assert done.code == 0, done
    shutil.rmtree(folder / "run/report")
    entry = {"name": "run", "path": "one.nii", "settings": {}}
    (folder / "batch.json").write_text(json.dumps({"format": 1, "token": "", "preset": None, "sequences": [entry]}))
    (folder / "failures.json").write_text(json.dumps({"run": {"flow": "it failed"}}))
    (folder / "warnings.json").write_text(json.dumps({"run": {"flow": ["it is not explained"]}}))
    shutil.copy(folder / "run/settings.toml", folder / "settings.toml")
    files = [path.relative_to(folder).as_posix() for path in sorted((folder / "run").rglob("*")) if path.is_file()]
    kept = [name for name in files if name != "run/.lock"]
    status = command("status", "FOLDER")
    cohort = [
        FuzzTarget("cohort", folder, name, status)
        for name in ("batch.json", "failures.json", "warnings.json", "settings.toml")
    ]
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

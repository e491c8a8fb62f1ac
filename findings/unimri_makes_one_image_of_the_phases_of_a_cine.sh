#!/bin/sh
# unimri 0.1.0a1, read, on k-space that ismrmrd 1.15.0 writes: a cine of 3 cardiac phases (the counter "phase") of 16
# lines, each line with 100 times the number of its phase plus the number of the line; of phase 2 only every second line
# is measured, as in fast cines.
#
# Expected: the reader takes "a single slice / average / contrast / repetition / set / segment" and refuses others with
# a sentence, so it refuses phases too, or reads them apart.
# Seen: it refuses 3 repetitions, but of 3 phases makes one k-space, without a word: each line is that of the phase that
# was written last. Here every second line is of phase 2 and the others are of phase 1: an image of two times.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	unimri==0.1.0a1 ismrmrd==1.15.0 numpy==2.4.6 h5py==3.16.0 xsdata==26.10
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import ismrmrd
import ismrmrd.xsd as xsd
import numpy as np
from unimri.io.registry import read

LINES, COLUMNS, COUNT = 16, 24, 3


def write(name, counter):
    size, view = xsd.matrixSizeType(x=COLUMNS, y=LINES, z=1), xsd.fieldOfViewMm(x=240.0, y=160.0, z=8.0)
    space = xsd.encodingSpaceType(matrixSize=size, fieldOfView_mm=view)
    limits = xsd.encodingLimitsType()
    limits.kspace_encoding_step_1 = xsd.limitType(minimum=0, maximum=LINES - 1, center=LINES // 2)
    setattr(limits, counter, xsd.limitType(minimum=0, maximum=COUNT - 1, center=0))
    encoding = xsd.encodingType(
        encodedSpace=space, reconSpace=space, encodingLimits=limits, trajectory=xsd.trajectoryType.CARTESIAN
    )
    conditions = xsd.experimentalConditionsType(H1resonanceFrequency_Hz=63_870_000)
    header = xsd.ismrmrdHeader(experimentalConditions=conditions, encoding=[encoding])
    file = ismrmrd.Dataset(name, "dataset", create_if_needed=True)
    file.write_xml_header(xsd.ToXML(header))
    for moment in range(COUNT):
        for line in range(0, LINES, 2 if moment == COUNT - 1 else 1):
            made = ismrmrd.Acquisition()
            made.resize(COLUMNS, 1)
            made.idx.kspace_encode_step_1 = line
            setattr(made.idx, counter, moment)
            made.data[:] = 100 * moment + line
            file.append_acquisition(made)
    file.close()


write("repetitions.mrd", "repetition")
write("phases.mrd", "phase")
try:
    read("repetitions.mrd")
    raise SystemExit("repetitions are read now")
except Exception as error:
    print(f"repetitions: {error}")
    assert "repetition" in str(error)
data = read("phases.mrd")
values = data.kspace[0, :, 0].real.astype(int)
print(f"phases: k-space of shape {data.kspace.shape}; phases of its lines {values // 100}")
assert data.kspace.shape == (1, LINES, COLUMNS)
assert np.array_equal(values % 100, np.arange(LINES))
assert np.array_equal(values // 100, np.where(np.arange(LINES) % 2 == 0, 2, 1)), "phases are read apart now"
END

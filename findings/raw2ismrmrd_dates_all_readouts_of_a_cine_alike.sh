#!/bin/sh
# raw2ismrmrd 0.260630 (Pulseq scans into ISMRMRD files, with pypulseq 1.5.0), ismrmrd_from_sequence: a cine of 20
# frames of 16 lines, 8 s long, begun at 10 o'clock, with the time of each readout since midnight.
#
# Expected: "time stamps for each adc data block, in seconds" come as acquisition_time_stamp, in steps of 2.5 ms, as the
# code says itself: 14400000 for 10:00:00, and 3190 more at the end.
# Seen: 14, at the begin as at the end. Seconds are divided by 2500 instead of 0.0025. Read as steps of 2.5 ms, all
# readouts are 35 ms after midnight; times since the begin of the scan are all 0. Lines, frames and signals are right,
# so that images come out well. Who sorts lines by breathing or takes the time between frames from the stamps has one
# phase and no motion in time. No word is said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
	raw2ismrmrd==0.260630 pypulseq==1.5.0.post1 ismrmrd==1.15.0 h5py==3.16.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import ismrmrd
import numpy as np
import pypulseq
from raw2ismrmrd.ismrmrd_from_sequence import ismrmrd_from_sequence

FRAMES, LINES, SAMPLES, APART, STEP = 20, 16, 16, 0.025, 0.0025  # s between readouts; s of a step
system = pypulseq.Opts()
readout = pypulseq.make_trapezoid("x", flat_area=SAMPLES / 0.3, flat_time=3.2e-3, system=system)
adc = pypulseq.make_adc(SAMPLES, duration=readout.flat_time, delay=readout.rise_time, system=system)
wait = pypulseq.make_delay(APART - pypulseq.calc_duration(readout, adc))
scan = pypulseq.Sequence(system)
for frame in range(FRAMES):
    for line in range(LINES):
        labels = (pypulseq.make_label("LIN", "SET", line), pypulseq.make_label("REP", "SET", frame))
        scan.add_block(readout, adc, *labels)
        scan.add_block(wait)
scan.set_definition("FOV", [0.3, 0.3, 0.008])
scan.write("cine.seq")
assert abs(scan.duration()[0] - FRAMES * LINES * APART) < 1e-6

signals = [np.full((1, SAMPLES), number, np.complex64) for number in range(FRAMES * LINES)]
for begin in (0, 36000):  # s since midnight
    times = begin + APART * np.arange(FRAMES * LINES)
    ismrmrd_from_sequence(signals, "cine.seq", "cine.mrd", adc_time_stamps=times.tolist(), replace_mrd=True)
    data = ismrmrd.Dataset("cine.mrd", create_if_needed=False)
    read = [data.read_acquisition(number) for number in range(data.number_of_acquisitions())]
    data.close()
    assert [one.data[0, 0].real for one in read] == list(range(FRAMES * LINES))
    assert [one.idx.repetition for one in read] == np.repeat(np.arange(FRAMES), LINES).tolist()
    stamps = np.array([one.acquisition_time_stamp for one in read])
    right = np.round(times / STEP).astype(int)
    print(f"from {begin} s on: stamps {stamps[0]} to {stamps[-1]}, or {stamps[0] * STEP:.3f} to "
          f"{stamps[-1] * STEP:.3f} s; expected {right[0]} to {right[-1]}")
    assert (stamps == stamps[0]).all(), "readouts have times of their own now"
    assert stamps[0] == int(begin / 2500)
END

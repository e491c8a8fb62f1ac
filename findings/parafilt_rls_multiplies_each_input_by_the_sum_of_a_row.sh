#!/bin/sh
# parafilt 0.1.2b0, RLS, on the plainest task of recursive least squares: eight taps that made a target out of a smooth
# signal (its neighbours correlate by 0.9, as those of a breathing signal do), with noise of 0.001.
#
# Expected: RLS does not mind how its inputs correlate. After some tens of samples it has the taps, and its error is
# that of the noise, as that of five lines of textbook here is: 0.001.
# Seen: the gain is not the inverse correlation times the inputs, but each input times the sum of its row of that matrix
# (einsum "kli, klij -> kli"). The error stays at 0.75, a sixth of the target, and looks like that of a filter that just
# adapts slowly. With more trust in the data (delta 10) it grows without end, as it does for white inputs, which with
# the delta that is set at first are nearly right: 0.002.
# Besides, of each frame after the first, hop less filterlen samples come out, not hop: what stands behind a seam is
# filterlen samples later in time than what stands before, so d_est no longer lies under the signal that was given.
# (The page says that samples are discarded, without saying where.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check parafilt==0.1.2b0 torch==2.13.0 numpy==2.4.6
cd "$folder"
"$folder/bin/python" - <<'END'
import numpy as np
import torch
from parafilt import LMS, RLS

COUNT, LENGTH, FORGETTING = 6000, 8, 0.999
generator = np.random.default_rng(0)
taps, white = generator.standard_normal(LENGTH), generator.standard_normal(COUNT)
smooth = np.zeros(COUNT)
for i in range(COUNT):
    smooth[i] = (0.9 * smooth[i - 1] if i else 0) + white[i]
noise = 1e-3 * generator.standard_normal(COUNT)


def textbook(inputs, target, delta):
    inverse, weights, errors = delta * np.eye(LENGTH), np.zeros(LENGTH), np.zeros(COUNT)
    for i in range(LENGTH - 1, COUNT):
        window = inputs[i - LENGTH + 1 : i + 1]
        errors[i] = target[i] - weights @ window
        gain = inverse @ window / (FORGETTING + window @ inverse @ window)
        weights += gain * errors[i]
        inverse = (inverse - np.outer(gain, window @ inverse)) / FORGETTING
    return errors


def tensor(values):
    return torch.tensor(values).float()


for name, inputs in (("white", white), ("smooth", smooth)):
    target = np.convolve(inputs, taps)[:COUNT] + noise
    for delta in (0.1, 10.0):
        rls = RLS(hop=COUNT - 1, framelen=COUNT, filterlen=LENGTH, delta=delta, lmbd=FORGETTING)
        errors = rls(tensor(target[None]), tensor(inputs))[1][0].numpy()
        sizes = [np.abs(e[3000:5000]).mean() for e in (target, textbook(inputs, target, delta), errors)]
        print("{} inputs, delta {}: target {:.2f}, error of RLS {:.4f}, of parafilt {:.4g}".format(name, delta, *sizes))
        assert sizes[1] < 0.0015
        if name == "smooth":
            assert sizes[2] > 0.1 * sizes[0], "RLS uses the correlation of its inputs now"
        elif delta == 0.1:
            assert sizes[2] < 0.003

line = torch.arange(1.0, 3001)  # each value says which sample it is
estimate, error = LMS(hop=500, framelen=1000, filterlen=50)(line[None], line)
seam = (estimate + error)[0, 940:960].round().int().tolist()
print(f"samples of the target at 940 to 959 of the output: {seam}")
assert seam == [*range(941, 951), *range(1001, 1011)], "frames are put together without gaps now"
END

#!/bin/sh
# scikit-rt 0.8.2, Dose.get_mean_dose, get_dose_quantile and plot_dvh: a lung of 1024 ml, of which protons irradiate 10,
# 20 or 50 % with 40 Gy, and the rest not at all.
#
# Expected: "all of the dose values for the voxels inside an ROI": mean doses of 4, 8 and 20 Gy, a V20 of 10, 20 and
# 50 %, and a median of 0 for the first two.
# Seen: get_dose_in_roi takes the voxels whose dose within the mask is above 0 for those of the ROI. What got exactly no
# dose is left out, so that all three lungs have a mean and a median of 40 Gy, and a V20 of 100 %. Doses are exactly 0
# beyond the range of protons, and below half a step of DoseGridScaling. With 0.01 Gy everywhere else, which cannot be
# told from 0 in any plot, mean, median and V20 are right.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.13.1 matplotlib==3.8.4 \
	pandas==2.2.3 nibabel==5.3.2 pydicom==2.4.5 shapely==2.0.7 scikit-image==0.24.0 simpleitk==2.5.7 \
	ipywidgets==8.1.8 lxml==6.1.3 tomli==2.5.0
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps scikit-rt==0.8.2
cd "$folder"
MPLBACKEND=agg "$folder/bin/python" -W ignore - <<'END'
import numpy as np
import skrt

GRID = {"voxel_size": (4, 4, 4), "origin": (0, 0, 0)}  # mm
lung = np.zeros((40, 40, 30), dtype=bool)
lung[10:30, :, 5:25] = True


def look(share, rest):
    values = np.full(lung.shape, float(rest))
    values[:, : round(share * 40)] = 40
    dose = skrt.Dose(values, **GRID)
    roi = skrt.structures.ROI(lung, image=skrt.Image(values, **GRID), name="lung")
    curve = dose.plot_dvh(roi, bins=40, dose_max=40.5, fname="dvh.png").patches[0].get_xy()
    found = dose.get_mean_dose(roi), dose.get_dose_quantile(roi, 0.5), curve[curve[:, 0] >= 20, 1].max()
    own = values[lung].mean(), np.median(values[lung]), (values[lung] > 20).mean()
    for name, (mean, median, v20) in (("found", found), ("should be", own)):
        print(f"{share:.0%} with 40 Gy, else {rest} Gy, {roi.get_volume(method='mask') / 1000:.0f} ml, {name}: "
              f"mean {mean:.1f} Gy, median {median:.2f} Gy, V20 {v20:.0%}")  # fmt: skip
    return found, own


for share in (0.1, 0.2, 0.5):
    found, own = look(share, 0)
    assert np.allclose(own[0], 40 * share) and np.allclose(own[2], share)
    assert np.allclose(found, (40, 40, 1)), "voxels without dose count now"
    found, own = look(share, 0.01)
    assert np.allclose(found, own)
END

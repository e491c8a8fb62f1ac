#!/bin/sh
# ocpdet 0.0.6, TwoSample with its default statistic, "'Lepage' for changes in both location and scale", on the errors
# of a forecaster: independent, of mean 0, and five times as large from frame 60 on. The module is loaded alone, as the
# package wants tensorflow.
#
# Expected: the test of Lepage (1971) adds the squares of the rank tests of Wilcoxon (location) and of Ansari and
# Bradley (scale). Errors that are five times as large are found within a few frames.
# Seen: "Lepage" is looked up as scipy.stats.ranksums, the test of Wilcoxon alone, which is blind to the spread. Of 14
# recordings it finds 4 within 20 frames, by chance, where it finds 10 if the mean moves by three spreads. The statistic
# of Lepage, worked out here, finds 12 of either, with one false alarm as well. "Mood", the test of scale alone, calls
# every second frame a change with recent scipy, as it gives nan for so few values.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps ocpdet==0.0.6
cd "$folder"
"$folder/bin/python" -W ignore - <<'END'
import importlib.util
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, ranksums

package = Path(importlib.util.find_spec("ocpdet").origin).parent
spec = importlib.util.spec_from_file_location("two_sample", package / "TwoSample.py")
two_sample = importlib.util.module_from_spec(spec)
spec.loader.exec_module(two_sample)
CHANGE, WAIT, COUNT = 60, 20, 14


def lepage(first, second):
    # Wilcoxon and Ansari-Bradley, both as normal scores of the ranks, worked out here
    if min(len(first), len(second)) < 5:
        return 0, 0
    ranks, count = rankdata(np.concatenate([first, second])), len(first) + len(second)
    from_ends = np.minimum(ranks, count + 1 - ranks)
    scores = []
    for each in (ranks, from_ends):
        spread = np.sqrt(each.var() * len(first) * len(second) / (count - 1))
        scores.append((each[: len(first)].sum() - len(first) * each.mean()) / spread)
    return scores[0] ** 2 + scores[1] ** 2, 0


def found(statistic, threshold, errors):
    detector = two_sample.TwoSample() if statistic is None else two_sample.TwoSample("Lepage", threshold)
    detector.fetch_statistic()
    if statistic is not None:
        detector.statistic = statistic
    return detector.process_batch(errors)


def hits(place, spread, statistic=None, threshold=0.0):
    right = 0
    for seed in range(COUNT):
        random = np.random.default_rng(seed)
        calm, later = random.normal(size=CHANGE), place + spread * random.normal(size=WAIT)
        when = found(statistic, threshold, np.concatenate([calm, later]))
        right += when is not None and when >= CHANGE
    return right


probe = two_sample.TwoSample()
probe.fetch_statistic()
print('"Lepage" is', probe.statistic.__name__)
assert probe.statistic is ranksums, "Lepage is looked up as another test now"
rows = {}
for name, statistic, threshold in (("ocpdet", None, 0.0), ("Lepage by hand", lepage, 14.0)):
    rows[name] = [hits(0, 1, statistic, threshold), hits(0, 5, statistic, threshold), hits(3, 1, statistic, threshold)]
    print(f"{name}: of {COUNT} changes found: none {rows[name][0]}, spread x 5 {rows[name][1]}, mean {rows[name][2]}")
none, spread, mean = rows["ocpdet"]
assert mean > 8 and spread < 6, "the spread is looked at now"
assert rows["Lepage by hand"][0] <= none and rows["Lepage by hand"][1] > 10
mood = two_sample.TwoSample("Mood", 4.0)
mood.process(np.random.default_rng(0).normal(size=40))
print("changes that Mood finds in 40 even errors:", len(mood.changepoints))
assert len(mood.changepoints) > 15
END

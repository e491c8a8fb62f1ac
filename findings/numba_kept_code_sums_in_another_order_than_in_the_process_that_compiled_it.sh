#!/bin/sh
# numba 0.68.1, a function that is kept on disk (cache=True) and calls another one whose sums may be reordered (fastmath
# with "reassoc"): the similarities of a kernel forecaster between a history and all those before it.
#
# Expected: one machine, one input, the same compiled code: the process that compiles the functions and those that load
# them from disk compute the same bits, so that a forecast that is resumed tomorrow is the one that was begun today.
# Seen: the first process computes others than all later ones. In the process that compiles, the caller calls the code
# that was made of the inner function alone; loaded from disk, it calls a copy that was made for it, in which an argument
# is known, and that sums in another order. Called directly, the inner function gives the bits of the first process in
# all of them. A test that compiles anew each time never sees it. With forceinline=True on the inner function, or without
# fastmath, all processes agree.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6
cd "$folder"
# The code of one kind of processor, whichever this one is.
export NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=+avx2,+fma
cat > kernel.py <<'END'
import hashlib
import sys

import numpy as np
from numba import njit

options = {"sums may be reordered": {"fastmath": {"reassoc", "nsz"}},
           "the same, taken into the caller": {"fastmath": {"reassoc", "nsz"}, "forceinline": True},
           "sums in order": {}}[sys.argv[1]]


@njit(cache=True, error_model="numpy", **options)
def similarities(pairs, newest, width, forgetting, start, out):
    for i in range(start, len(out)):
        row = pairs[i]
        total = 0.0
        for j in range(len(newest)):
            total += (row[j] - newest[j]) * (row[j] - newest[j])
        out[i] = 1.0 / (1.0 + total / (width * width))
    if forgetting < 1.0:
        for i in range(start, len(out)):
            out[i] *= forgetting ** float(len(out) - i)


@njit(cache=True, error_model="numpy")
def to_all(pairs, newest, width, forgetting, out):
    similarities(pairs, newest, width, forgetting, 0, out)


def digest(array):
    return hashlib.sha256(array.tobytes()).hexdigest()[:8]


numbers = np.random.default_rng(0)
pairs, newest = numbers.normal(size=(300, 24)), numbers.normal(size=24)
called, alone = np.empty(300), np.empty(300)
to_all(pairs, newest, 5.0, 0.9967, called)
similarities(pairs, newest, 5.0, 0.9967, 0, alone)
print(digest(called), digest(alone), "compiled" if not to_all.stats.cache_hits else "loaded")
END
for kind in "sums may be reordered" "the same, taken into the caller" "sums in order"; do
	for turn in 1 2 3; do
		NUMBA_CACHE_DIR="$folder/kept of $kind" "$folder/bin/python" kernel.py "$kind" > "$kind.$turn"
		echo "$kind, process $turn: $(cat "$kind.$turn")"
	done
done
"$folder/bin/python" - <<'END'
from pathlib import Path


def bits(kind):
    said = [Path(f"{kind}.{turn}").read_text().split() for turn in (1, 2, 3)]
    assert [each[2] for each in said] == ["compiled", "loaded", "loaded"], said
    return [each[0] for each in said], [each[1] for each in said]


called, alone = bits("sums may be reordered")
assert len(set(alone)) == 1
assert called[1] == called[2]
assert called[0] != called[1], "the process that compiles agrees with later ones now"
assert called[0] == alone[0]
for kind in ("the same, taken into the caller", "sums in order"):
    assert len(set(bits(kind)[0])) == 1, kind
END

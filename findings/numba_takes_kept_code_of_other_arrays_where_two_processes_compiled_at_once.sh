#!/bin/sh
# numba 0.68.1, a function that is kept on disk (cache=True) and called by two processes at once, as by two workers of a
# batch: one has the distances of a whole track of a landmark, the other those of every other frame of it (a slice).
#
# Expected: each kind of array has compiled code of its own, also on disk, and a process that finds none compiles. numba
# takes care that its files appear whole or not at all, so at worst something is compiled twice.
# Seen: the files of a function are numbered, and a list says whose a number is. Two processes that look at the list
# before either has written give both kinds the number 1. The list may end with the one, the file with the other. Then
# each later process takes the code for whole arrays to sum up the slice: it reads the frames between those that it was
# given, and the result is wrong without a word. It stays so until somebody removes the files.
# The times at which the two processes go on are set here, by holding back their os.replace; any process may be as slow.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6
cd "$folder"
export NUMBA_CACHE_DIR="$folder/kept"
cat > track.py <<'END'
import sys

import numpy as np
from numba import njit


@njit(cache=True)
def way(distances):
    total = 0.0
    for i in range(len(distances)):
        total += distances[i]
    return total


def print_way(every):
    found = way(np.arange(8.0)[::every] if every > 1 else np.arange(4.0))
    print(found, "loaded" if way.stats.cache_hits else "compiled", flush=True)


if __name__ == "__main__":
    print_way(int(sys.argv[1]))
END
cat > slow.py <<'END'
# As track.py, but stops before it puts the file of one kind in its place, until it is told to go on.
import os
import sys
import time
from pathlib import Path

import track

every, ending = int(sys.argv[1]), sys.argv[2]
replace = os.replace


def late(source, target):
    if str(target).endswith(ending):
        Path(f"waits {every}").touch()
        while not Path(f"go {every}").exists():
            time.sleep(0.01)
    replace(source, target)


os.replace = late
track.print_way(every)
END
await() { while [ ! -e "$1" ]; do sleep 0.05; done; }
"$folder/bin/python" slow.py 2 .nbi > two &  # has looked at the list, which is empty
slice=$!
await "waits 2"
"$folder/bin/python" slow.py 1 .nbc > one &  # writes the list, not yet its code
whole=$!
await "waits 1"
touch "go 2"
wait $slice
touch "go 1"
wait $whole
"$folder/bin/python" track.py 2 > later
"$folder/bin/python" track.py 2 > last
echo "compiled at once: the whole track $(cat one), every other frame $(cat two)"
echo "every other frame in later processes: $(cat later), $(cat last)"
"$folder/bin/python" - <<'END'
from pathlib import Path

one, two, later, last = (Path(name).read_text().split() for name in ("one", "two", "later", "last"))
assert one == [str(0.0 + 1 + 2 + 3), "compiled"], one
assert two == [str(0.0 + 2 + 4 + 6), "compiled"], two
assert later == last == [str(0.0 + 1 + 2 + 3), "loaded"], "every other frame is summed up rightly now"
END

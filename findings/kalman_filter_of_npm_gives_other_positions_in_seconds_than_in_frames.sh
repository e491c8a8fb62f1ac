#!/bin/sh
# kalman-filter 2.3.0 (npm; needs node): its named models "constant-speed" and "constant-acceleration", which are
# configured "automatically", with timeStep given in frames, seconds or minutes. Breathing of 10 mm at 4 Hz, with noise
# of 1 mm.
#
# Expected: the unit of time is a matter of taste. A speed of 1 mm a frame is one of 4 mm a second, and positions are in
# mm either way. So the same frames give the same positions.
# Seen: by default the noise of the speed is timeStep^2 and that of the acceleration timeStep^4. The same noise of a
# frame is 1 / timeStep^2 and 1 / timeStep^4 in other units: the exponents have the wrong sign. In seconds the noise of
# the speed is 256 times smaller than in frames. Positions are 1.6 mm off in place of 1.0, and forecasts of the next
# frame 4.2 mm in place of 2.7. Handed over with the right sign, all units agree. No word is said of what timeStep does.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund kalman-filter@2.3.0
node - <<'END'
const assert = require("assert");
const { KalmanFilter } = require("kalman-filter");

const COUNT = 400, SETTLED = 100, UNITS = { frames: 1, seconds: 0.25, minutes: 0.25 / 60 };
let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
const place = [...Array(COUNT).keys()].map((frame) => 10 * Math.sin((2 * Math.PI * frame) / 16));
const seen = place.map((value) => [value + normal()]);
const squares = (got) => got.reduce((sum, value, i) => sum + (value - place[SETTLED + i]) ** 2, 0);
const spread = (got) => Math.sqrt(squares(got) / got.length).toFixed(2);

function followed(name, timeStep, order, right) {
  const scale = [1, timeStep ** -2, timeStep ** -4].slice(0, order + 1);
  const dynamic = { name, timeStep, ...(right ? { covariance: scale } : {}) };
  const filter = new KalmanFilter({ observation: 1, dynamic }), places = [], forecasts = [];
  let previousCorrected = null;
  for (const observation of seen) {
    const predicted = filter.predict({ previousCorrected });
    previousCorrected = filter.correct({ predicted, observation });
    forecasts.push(predicted.mean[0][0]);
    places.push(previousCorrected.mean[0][0]);
  }
  return [places.slice(SETTLED), forecasts.slice(SETTLED)];
}

for (const [name, order] of [["constant-speed", 1], ["constant-acceleration", 2]]) {
  const [inFrames] = followed(name, 1, order, false);
  for (const [unit, timeStep] of Object.entries(UNITS)) {
    const [places, forecasts] = followed(name, timeStep, order, false), [right] = followed(name, timeStep, order, true);
    const apart = (got) => Math.max(...got.map((value, i) => Math.abs(value - inFrames[i])));
    console.log(`${name}, ${unit}: places ${spread(places)} mm off, forecasts ${spread(forecasts)};`,
      `from those in frames ${apart(places).toFixed(2)}, with the right sign ${apart(right).toFixed(4)}`);
    assert(apart(right) < 0.01);
    const [ofPlaces, ofForecasts] = unit === "frames" ? [0.9, 2.8] : [1.55, 4.4];
    assert(Math.abs(spread(places) - ofPlaces) < 0.15 && Math.abs(spread(forecasts) - ofForecasts) < 0.4);
    assert(unit === "frames" || apart(places) > 2, "the unit of time does not matter now");
  }
}
END

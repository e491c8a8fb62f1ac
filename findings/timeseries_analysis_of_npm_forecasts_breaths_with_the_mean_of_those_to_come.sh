#!/bin/sh
# timeseries-analysis 1.0.12 (npm; needs node): sliding_regression_forecast, "we are using the past 20 datapoints to
# predict the next one", and the moving averages ma, lwma (linearly weighted) and ema (exponential).
#
# Expected: a forecast depends on what is past. A linearly weighted average follows a ramp more closely than a plain
# one, as new values count more. An exponential one of 6 values takes 60 percent of the noise away.
# Seen: the mean of the whole series is taken off first, and no constant is fitted. If the baseline of a patient drifts
# in the second half, forecasts of the first half differ by up to 1.4 mm, and their error doubles. They are learned from
# the forecasts made before, which are written over the data (as one sees when one does the same by hand), and not from
# the newest value. lwma weighs the oldest value most: it is 4.3 frames late on a ramp of 6, where the right one is 1.7
# and the plain one 2.5. ma leaves out the newest value (3.5). ema does not go on from its last value but from the last
# datum: it is an average of two values and takes a quarter of the noise away.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund timeseries-analysis@1.0.12
node - <<'END'
const assert = require("assert");
const { main } = require("timeseries-analysis");

const COUNT = 400, HALF = 200, SAMPLE = 40, DEGREE = 5;
let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
const frames = (count) => [...Array(count).keys()];
const noise = frames(COUNT).map(random);
const series = (drift) => frames(COUNT).map((t) => [
  t, 20 + 10 * Math.sin((2 * Math.PI * t) / 16) + noise[t] + (t < HALF ? 0 : drift),
]);
const settings = { sample: SAMPLE, degree: DEGREE, method: "ARLeastSquare" };
const forecasts = (drift) =>
  new main(series(drift)).sliding_regression_forecast(settings).output().map((row) => row[1]);
const spread = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

const first = frames(HALF).slice(60), true_ = series(0).map((row) => row[1]);
const calm = forecasts(0), drifting = forecasts(30);
const error = (got) => spread(first.map((t) => got[t] - true_[t]));
const apart = Math.max(...first.map((t) => Math.abs(calm[t] - drifting[t])));
console.log(`error before frame ${HALF}: ${error(calm).toFixed(2)} mm, with a drift of 30 mm after it`,
  `${error(drifting).toFixed(2)}; forecasts up to ${apart.toFixed(2)} mm apart`);
assert(apart > 1.3 && error(drifting) > 1.7 * error(calm), "forecasts depend on the past alone now");

// the same by hand, with coefficients learned from the series or from the forecasts that were written over it
function byHand(learnFromForecasts) {
  const mean = true_.reduce((sum, value) => sum + value, 0) / COUNT;
  const data = true_.map((value, t) => [t, value - mean]), learned = data.map((row) => row.slice());
  for (let t = SAMPLE; t < COUNT - 1; t++) {
    const past = (learnFromForecasts ? learned : data).slice(t - SAMPLE, t);
    const weights = new main(past).ARLeastSquare({ degree: DEGREE, data: past });
    learned[t + 1][1] = weights.reduce((sum, weight, lag) => sum + weight * data[t - lag][1], 0);
  }
  return learned.map((row) => row[1] + mean);
}
const gap = (other) => Math.max(...first.map((t) => Math.abs(calm[t] - other[t])));
console.log(`apart from learning from the series ${gap(byHand(false)).toFixed(2)} mm,`,
  `from the forecasts ${gap(byHand(true)).toFixed(2)}`);
assert(gap(byHand(true)) < 1e-6 && gap(byHand(false)) > 0.1, "the series itself is learned from now");

const late = (name) => 99 - new main(frames(100).map((t) => [t, t]))[name]({ period: 6 }).output()[99][1];
const smoothed = new main(noise.map((value, t) => [t, value])).ema({ period: 6 }).output();
const left = spread(smoothed.slice(50).map((row) => row[1]));
for (const name of ["ma", "lwma", "ema"]) console.log(`${name} is ${late(name).toFixed(2)} frames late on a ramp`);
console.log("noise left by ema:", (left / spread(noise.slice(50))).toFixed(2));
assert(late("lwma") > 4 && late("ma") > 3, "the newest value counts most now");
assert(left > 0.65 * spread(noise.slice(50)), "ema goes on from its last value now");
END

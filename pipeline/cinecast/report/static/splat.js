"use strict";
// The predicted frame: the reference frame pushed forward along a DVF, as cinecast.warp does it, sum for sum.
const splatHere = () => {
  // exp(-precision * (i - fraction)^2) for i from 1 - half to half, with two exponentials for all.
  function kernel(fraction, precision, half, out) {
    const decay = Math.exp(-2 * precision);
    out[half - 1] = Math.exp(-precision * fraction * fraction);
    let toRight = Math.exp(precision * (2 * fraction - 1));
    let toLeft = decay / toRight;
    for (let i = half; i < 2 * half; i++) {
      out[i] = out[i - 1] * toRight;
      toRight *= decay;
    }
    for (let i = half - 2; i >= 0; i--) {
      out[i] = out[i + 1] * toLeft;
      toLeft *= decay;
    }
  }

  let totals = new Float64Array(0);
  let weights = new Float64Array(0);
  function cleared(count) {
    if (totals.length < count) [totals, weights] = [new Float64Array(count), new Float64Array(count)];
    totals.fill(0, 0, count);
    weights.fill(0, 0, count);
  }

  // Grey values of the pixels in an area { left, right, top, bottom } (half open), row by row; black where nothing lands.
  // field: all x, then all y, in pixels.
  return (image, field, width, height, { precision, half, black }, area) => {
    const { left, right, top, bottom } = area;
    const [rows, columns, span, count] = [bottom - top, right - left, 2 * half, width * height];
    const stride = columns + 2 * span + 1;
    cleared((rows + 2 * span + 1) * stride);
    const [alongX, alongY] = [new Float64Array(span), new Float64Array(span)];
    for (let row = 0, i = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i++) {
        const x = column + field[i] - left;
        const y = row + field[count + i] - top;
        // What points far outside, or nowhere (NaN), lands nowhere.
        if (!(-half - 1 < x && x < columns + half && -half - 1 < y && y < rows + half)) continue;
        const [floorX, floorY] = [Math.floor(x), Math.floor(y)];
        kernel(x - floorX, precision, half, alongX);
        kernel(y - floorY, precision, half, alongY);
        const value = image[i];
        let place = (floorY + half + 1) * stride + floorX + half + 1;
        for (let v = 0; v < span; v++, place += stride) {
          const factor = alongY[v];
          for (let u = 0; u < span; u++) {
            const weight = factor * alongX[u];
            totals[place + u] += weight * value;
            weights[place + u] += weight;
          }
        }
      }
    }
    const out = new Float64Array(rows * columns);
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const place = (row + span) * stride + column + span;
        out[i] = weights[place] > 0 ? totals[place] / weights[place] : black;
      }
    }
    return out;
  };
};

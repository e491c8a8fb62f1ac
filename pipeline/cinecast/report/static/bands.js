"use strict";
// How far off forecasts were said to be, and how often that held: arrays of one method at one horizon.
const bands = (() => {
  const METRICS = ["inside", "radius_mm"];
  const made = new Map();

  // Lists by metric and region, the landmarks among them, null where there is no number.
  async function unpacked({ over_time, by_phase, weight_radius, level, places: regions }) {
    const listed = async (packed) => {
      const rows = unpack.split(await unpack.floats(packed), packed.shape[0] * packed.shape[1]);
      const list = (metric, region) => Array.from(rows[metric * regions.length + region], (value) => (Number.isFinite(value) ? value : null));
      return Object.fromEntries(regions.map((region, r) => [region, Object.fromEntries(METRICS.map((name, m) => [name, list(m, r)]))]));
    };
    const [overTime, byPhase, radii] = await Promise.all([listed(over_time), listed(by_phase), unpack.floats(weight_radius)]);
    return { level, overTime, byPhase, weightRadius: unpack.split(radii, weight_radius.shape[0]) };
  }

  // Null where a run holds none, and for the oracle, which forecasts nothing.
  async function of(entry) {
    const content = await cinecast.load(entry.id);
    return content.bands && unpacked(content.bands);
  }

  return { of: (entry) => made.get(entry.id) ?? made.set(entry.id, of(entry)).get(entry.id), percent: (level) => `${+(100 * level).toFixed(2)} %` };
})();

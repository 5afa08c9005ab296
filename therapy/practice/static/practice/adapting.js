// Rules of the practice while it runs, the same with and without a network: more time for calm breathing where the
// pulse or the state says that it is not there yet. Everything added is said.
export const STEP = 30; // seconds added at once
export const MOST = 90; // and in all, for one phase
const LOOK_BACK = 20;
const FIRST = 30;

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

export class Adapting {
  constructor(table) {
    this.table = table; // policy of the server: phases with axis, within; or null
    this.pulses = []; // {at: seconds of the practice, value}
    this.state = null; // newest answer of the server
  }

  pulse(at, value) {
    this.pulses.push({ at, value });
  }

  // Pulse of the first half minute of measurements: what is usual for this person, here and now.
  baseline() {
    if (!this.pulses.length) return null;
    const begin = this.pulses[0].at;
    const first = this.pulses.filter((one) => one.at <= begin + FIRST).map((one) => one.value);
    return first.length >= 5 ? median(first) : null;
  }

  recent(now) {
    const values = this.pulses.filter((one) => one.at > now - LOOK_BACK).map((one) => one.value);
    return values.length >= 3 ? mean(values) : null;
  }

  // Asked in the last seconds of a phase: null, or {seconds, why}.
  wants(part, now) {
    if (part.phase !== "relax" || part.extra + STEP > MOST) return null;
    const base = this.baseline();
    const current = this.recent(now);
    if (base !== null && current !== null) return current >= base - 2 ? { seconds: STEP, why: "pulseHigh" } : null;
    const rule = this.table?.phases?.find((phase) => phase.name === part.phase);
    const axis = rule && this.state?.known ? this.state[rule.axis] : null;
    if (!axis || axis.sd > 0.45) return null;
    const ideal = this.state.ideal?.[rule.axis] ?? 0;
    return axis.value < ideal - rule.within ? { seconds: STEP, why: "tenseStill" } : null;
  }
}

// Signals on their way to the server: only what the person allowed, in batches, sent again after a lost answer.
import { token } from "./keeping.js";

const EVERY = 10_000; // ms
const MOST = 600; // rows that wait; the oldest go first

export class Signals {
  constructor(door, onState) {
    this.url = door.url;
    this.allowed = new Set(door.allowed);
    this.onState = onState;
    this.rows = [];
    if (this.url && this.allowed.size) setInterval(() => this.send(), EVERY);
  }

  allows(kind) {
    return Boolean(this.url) && this.allowed.has(kind);
  }

  add(kind, row) {
    if (!this.allows(kind)) return;
    this.rows.push({ at: new Date().toISOString(), ...row });
    this.rows.splice(0, Math.max(0, this.rows.length - MOST));
  }

  async send() {
    if (!this.rows.length || this.isSending) return;
    this.isSending = true;
    const batch = this.rows.slice();
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
        body: JSON.stringify({ device: "browser", sent_at: new Date().toISOString(), observations: batch }),
      });
      // A refusal would be refused again; only a lost network is worth another try.
      this.rows = this.rows.filter((row) => !batch.includes(row));
      if (answer.ok) this.onState((await answer.json()).state);
    } catch {
      // Offline: the rows wait.
    } finally {
      this.isSending = false;
    }
  }
}

// How the page is used, once a minute, as sums: never what is typed or where somebody clicks.
export function watchBehaviour(signals, isRunning) {
  if (!signals.allows("behaviour")) return;
  const sums = { clicks: 0, focus: 0 };
  addEventListener("click", () => { sums.clicks += 1; });
  addEventListener("blur", () => { sums.focus += 1; });
  setInterval(() => {
    if (isRunning()) {
      signals.add("behaviour", { kind: "click_rate", value: sums.clicks });
      signals.add("behaviour", { kind: "focus_changes", value: sums.focus });
    }
    sums.clicks = sums.focus = 0;
  }, 60_000);
}

// A tap on the pacer with each in-breath gives the breathing rate, from the last few taps.
export function watchTaps(signals, pacer) {
  if (!signals.allows("breathing")) return;
  let taps = [];
  pacer.addEventListener("pointerdown", () => {
    const now = performance.now();
    taps = [...taps.filter((tap) => now - tap < 45_000), now].slice(-6);
    if (taps.length < 3) return;
    const rate = (60_000 * (taps.length - 1)) / (now - taps[0]);
    if (rate >= 2 && rate <= 40) signals.add("breathing", { kind: "breath_rate", value: Number(rate.toFixed(1)) });
  });
}

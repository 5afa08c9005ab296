// Where a practice stands at a second: phase, line, breath. Pure; the laying out itself is done by the server.

export const lengthOf = (part) => part.seconds + part.extra;
export const whole = (parts) => parts.reduce((sum, part) => sum + lengthOf(part), 0);

export function locate(parts, seconds) {
  let begin = 0;
  for (const [index, part] of parts.entries()) {
    const length = lengthOf(part);
    if (seconds < begin + length || index === parts.length - 1) {
      return { index, part, begin, at: Math.min(seconds - begin, length), left: begin + length - seconds };
    }
    begin += length;
  }
  return null;
}

export function lineAt(part, at) {
  let found = null;
  for (const line of part.lines) if (line.at <= at + 0.05) found = line;
  return found;
}

const ORDER = ["in", "hold", "out", "hold_out"];
const ease = (share) => 0.5 - Math.cos(Math.PI * share) / 2;

// The part of the breath, how full it is (0 to 1) and the seconds left of it; a slow free swell without a pacer.
export function breathAt(pacer, at) {
  const cycle = ORDER.reduce((sum, name) => sum + (pacer[name] ?? 0), 0);
  if (!cycle) return { name: "free", level: 0.5 + 0.12 * Math.sin(at / 2.6), left: 0 };
  let place = at % cycle;
  for (const name of ORDER) {
    const length = pacer[name] ?? 0;
    if (length && place < length) {
      const share = place / length;
      const level = { in: ease(share), hold: 1, out: 1 - ease(share), hold_out: 0 }[name];
      return { name, level, left: Math.ceil(length - place) };
    }
    place -= length;
  }
  return { name: "in", level: 0, left: pacer.in };
}

export function clock(seconds) {
  const rest = Math.max(0, Math.round(seconds));
  return `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
}

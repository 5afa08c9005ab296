// Where a run stands, kept on this device and by the server; what could not be sent waits here until there is a network.
const PLACE = "attune-practice-place";
const UNSENT = "attune-practice-unsent";

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
};
const write = (key, value) => {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: the server still does.
  }
};

export const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.set("csrfmiddlewaretoken", token());
  return body;
}

export function remember(data, position) {
  write(PLACE, { id: data.id, position, extra: data.parts.map((part) => part.extra) });
}

export function recall(data) {
  const kept = read(PLACE);
  if (kept?.id !== data.id || !(kept.position > data.position)) return;
  data.position = kept.position;
  data.parts.forEach((part, index) => {
    part.extra = Math.max(part.extra, Number(kept.extra?.[index] ?? 0));
  });
}

export function tell(data, position, { leaving = false } = {}) {
  const body = form({ position: Math.floor(position), extra: data.parts.map((part) => part.extra).join(",") });
  if (leaving && navigator.sendBeacon) navigator.sendBeacon(data.positionUrl, body);
  else fetch(data.positionUrl, { method: "POST", body, keepalive: true }).catch(() => {});
}

// Resolves to the next page, or null where it has to wait for a network; throws where the server says no.
export async function send(url, fields) {
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body: form(fields), headers: { Accept: "application/json" } });
  } catch {
    write(UNSENT, [...(read(UNSENT) ?? []).filter((one) => one.url !== url), { url, fields }]);
    return null;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  write(PLACE, null);
  const type = answer.headers.get("Content-Type") ?? "";
  return type.includes("json") ? answer.json() : {};
}

// Sends what waited; calls `sent` with each answer.
export async function flush(sent = () => {}) {
  const waiting = read(UNSENT) ?? [];
  if (!waiting.length || !token()) return;
  write(UNSENT, null);
  for (const { url, fields } of waiting) {
    try {
      const answer = await send(url, fields);
      if (answer) sent(answer);
    } catch {
      // The server refuses it for good: there is nothing to keep.
    }
  }
}

// Heart rate by Web Bluetooth (GATT heart rate service): only after the person chooses a device, only while the page
// is open. Shown live; sent on only where the switch "heart" is on.
const SERVICE = "heart_rate";
const MEASUREMENT = "heart_rate_measurement";
const LONGEST = 120; // seconds shown
const WAIT = [1000, 3000, 8000]; // ms before each try to connect again

// One notification: flags, rate in 8 or 16 bits, perhaps energy, then R-R intervals in 1/1024 s.
export function parse(view) {
  const flags = view.getUint8(0);
  let place = 1;
  const rate = flags & 1 ? view.getUint16(place, true) : view.getUint8(place);
  place += flags & 1 ? 2 : 1;
  const hasContact = !(flags & 4) || Boolean(flags & 2);
  if (flags & 8) place += 2;
  const intervals = [];
  if (flags & 16) {
    for (; place + 1 < view.byteLength; place += 2) intervals.push(Math.round((view.getUint16(place, true) * 1000) / 1024));
  }
  return { rate, intervals, hasContact };
}

// The line of the last two minutes in a box of 300 by 60.
export function line(points, now) {
  const shown = points.filter((point) => point.at > now - LONGEST);
  if (shown.length < 2) return "";
  const values = shown.map((point) => point.value);
  const low = Math.min(...values) - 4;
  const span = Math.max(16, Math.max(...values) + 4 - low);
  return shown
    .map((point, index) => {
      const x = 300 - ((now - point.at) / LONGEST) * 300;
      const y = 60 - ((point.value - low) / span) * 60;
      return `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

export function setUpHeart(player) {
  const { root, words, adapting, run } = player;
  const $ = (name) => root.querySelector(`[data-${name}]`);
  if (!navigator.bluetooth?.requestDevice) return;
  $("heart-row").hidden = false;
  const points = [];

  const take = (event) => {
    const { rate, intervals, hasContact } = parse(event.target.value);
    if (!hasContact || rate < 25 || rate > 240) return;
    const now = performance.now() / 1000;
    points.push({ at: now, value: rate });
    if (points.length > 600) points.splice(0, 100);
    if (player.state() === "running") adapting.pulse(run.position, rate);
    player.signals.add("heart", { kind: "heart_rate", value: rate });
    if (intervals.length) player.signals.add("heart", { kind: "rr", values: intervals });
    $("heart-box").hidden = false;
    $("heart-now").textContent = words.pulse.replace("{rate}", rate);
    $("heart-chart").querySelector("path").setAttribute("d", line(points, now));
  };

  const listen = async (device) => {
    const server = await device.gatt.connect();
    const service = await server.getPrimaryService(SERVICE);
    const measurement = await service.getCharacteristic(MEASUREMENT);
    measurement.addEventListener("characteristicvaluechanged", take);
    await measurement.startNotifications();
    player.say(player.signals.allows("heart") ? words.heartKept : words.heartHere);
  };

  const again = async (device) => {
    for (const wait of WAIT) {
      await new Promise((done) => setTimeout(done, wait));
      try {
        return await listen(device);
      } catch {
        // Out of reach still.
      }
    }
    return player.say(words.heartLost);
  };

  $("heart").addEventListener("click", async () => {
    try {
      const device = await navigator.bluetooth.requestDevice({ filters: [{ services: [SERVICE] }] });
      device.addEventListener("gattserverdisconnected", () => again(device));
      await listen(device);
      $("heart-row").hidden = true;
      root.querySelector(".player__options").open = false;
    } catch (error) {
      // NotFoundError: the person closed the choice, which is an answer.
      if (error.name !== "NotFoundError") player.say(words.heartNot);
    }
  });
}

// Live alerts on every admin page: asks the server every three seconds; needs no queue, no cache and no socket.
// Shows levels, ages and links only. Says so when it can no longer ask, because silence must not look like safety.
(() => {
  "use strict";
  const ADDRESS = "/desk/alerts/";
  const EVERY = 3000;
  const LOST_AFTER = 3;
  const SOUND = "desk-alert-sound";
  const zh = () => document.documentElement.lang.startsWith("zh");
  const TEXT = {
    open: ["Open", "打开"],
    take: ["I have it", "我来处理"],
    soundOn: ["Sound: on", "声音：开"],
    soundOff: ["Sound: off", "声音：关"],
    lost: [
      "This page can no longer ask for alerts. New ones may be missing: reload, or sign in again.",
      "本页无法再获取提醒，可能有遗漏：请刷新，或重新登录。",
    ],
  };
  const say = (pair) => pair[zh() ? 1 : 0];

  let banner;
  let title = "";
  let known = new Set();
  let failures = 0;
  let hasAnswered = false;
  let timer;
  // Somebody is at work here: keeps the sign-in from ending while they type or read, and only then.
  let isActive = true;
  for (const sign of ["keydown", "pointerdown", "scroll"]) {
    addEventListener(sign, () => (isActive = true), { passive: true, capture: true });
  }

  const age = (seconds) => {
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    return `${Math.floor(seconds / 3600)} h`;
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const hasSound = () => localStorage.getItem(SOUND) === "on";

  const beep = () => {
    if (!hasSound() || !window.AudioContext) return;
    const context = new AudioContext();
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = 660;
    volume.gain.value = 0.15;
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.35);
    tone.onended = () => context.close();
  };

  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

  const take = async (alert) => {
    await fetch(alert.take, { method: "POST", headers: { "X-CSRFToken": token() }, credentials: "same-origin" }).catch(() => {});
    ask();
  };

  const row = (alert) => {
    const shown = element("div", "", `desk-live__row desk-live__row--${alert.level}`);
    const words = `${"▲".repeat(Math.max(1, alert.level - 2))} ${alert.name} · ${alert.kind} · ${age(alert.age)} · ${alert.status}`;
    shown.append(element("span", words));
    const open = element("a", say(TEXT.open));
    open.href = alert.url;
    const button = element("button", say(TEXT.take));
    button.type = "button";
    button.addEventListener("click", () => take(alert));
    shown.append(open, button);
    return shown;
  };

  const soundButton = () => {
    const button = element("button", say(hasSound() ? TEXT.soundOn : TEXT.soundOff));
    button.type = "button";
    button.addEventListener("click", () => {
      localStorage.setItem(SOUND, hasSound() ? "off" : "on");
      button.textContent = say(hasSound() ? TEXT.soundOn : TEXT.soundOff);
      beep();
    });
    return button;
  };

  const show = (alerts) => {
    const isNew = alerts.some((alert) => !known.has(alert.id));
    known = new Set(alerts.map((alert) => alert.id));
    banner.replaceChildren(...alerts.map(row));
    banner.firstElementChild?.append(soundButton());
    banner.hidden = alerts.length === 0;
    document.title = alerts.length ? `(${alerts.length}) ${title}` : title;
    if (isNew) beep();
  };

  const showLost = () => {
    const shown = element("div", "", "desk-live__row desk-live__row--lost");
    shown.append(element("span", say(TEXT.lost)));
    banner.replaceChildren(shown);
    banner.hidden = false;
  };

  const ask = async () => {
    clearTimeout(timer);
    try {
      const address = isActive ? `${ADDRESS}?active=1` : ADDRESS;
      isActive = false;
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "error" });
      if ((answer.status === 404 || answer.status === 403) && !hasAnswered) return; // Not counselling staff: nothing to show.
      if (answer.status === 401 || answer.status === 404) failures = LOST_AFTER; // Signed out meanwhile: say so at once.
      if (!answer.ok) throw new Error(String(answer.status));
      hasAnswered = true;
      show((await answer.json()).alerts);
      failures = 0;
    } catch {
      failures += 1;
      if (failures >= LOST_AFTER) showLost();
    }
    timer = setTimeout(ask, EVERY);
  };

  document.addEventListener("DOMContentLoaded", () => {
    title = document.title;
    banner = element("div", "", "desk-live");
    banner.hidden = true;
    banner.setAttribute("role", "alert");
    (document.getElementById("main") ?? document.body).prepend(banner);
    ask();
  });
})();

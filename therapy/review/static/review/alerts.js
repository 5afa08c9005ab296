// Live alerts on every admin page: asks the server every three seconds; needs no queue, no cache and no socket.
// A socket, where there is one, only says that it is worth asking now. The sound comes again until somebody has it.
// Shows levels, ages and links only. Says so when it can no longer ask, because silence must not look like safety.
(() => {
  "use strict";
  const ADDRESS = "/desk/alerts/";
  const EVERY = 3000;
  const LOST_AFTER = 3;
  const AGAIN = 10_000;
  const SOUND = "desk-alert-sound";
  const zh = () => document.documentElement.lang.startsWith("zh");
  const TEXT = {
    open: ["Open", "打开"],
    waiting: ["waiting for somebody", "条提醒无人处理"],
    take: ["I have it", "我来处理"],
    soundOn: ["Sound: on", "声音：开"],
    soundOff: ["Sound: off", "声音：关"],
    soundHeld: ["Sound: click here, the browser holds it back", "声音：被浏览器拦下，请点这里"],
    lost: [
      "This page can no longer ask for alerts. New ones may be missing: reload, or sign in again.",
      "本页无法再获取提醒，可能有遗漏：请刷新，或重新登录。",
    ],
  };
  const say = (pair) => pair[zh() ? 1 : 0];

  // On a phone one line stands for all of them and opens the list; elsewhere the list is always open (alerts.css).
  let banner, line, list, sound, news;
  const rows = new Map();
  let title = "";
  let known = new Set();
  let lastSound = 0;
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

  let speaker;
  const isHeld = () => hasSound() && speaker?.state === "suspended";

  const note = (frequency, after) => {
    const tone = speaker.createOscillator();
    const volume = speaker.createGain();
    tone.frequency.value = frequency;
    volume.gain.value = 0.15;
    tone.connect(volume).connect(speaker.destination);
    tone.start(speaker.currentTime + after);
    tone.stop(speaker.currentTime + after + 0.3);
  };

  const beep = () => {
    if (!hasSound() || !window.AudioContext) return;
    // A page that nobody has touched yet may not make a sound: the button then says so.
    speaker ??= new AudioContext();
    if (speaker.state === "suspended") speaker.resume().catch(() => {});
    if (speaker.state !== "running") return;
    note(660, 0);
    note(880, 0.35);
  };

  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

  const take = async (alert) => {
    await fetch(alert.take, { method: "POST", headers: { "X-CSRFToken": token() }, credentials: "same-origin" }).catch(() => {});
    ask();
  };

  const sign = (alert) => `${"▲".repeat(Math.max(1, alert.level - 2))} ${alert.name}`;

  const newRow = (alert) => {
    const shown = element("div", "");
    const open = element("a", say(TEXT.open));
    open.href = alert.url;
    const button = element("button", say(TEXT.take));
    button.type = "button";
    button.addEventListener("click", () => take(alert));
    shown.append(element("span", ""), open, button);
    return shown;
  };

  // A row stays the same element for as long as its alert waits, so that the focus on its buttons stays, too.
  const row = (alert) => {
    const shown = rows.get(alert.id) ?? newRow(alert);
    rows.set(alert.id, shown);
    shown.className = `desk-live__row desk-live__row--${alert.level}`;
    shown.firstElementChild.textContent = `${sign(alert)} · ${alert.kind} · ${age(alert.age)} · ${alert.status}`;
    return shown;
  };

  const place = (wanted) => {
    for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
    wanted.forEach((child, at) => {
      if (list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null);
    });
  };

  const summary = (alerts) => `${sign(alerts[0])} · ${alerts.length} ${say(TEXT.waiting)}`;

  const toggle = (isOpen) => {
    line.setAttribute("aria-expanded", String(isOpen));
    list.classList.toggle("is-open", isOpen);
  };

  const soundText = () => say(isHeld() ? TEXT.soundHeld : hasSound() ? TEXT.soundOn : TEXT.soundOff);

  const soundButton = () => {
    const button = element("button", soundText());
    button.type = "button";
    button.addEventListener("click", async () => {
      if (isHeld()) await speaker.resume();
      else localStorage.setItem(SOUND, hasSound() ? "off" : "on");
      beep();
      button.textContent = soundText();
    });
    return button;
  };

  const show = (alerts) => {
    const isNew = alerts.some((alert) => !known.has(alert.id));
    known = new Set(alerts.map((alert) => alert.id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    place(alerts.map(row));
    banner.hidden = alerts.length === 0;
    line.hidden = banner.hidden;
    if (alerts.length) {
      if (list.firstElementChild !== sound.parentElement) list.firstElementChild.append(sound);
      sound.textContent = soundText();
      line.className = `desk-live__line desk-live__row--${alerts[0].level}`;
      line.textContent = summary(alerts);
      if (isNew) news.textContent = line.textContent;
    } else {
      news.textContent = "";
      toggle(false);
    }
    document.title = alerts.length ? `(${alerts.length}) ${title}` : title;
    const isGrave = alerts.some((alert) => alert.level >= 3);
    if (isNew || (isGrave && Date.now() - lastSound >= AGAIN)) {
      lastSound = Date.now();
      beep();
    }
  };

  const listen = () => {
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk/alerts/`;
    const socket = new WebSocket(address);
    socket.addEventListener("message", ask);
    // 4401: not for this account. Otherwise the server or Redis is away: later again, meanwhile the asking goes on.
    socket.addEventListener("close", (event) => {
      if (event.code !== 4401) setTimeout(listen, 15_000);
    });
  };

  const showLost = () => {
    const shown = element("div", "", "desk-live__row desk-live__row--lost");
    shown.append(element("span", say(TEXT.lost)));
    if (list.firstElementChild?.textContent === shown.textContent) return;
    place([shown]);
    line.hidden = true;
    banner.hidden = false;
    toggle(true);
    news.textContent = say(TEXT.lost);
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
      if (!hasAnswered) listen();
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
    line = element("button", "", "desk-live__line");
    line.type = "button";
    line.setAttribute("aria-controls", "desk-live-list");
    line.addEventListener("click", () => toggle(!list.classList.contains("is-open")));
    list = element("div", "", "desk-live__list");
    list.id = "desk-live-list";
    sound = soundButton();
    // Only what is new is read out: ages change every three seconds.
    news = element("div", "", "desk-live__news");
    news.setAttribute("role", "alert");
    toggle(false);
    banner.append(line, list);
    document.body.append(news);
    (document.getElementById("main") ?? document.body).prepend(banner);
    ask();
  });
})();

// Plays one step calmly: a line at a time, a clock that may be paused, a pacer for breathing. Without it all is text.
const run = document.querySelector("[data-run]");
const find = (name) => run?.querySelector(`[data-${name}]`);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function playLines() {
  const lines = [...(find("lines")?.children ?? [])];
  if (lines.length < 2) return;
  const tools = find("steps-tools");
  let place = 0;
  const show = () => {
    lines.forEach((line, number) => (line.hidden = number !== place));
    find("place").textContent = run.dataset.saidPlace.replace("{number}", place + 1).replace("{all}", lines.length);
    // A button that is disabled would lose the focus.
    find("back").setAttribute("aria-disabled", place === 0);
    find("next").setAttribute("aria-disabled", place === lines.length - 1);
  };
  const go = (by) => {
    place = Math.min(lines.length - 1, Math.max(0, place + by));
    show();
  };
  find("lines").setAttribute("aria-live", "polite");
  find("back").addEventListener("click", () => go(-1));
  find("next").addEventListener("click", () => go(1));
  find("all").addEventListener("click", () => {
    lines.forEach((line) => (line.hidden = false));
    find("place").textContent = "";
    tools.hidden = true;
  });
  tools.hidden = false;
  show();
}

function makePacer() {
  const pacer = find("pacer");
  if (!pacer) return { begin() {}, rest() {} };
  const breath = find("breath");
  const said = find("said");
  const parts = ["in", "hold", "out"].map((name) => [name, Number(pacer.dataset[name])]).filter((part) => part[1] > 0);
  let timer = 0;
  const part = (number) => {
    const [name, seconds] = parts[number % parts.length];
    said.textContent = run.dataset[`said${name[0].toUpperCase()}${name.slice(1)}`];
    if (!calm.matches) {
      breath.style.transitionDuration = `${seconds}s`;
      if (name !== "hold") breath.style.transform = `scale(${name === "in" ? 1 : 0.55})`;
    }
    timer = setTimeout(() => part(number + 1), seconds * 1000);
  };
  pacer.hidden = false;
  return {
    begin() {
      clearTimeout(timer);
      part(0);
    },
    rest() {
      clearTimeout(timer);
      said.textContent = "";
    },
  };
}

function playClock() {
  const pacer = makePacer();
  const [clock, start, pause, status] = ["clock", "start", "pause", "status"].map(find);
  let left = Number(run.dataset.minutes) * 60_000;
  let until = 0;
  let ticking = 0;
  const show = () => {
    const seconds = Math.max(0, Math.round(left / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const rest = () => {
    clearInterval(ticking);
    pacer.rest();
    [start.hidden, pause.hidden] = [left <= 0, true];
  };
  const tick = () => {
    left = until - Date.now();
    show();
    if (left > 0) return;
    rest();
    status.classList.remove("visually-hidden");
    status.textContent = run.dataset.saidOver;
  };
  start.addEventListener("click", () => {
    until = Date.now() + left;
    ticking = setInterval(tick, 250);
    pacer.begin();
    [start.hidden, pause.hidden] = [true, false];
    pause.focus();
  });
  pause.addEventListener("click", () => {
    rest();
    start.focus();
  });
  find("timer").hidden = false;
  show();
}

if (run) {
  playLines();
  playClock();
}

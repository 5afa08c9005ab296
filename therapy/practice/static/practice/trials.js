// Runs one cognitive test. A stimulus is drawn in an animation frame and its time taken in the next one, when it is on
// the screen; an answer's time is the event's own. What was right is counted by the server; here only for the warm-up.
import { send, token } from "./keeping.js";

const root = document.querySelector("[data-trials]");
const data = JSON.parse(document.getElementById("test-data").textContent);
const { form, words } = data;
const $ = (name) => root.querySelector(`[data-${name}]`);
const field = $("field");
const show = field.querySelector("[data-show]");
const isStream = form.kind === "sart" || form.kind === "nback";
const ARROW = { left: "M20 12H5m6-6-6 6 6 6", right: "M4 12h15m-6-6 6 6-6 6" };

let pending = null; // what waits for an answer: called with (key, time)
let hiddenDuring = false;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenDuring = true;
});

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const visible = () =>
  document.hidden ? new Promise((done) => document.addEventListener("visibilitychange", function look() {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    done();
  })) : Promise.resolve();
const say = (text) => { $("said").textContent = text; };

function draw(text) {
  show.replaceChildren();
  delete show.dataset.show;
  if (text === "dot") show.dataset.show = "dot";
  else if (/^(left|right)/.test(text)) {
    for (const side of text.split(" ")) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", "0 0 24 24");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", ARROW[side]);
      svg.append(path);
      show.append(svg);
    }
  } else show.textContent = text;
}

// Draws in one frame and resolves in the next, with that frame's time: then it is on the screen.
const onScreen = (text) =>
  new Promise((done) => requestAnimationFrame(() => {
    draw(text);
    requestAnimationFrame((time) => done(time));
  }));

function press(key, event) {
  if (!pending) return;
  event.preventDefault();
  pending(key, event.timeStamp || performance.now());
}

addEventListener("keydown", (event) => {
  if (event.repeat || root.dataset.state !== "running") return;
  if (form.kind === "span") return typed(event);
  if (form.kind === "choice" || form.kind === "flanker") {
    if (event.key === "ArrowLeft" || event.key === "f") press("left", event);
    if (event.key === "ArrowRight" || event.key === "j") press("right", event);
  } else if (event.key === " " || event.key === "Enter") press("go", event);
});
field.addEventListener("pointerdown", (event) => {
  if (form.kind === "choice" || form.kind === "flanker") {
    const box = field.getBoundingClientRect();
    press(event.clientX < box.left + box.width / 2 ? "left" : "right", event);
  } else if (form.kind !== "span") press("go", event);
});

function keys(names) {
  $("keys").replaceChildren(...names.map(([key, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = label;
    button.addEventListener("pointerdown", (event) => press(key, event));
    // Keyboards and screen readers click without a pointer.
    button.addEventListener("click", (event) => event.detail === 0 && press(key, event));
    return button;
  }));
}

// One trial of reaction, choice, flanker: a pause, the stimulus until the answer or the limit.
async function ask(trial) {
  draw("");
  let early = null;
  pending = (key, time) => { early ??= { key, time }; };
  const ended = performance.now() + trial.wait;
  while (performance.now() < ended && !early) await wait(Math.min(40, ended - performance.now()));
  if (early) return { key: early.key, ms: 0 };
  const shown = await onScreen(trial.show);
  if (early) return { key: early.key, ms: 0 };
  const answer = await new Promise((done) => {
    const timer = setTimeout(() => done({ key: "", ms: null }), form.limit);
    pending = (key, time) => {
      clearTimeout(timer);
      done({ key, ms: Math.max(0, time - shown) });
    };
  });
  pending = null;
  draw("");
  return answer;
}

// One trial of a stream: the stimulus for a while, then a blank; the first answer counts, the pace never changes.
async function stream(trial) {
  let answer = { key: "", ms: null };
  const shown = await onScreen(trial.show);
  pending = (key, time) => {
    if (answer.key) return;
    answer = { key, ms: Math.max(0, time - shown) };
    field.classList.add("is-pressed");
  };
  await wait(form.shown);
  draw(form.kind === "sart" ? "·" : "");
  await wait(Math.max(0, form.limit - (performance.now() - shown)));
  pending = null;
  field.classList.remove("is-pressed");
  return answer;
}

let row = null; // the digits typed so far
function typed(event) {
  if (!row) return;
  if (/^[0-9]$/.test(event.key)) row.add(event.key);
  else if (event.key === "Backspace") row.drop();
  else if (event.key === "Enter") row.end();
  else return;
  event.preventDefault();
}

async function span(trial) {
  draw("");
  await wait(trial.wait);
  for (const digit of trial.show) {
    await onScreen(digit);
    await wait(form.shown - 200);
    draw("");
    await wait(200);
  }
  say(words.type);
  const began = performance.now();
  const text = await new Promise((done) => {
    let digits = "";
    const look = () => draw(digits || "_");
    row = {
      add: (digit) => { digits = (digits + digit).slice(0, 12); look(); },
      drop: () => { digits = digits.slice(0, -1); look(); },
      end: () => done(digits),
    };
    look();
    const labels = [..."123456789"].map((digit) => [digit, digit]);
    labels.push(["drop", words.delete], ["0", "0"], ["end", words.enter]);
    keys(labels);
    $("keys").classList.add("trials__keys--digits");
    pending = (key) => (key === "end" ? row.end() : key === "drop" ? row.drop() : row.add(key));
  });
  row = pending = null;
  keys([]);
  say("");
  draw("");
  return { key: text, ms: performance.now() - began };
}

const one = form.kind === "span" ? span : isStream ? stream : ask;

function isRight(trial, answer) {
  return trial.answer === "stay" ? !answer.key : answer.key === trial.answer;
}

async function warmUp() {
  say(words.warmUp);
  await wait(1200);
  for (const trial of form.warm_up) {
    const answer = await one(trial);
    if (!isStream || isRight(trial, answer) === false) {
      const tooEarly = answer.key && answer.ms < 150 && form.kind !== "span";
      say(tooEarly ? words.early : isRight(trial, answer) ? words.right : answer.key ? words.wrong : words.late);
    } else say("");
    if (!isStream) await wait(500);
  }
  say("");
}

async function counted() {
  const rows = [];
  let misses = 0;
  for (const [i, trial] of form.trials.entries()) {
    await visible();
    if (hiddenDuring && i) {
      say(words.hidden);
      await wait(1500);
      say("");
    }
    hiddenDuring = false;
    $("progress").textContent = words.progress.replace("{done}", i + 1).replace("{all}", form.trials.length);
    const answer = await one(trial);
    rows.push({ i, key: answer.key, ms: answer.ms === null ? null : Math.round(answer.ms * 10) / 10, hidden: hiddenDuring });
    if (form.kind === "span") {
      misses = answer.key === trial.answer ? 0 : misses + 1;
      if (i % 2 === 1 && misses >= 2) break;
      if (i % 2 === 1) misses = 0;
    }
  }
  return rows;
}

const gate = (text, label) =>
  new Promise((done) => {
    draw("");
    say(text);
    keys([["begin", label]]);
    pending = (key) => {
      pending = null;
      done(key);
    };
  });

function playKeys() {
  if (form.kind === "choice" || form.kind === "flanker") keys([["left", `← ${words.left}`], ["right", `${words.rightSide} →`]]);
  else if (form.kind === "nback") keys([["go", words.same]]);
  else if (form.kind !== "span") keys([["go", words.press]]);
  else keys([]);
}

async function deliver(rows) {
  const moment = root.querySelector("[name=moment]:checked").value;
  const fields = { rows: JSON.stringify(rows), seed: form.seed, run: data.run, moment };
  try {
    const answer = await send(data.sendUrl, fields);
    if (!answer) throw new Error("offline");
    return answer;
  } catch {
    await gate(words.notSaved, words.again);
    return deliver(rows);
  }
}

function finish(answer) {
  root.dataset.state = "done";
  $("box").hidden = true;
  $("done").hidden = false;
  $("values").replaceChildren(...answer.rows.map(([name, value]) => {
    const line = document.createElement("div");
    line.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: value }));
    return line;
  }));
  $("notes").replaceChildren(...answer.notes.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  root.querySelector("#test-done").focus();
}

async function run() {
  root.dataset.state = "running";
  for (const part of root.querySelectorAll("[data-intro]")) part.hidden = true;
  $("box").hidden = false;
  field.focus();
  playKeys();
  await warmUp();
  await gate(words.ready, words.goOn);
  say("");
  playKeys();
  field.focus();
  await wait(800);
  const rows = await counted();
  $("progress").textContent = "";
  keys([]);
  finish(await deliver(rows));
}

if (token()) {
  $("begin").hidden = false;
  $("begin").addEventListener("click", run);
}

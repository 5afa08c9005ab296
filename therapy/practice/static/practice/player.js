// The player: keeps the time of a run, shows and says what belongs to each moment, and remembers where it stands.
import { Adapting } from "./adapting.js";
import * as keeping from "./keeping.js";
import { setUpHeart } from "./heart.js";
import { setUpScene } from "./scene-door.js";
import { setUpOptions } from "./options.js";
import { Signals, watchBehaviour, watchTaps } from "./signals.js";
import { Sound } from "./sound.js";
import { breathAt, clock, lineAt, locate, whole } from "./timeline.js";
import { Voice } from "./voice.js";

const TICK = 250; // ms between looks at the script
const SAVE_EVERY = 15; // seconds between notes to the server
const ASLEEP = 90; // a jump longer than this was the device sleeping: the practice waits
const ASK_BEFORE = 3; // seconds before the end of a phase in which more time may be given

const root = document.querySelector("[data-player]");
const data = JSON.parse(document.getElementById("run-data").textContent);
const words = data.words;
const $ = (name) => root.querySelector(`[data-${name}]`);
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

keeping.recall(data);
const run = { position: Math.min(data.position, whole(data.parts)), last: 0, saved: 0, line: null, phase: -1, practised: data.position };
const sound = new Sound();
const voice = new Voice(data.language);
const adapting = new Adapting(data.signals.policy);
adapting.state = data.signals.state;
const signals = new Signals(data.signals, (state) => {
  adapting.state = state;
  player.scene?.feel(state);
});
const player = { root, data, words, run, sound, voice, adapting, signals, isCalm, say, lengthen, state: () => root.dataset.state };

function setState(state) {
  root.dataset.state = state;
  const toggle = $("toggle");
  toggle.textContent = { ready: run.position > 0 ? words.goOn : words.begin, running: words.pause, paused: words.goOn }[state] ?? "";
}

function say(text) {
  $("said").textContent = text;
}

let timer = 0;
let lock = null;

async function stayAwake() {
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    lock = null; // not allowed just now, for example with an empty battery
  }
}

function play() {
  if (run.position >= whole(data.parts)) return finish();
  setState("running");
  run.last = performance.now();
  clearInterval(timer);
  timer = setInterval(tick, TICK);
  requestAnimationFrame(draw);
  sound.play();
  stayAwake();
  say("");
  if (run.line) voice.say(run.line.text);
}

function pause(text = words.paused) {
  if (root.dataset.state !== "running") return;
  tick();
  if (root.dataset.state !== "running") return; // that was the end
  clearInterval(timer);
  setState("paused");
  sound.pause();
  voice.hush();
  lock?.release();
  say(text);
  save();
}

function save(options) {
  run.saved = run.position;
  keeping.remember(data, run.position);
  keeping.tell(data, run.position, options);
}

function tick() {
  const now = performance.now();
  const passed = (now - run.last) / 1000;
  run.last = now;
  if (passed > ASLEEP) return pause(words.slept);
  run.position += passed;
  run.practised += passed;
  consider();
  if (run.position >= whole(data.parts)) return finish();
  show();
  keeping.remember(data, run.position);
  if (run.position - run.saved >= SAVE_EVERY) save();
}

// In the last seconds of a phase: is more time wanted?
function consider() {
  const place = locate(data.parts, run.position);
  if (!place || place.left > ASK_BEFORE || place.part.asked === place.part.extra) return;
  place.part.asked = place.part.extra;
  const wish = adapting.wants(place.part, run.position);
  if (wish) lengthen(place.part, wish.seconds, words[wish.why]);
}

function lengthen(part, seconds, why) {
  part.extra = Math.min(300, part.extra + seconds);
  say(why);
  voice.say(why);
  save();
}

function show() {
  const place = locate(data.parts, run.position);
  if (place.index !== run.phase) {
    run.phase = place.index;
    [...$("phases").children].forEach((item, index) => {
      if (index === place.index) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  }
  const line = lineAt(place.part, place.at);
  if (line && line !== run.line) change(line);
  const share = run.position / whole(data.parts);
  root.style.setProperty("--done", share.toFixed(4));
  $("track").setAttribute("aria-valuenow", Math.round(share * 100));
  $("left").textContent = words.left.replace("{minutes}", clock(whole(data.parts) - run.position));
  if (root.dataset.state !== "running" || document.hidden) breathe();
}

function change(line) {
  run.line = line;
  const caption = $("caption");
  caption.classList.add("is-changing");
  setTimeout(() => {
    caption.textContent = line.text;
    caption.classList.remove("is-changing");
  }, caption.textContent && !isCalm.matches ? 600 : 0);
  if (root.dataset.state === "running") voice.say(line.text);
}

function breathe(ahead = 0) {
  const place = locate(data.parts, run.position + ahead);
  const breath = breathAt(place.part.pacer, place.at);
  root.style.setProperty("--level", breath.level.toFixed(3));
  const label = words[breath.name];
  const text = breath.name === "free" ? "" : label;
  if ($("breath").textContent !== text) $("breath").textContent = text;
  sound.follow(breath.level);
  player.scene?.breathe(breath.level, place.part.phase);
}

function draw(now) {
  if (root.dataset.state !== "running") return;
  breathe(Math.max(0, (performance.now() - run.last) / 1000));
  requestAnimationFrame(draw);
}

function finish() {
  clearInterval(timer);
  setState("after");
  sound.stop();
  voice.hush();
  lock?.release();
  save();
  document.exitFullscreen?.().catch?.(() => {});
  const title = root.querySelector("#after-title");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

function skip() {
  const place = locate(data.parts, run.position);
  if (place.index === data.parts.length - 1) return finish();
  run.position = place.begin + place.part.seconds + place.part.extra;
  run.line = null;
  show();
  save();
}

async function send(event) {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target, event.submitter));
  delete fields.csrfmiddlewaretoken;
  fields.seconds = Math.round(run.practised);
  const said = $("finish-said");
  try {
    const answer = await keeping.send(data.finishUrl, fields);
    if (answer) location.assign(answer.next);
    else said.textContent = words.kept;
  } catch {
    said.textContent = words.notSaved;
  }
}

$("toggle").addEventListener("click", () => (root.dataset.state === "running" ? pause() : play()));
$("longer").addEventListener("click", () => lengthen(locate(data.parts, run.position).part, 30, words.longer));
$("next").addEventListener("click", skip);
$("end").addEventListener("click", finish);
root.querySelector("[data-finish]").addEventListener("submit", send);
addEventListener("pagehide", () => root.dataset.state !== "after" && run.position > 0 && save({ leaving: true }));
document.addEventListener("visibilitychange", () => {
  if (document.hidden && root.dataset.state === "running") save();
  else if (root.dataset.state === "running") stayAwake();
});
addEventListener("online", () => keeping.flush((answer) => answer.next && location.assign(answer.next)));
addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("button, input, select, summary, a, textarea")) return;
  event.preventDefault();
  $("toggle").click();
});

for (const name of ["stage", "bar"]) $(name).hidden = false;
setState("ready");
show();
breathe();
if (run.position > 0) say(words.resumed);
setUpOptions(player);
setUpScene(player);
setUpHeart(player);
watchBehaviour(signals, () => root.dataset.state === "running");
watchTaps(signals, $("pacer"));
keeping.flush((answer) => answer.next && location.assign(answer.next));

// The live conversation at the desk: the same log and socket as the person's page, seen from the other side.

import { Connection } from "../chat/connection.js";
import { Log } from "../chat/log.js";
import { Outbox } from "../chat/outbox.js";

const PING_MS = 10000;
const TYPING_MS = 4000;
const root = document.querySelector("[data-live]");
const texts = JSON.parse(document.getElementById("live-texts").textContent);
const part = (name) => root.querySelector(`[data-${name}]`);
const form = part("composer");
const field = form.querySelector("textarea");

const log = new Log(part("log"), texts, "counsellor");
// The desk sees finished messages only: what the assistant is writing may never be said.
log.mute(true);
const connection = new Connection(root.dataset.live, log.lastSeq, { path: "/ws/desk/", ping: PING_MS });
const outbox = new Outbox(connection);
let typingEnds;

function say(text, tone = "") {
  const line = part("status");
  if (line.textContent !== text) line.textContent = text;
  line.dataset.tone = tone;
}

function mark(frame) {
  const item = part("log").querySelector(`[data-seq="${frame.seq}"] .message-who`);
  if (!item || !frame.risk || item.querySelector(".desk-level")) return;
  const badge = document.createElement("span");
  badge.className = `desk-level desk-level--${frame.risk}`;
  badge.textContent = frame.risk_name;
  item.append(" ", badge, ` ${frame.risk_kind}`);
}

function speaks(frame) {
  if (frame.mine) return texts.speaks_mine;
  if (frame.owner === "counsellor") return texts.speaks_other.replace("{who}", frame.name || texts.counsellor);
  return frame.writing ? texts.speaks_writing : frame.asked ? `${texts.speaks_assistant} ${texts.asked}` : texts.speaks_assistant;
}

const on = {
  joined() {
    say("");
    outbox.resendAll();
  },
  accepted(frame) {
    outbox.done(frame.client_id);
    log.accepted(frame.client_id);
  },
  message(frame) {
    if (frame.role === "user" && part("status").dataset.tone === "typing") say("");
    log.add(frame);
    mark(frame);
  },
  owner(frame) {
    const wasMine = root.dataset.mine === "true";
    root.dataset.mine = String(frame.mine);
    root.dataset.owner = frame.owner;
    part("speaker").textContent = speaks(frame);
    part("take").hidden = frame.mine;
    part("back").hidden = !frame.mine;
    part("canned-card").hidden = !frame.mine;
    form.hidden = !frame.mine;
    if (frame.mine && !wasMine) field.focus();
  },
  typing(frame) {
    say(frame.role === "user" ? texts.person_typing : texts.other_typing.replace("{name}", frame.name), "typing");
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => part("status").dataset.tone === "typing" && say(""), TYPING_MS);
  },
  here: () => (part("presence").textContent = texts.person_here),
  gone: () => (part("presence").textContent = texts.person_gone),
  error(frame) {
    if (frame.client_id) {
      const text = outbox.done(frame.client_id);
      log.refused(frame.client_id);
      // What was refused goes back to the field.
      if (text) field.value = field.value ? `${text}\n${field.value}` : text;
    }
    say(frame.text, "trouble");
  },
};

connection.addEventListener("frame", ({ detail }) => on[detail.type]?.(detail));
connection.addEventListener("lost", ({ detail }) => {
  if (detail.isFinal) location.reload();
  else say(texts.reconnecting, "waiting");
});

function post() {
  const text = field.value.trim();
  if (!text) return;
  if (text.length > field.maxLength) {
    say(texts.too_long, "trouble");
    return;
  }
  log.addPending(outbox.post(text), text);
  field.value = "";
  field.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  post();
});
// Enter sends, Shift+Enter breaks the line; an Enter that picks a Chinese candidate does neither.
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  post();
});

let typedAt = 0;
field.addEventListener("input", () => {
  if (Date.now() - typedAt < 2000) return;
  if (connection.send("typing")) typedAt = Date.now();
});
for (const button of root.querySelectorAll("[data-canned]")) {
  button.addEventListener("click", () => {
    field.value = field.value ? `${field.value.trimEnd()} ${button.dataset.canned}` : button.dataset.canned;
    field.focus();
    field.dispatchEvent(new Event("input"));
  });
}
// The field stays in view whatever stands above the conversation: banners of alerts come and go.
function fit() {
  const box = root.querySelector(".live");
  root.style.setProperty("--live-top", `${Math.round(box.getBoundingClientRect().top + window.scrollY)}px`);
}
fit();
setInterval(fit, 500);
window.addEventListener("resize", fit);
part("presence").textContent = texts.person_gone;
if (root.dataset.mine === "true") field.focus();
connection.open();

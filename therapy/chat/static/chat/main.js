// One conversation: joins the parts. Frames come in, the log, the card and the status line follow.

import { Card } from "./card.js";
import { Connection } from "./connection.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Speaker } from "./speaker.js";
import { Status } from "./status.js";

const root = document.querySelector("[data-chat]");
const texts = JSON.parse(document.getElementById("chat-texts").textContent);
const form = root.querySelector("form[data-composer]");
const field = form.querySelector("textarea");
const stop = root.querySelector("[data-stop]");

const log = new Log(root.querySelector("[data-log]"), texts);
const status = new Status(root.querySelector("[data-status]"), texts, (turn) => connection.send("retry", { turn }));
const connection = new Connection(root.dataset.chat, log.lastSeq);
const outbox = new Outbox(connection);
const card = new Card(root.querySelector("[data-card]"), texts, (flag) => connection.send("dispute", { flag }));
const speaker = new Speaker(root, texts, log);
let openTurn = null;
// The server takes larger frames for rubbish; what is too long but fits is sent, so that danger in it is seen.
const LONGEST_FRAME = 60000;
// Without this a long text that is pasted in would be cut without a word.
field.removeAttribute("maxlength");

const on = {
  joined() {
    root.dataset.state = "joined";
    status.connected();
    outbox.resendAll();
  },
  accepted(frame) {
    outbox.done(frame.client_id);
    log.accepted(frame.client_id);
  },
  message(frame) {
    if (frame.role === "counsellor") status.stopTyping();
    log.add(frame);
  },
  token: (frame) => log.token(frame),
  card(frame) {
    card.show(frame.card);
    log.toEnd(true);
  },
  typing: (frame) => status.typing(frame),
  owner(frame) {
    speaker.is(frame);
    if (frame.owner !== "assistant") status.say("");
  },
  turn(frame) {
    const isOpen = frame.status === "queued" || frame.status === "running";
    openTurn = isOpen ? frame.turn : null;
    if (!isOpen && stop === document.activeElement) field.focus();
    stop.hidden = !isOpen;
    if (!isOpen) log.endDraft();
    status.turn(frame);
  },
  error(frame) {
    if (frame.client_id) {
      const text = outbox.done(frame.client_id);
      log.refused(frame.client_id);
      // What was refused goes back to the field: nothing that somebody wrote is thrown away.
      if (text) field.value = field.value ? `${text}\n${field.value}` : text;
      grow();
    }
    status.error(frame);
  },
};

connection.addEventListener("frame", ({ detail }) => on[detail.type]?.(detail));
connection.addEventListener("lost", ({ detail }) => {
  root.dataset.state = "lost";
  if (!detail.isFinal) status.lost();
});

// When the last sign of writing left; a sent message ends it, so that the next one is announced at once.
let typedAt = 0;

function post() {
  const text = field.value.trim();
  if (!text) return;
  if (JSON.stringify(text).length > LONGEST_FRAME) {
    status.error({ code: "too_long", text: texts.too_long });
    return;
  }
  log.addPending(outbox.post(text), text);
  nameSession(text);
  field.value = "";
  typedAt = 0;
  grow();
  field.focus();
}

// The list names a conversation by its first words.
function nameSession(text) {
  const name = root.querySelector('.chat-session-link[aria-current] [data-empty]');
  if (!name) return;
  name.removeAttribute("data-empty");
  name.textContent = text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
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

field.addEventListener("input", () => {
  grow();
  if (Date.now() - typedAt < 3000) return;
  if (connection.send("typing")) typedAt = Date.now();
});
stop.addEventListener("click", () => openTurn && connection.send("stop", { turn: openTurn }));
connection.open();

// The one quiet line under the conversation: what is happening, in words.

const TYPING_MS = 4000;

export class Status {
  constructor(line, texts, onRetry) {
    this.line = line;
    this.texts = texts;
    this.onRetry = onRetry;
  }

  say(text, tone = "") {
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.dataset.tone = tone;
  }

  connected() {
    this.say("");
  }

  lost() {
    this.say(navigator.onLine ? this.texts.reconnecting : this.texts.offline, "waiting");
  }

  turn(frame) {
    if (frame.status === "running") this.say(this.texts.writing, "working");
    else if (frame.status === "queued") this.queued(frame);
    else if (frame.status === "failed") this.offer(this.texts.failed, frame.turn);
    else if (frame.status === "stopped") this.say(this.texts.stopped);
    else this.say("");
  }

  queued({ place, eta, note }) {
    const line = place > 1 ? this.texts.place.replace("{place}", place).replace("{eta}", eta) : this.texts.thinking;
    this.say(note ? (place > 1 ? `${note} ${line}` : note) : line, "working");
  }

  offer(text, turn) {
    this.say(text, "trouble");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--quiet";
    button.textContent = this.texts.retry;
    button.addEventListener("click", () => {
      // The button goes with the next status; the focus must not be lost with it.
      document.querySelector("[data-composer] textarea").focus();
      this.onRetry(turn);
    });
    this.line.append(" ", button);
  }

  error({ code, text }) {
    this.say(text, "trouble");
    if (code !== "signed_out") return;
    const link = document.createElement("a");
    link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = this.texts.sign_in;
    this.line.append(" ", link);
  }

  typing({ role, name }) {
    if (this.line.textContent && this.line.dataset.tone !== "typing") return;
    this.say(role === "user" ? this.texts.person_typing : this.texts.counsellor_typing.replace("{name}", name || this.texts.counsellor), "typing");
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.stopTyping(), TYPING_MS);
  }

  // A message has come: nobody is writing it any more.
  stopTyping() {
    if (this.line.dataset.tone === "typing") this.say("");
  }
}

// The list of messages: each shown once, in the order of its number. Text only, never HTML.

export class Log {
  constructor(list, texts, own = "user") {
    this.list = list;
    this.own = own; // the role of what is written on this page
    this.texts = texts;
    this.shown = new Set([...list.querySelectorAll("[data-seq]")].map((item) => Number(item.dataset.seq)));
    this.draft = null; // the reply being written: { turn, attempt, index, item }
    this.isMuted = false; // a human speaks: no piece of a reply is shown, whatever still arrives
    this.toEnd(true);
  }

  lastSeq = () => Math.max(0, ...this.shown);

  mute(isMuted) {
    this.isMuted = isMuted;
    if (isMuted) this.endDraft();
  }

  // A human of the team stands there by name and role.
  whoOf(role, { name = "", role_name: roleName = "" } = {}) {
    if (role === "user") return this.texts.you;
    if (role !== "counsellor" || !name) return this.texts[role] ?? role;
    return this.texts.who.replace("{name}", name).replace("{role}", this.texts[`role_${roleName}`] ?? this.texts.counsellor);
  }

  item(role, text, { pending = false, message } = {}) {
    const item = document.createElement("li");
    item.className = `message message-${role}`;
    const who = document.createElement("span");
    who.className = "message-who";
    who.textContent = this.whoOf(role, message);
    const body = document.createElement("p");
    body.className = "message-text";
    body.dir = "auto";
    body.textContent = text;
    item.append(who, body);
    item.classList.toggle("is-pending", pending);
    return item;
  }

  add(message) {
    if (this.shown.has(message.seq)) return;
    this.shown.add(message.seq);
    if (message.role === "assistant" || message.role === "counsellor") this.endDraft();
    const mine = message.client_id && this.pending(message.client_id);
    const item = mine || this.item(message.role, message.text, { message });
    if (mine) this.settle(item, message.text);
    item.dataset.seq = message.seq;
    const later = [...this.list.querySelectorAll("[data-seq]")].find((other) => Number(other.dataset.seq) > message.seq);
    const tail = later ?? this.list.querySelector(".is-pending, .is-draft");
    // What stands right already is left alone: moving it would make a screen reader say it again.
    if (!mine || later || this.list.lastElementChild !== item) this.list.insertBefore(item, tail ?? null);
    this.toEnd();
  }

  // A message on its way becomes a message that is there.
  settle(item, text) {
    item.classList.remove("is-pending", "is-accepted");
    delete item.dataset.client;
    const body = item.querySelector(".message-text");
    if (body.textContent !== text) body.textContent = text;
  }

  addPending(clientId, text) {
    const item = this.item(this.own, text, { pending: true });
    item.dataset.client = clientId;
    this.list.append(item);
    this.toEnd(true);
  }

  pending(clientId) {
    return this.list.querySelector(`[data-client="${CSS.escape(clientId)}"]`);
  }

  accepted(clientId) {
    this.pending(clientId)?.classList.add("is-accepted");
  }

  refused(clientId) {
    this.pending(clientId)?.remove();
  }

  // Pieces come in order; a new attempt at the same reply begins the text anew. Screen readers are spared the pieces:
  // the status line says that a reply is being written, and the finished message is read out once, as a whole.
  token({ turn, attempt, index, text }) {
    if (this.isMuted) return;
    if (!this.draft || this.draft.turn !== turn || this.draft.attempt < attempt) {
      if (index !== 0) return; // The rest of a reply that is already shown.
      this.endDraft();
      const item = this.item("assistant", "");
      item.classList.add("is-draft");
      item.setAttribute("aria-hidden", "true");
      item.dataset.turn = turn;
      this.list.append(item);
      this.draft = { turn, attempt, index: -1, item };
    }
    if (attempt < this.draft.attempt || index !== this.draft.index + 1) return;
    this.draft.index = index;
    this.draft.item.querySelector(".message-text").textContent += text;
    this.toEnd();
  }

  endDraft() {
    this.draft?.item.remove();
    this.draft = null;
  }

  // Follows the end, unless the person has scrolled up to read.
  toEnd(always = false) {
    const box = this.list.parentElement;
    if (always || box.scrollHeight - box.scrollTop - box.clientHeight < 160) box.scrollTop = box.scrollHeight;
  }
}

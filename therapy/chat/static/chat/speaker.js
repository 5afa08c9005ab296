// Who speaks: the line above the conversation, and silence of the assistant while a human is here.

export class Speaker {
  constructor(root, texts, log) {
    this.line = root.querySelector("[data-who]");
    this.ask = root.querySelector("[data-ask]");
    this.panel = root.querySelector("[data-ask-panel]");
    this.root = root;
    this.texts = texts;
    this.log = log;
    this.wire();
  }

  // The link and the panel's forms are htmx's; here only opening, closing and the focus.
  wire() {
    this.panel?.addEventListener("htmx:afterSwap", () => {
      this.panel.hidden = false;
      this.panel.append(this.closeButton());
      this.panel.querySelector(".ask-title")?.focus();
    });
  }

  closeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--quiet ask-close";
    button.textContent = this.texts.close;
    button.addEventListener("click", () => {
      this.panel.hidden = true;
      this.panel.replaceChildren();
      (this.ask?.hidden ? this.root.querySelector("textarea") : this.ask)?.focus();
    });
    return button;
  }

  is({ owner, name, role_name: role, here, asked }) {
    const isHuman = owner === "counsellor";
    this.root.dataset.owner = owner;
    this.log.mute(owner !== "assistant");
    const who = this.who(name, role);
    const human = here ? this.texts.counsellor_here : this.texts.counsellor_away;
    const text = isHuman ? human.replace("{who}", who) : this.texts.assistant_here;
    if (this.line.textContent !== text) this.line.textContent = text;
    if (!this.ask) return;
    this.ask.hidden = isHuman;
    this.ask.textContent = asked ? this.texts.asked : this.texts.ask;
    if (isHuman) this.panel.hidden = true;
  }

  who(name, role) {
    if (!name) return this.texts.counsellor;
    return this.texts.who.replace("{name}", name).replace("{role}", this.texts[`role_${role}`] ?? this.texts.counsellor);
  }
}

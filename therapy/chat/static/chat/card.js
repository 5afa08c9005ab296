// The crisis card: built from data, foldable but never gone, one tap to call.

function line(entry) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "card-line";
  link.href = /^(tel:|sms:|https:)/.test(entry.href ?? "") ? entry.href : "/help/";
  const number = document.createElement("strong");
  number.textContent = entry.number || entry.name;
  const name = document.createElement("span");
  name.textContent = [entry.number ? entry.name : "", entry.hours].filter(Boolean).join(" · ");
  link.append(number, name);
  item.append(link);
  return item;
}

export class Card {
  constructor(root, texts, onDispute) {
    this.root = root;
    this.texts = texts;
    this.onDispute = onDispute;
    this.flag = root.dataset.flag || null;
    this.level = root.dataset.level || null;
    this.wire();
  }

  wire() {
    this.root.querySelector("[data-fold]")?.addEventListener("click", () => this.fold());
    this.root.querySelector("[data-dispute]")?.addEventListener("click", () => this.onDispute(this.flag));
  }

  fold(folded = !this.root.classList.contains("is-folded")) {
    this.root.classList.toggle("is-folded", folded);
    const button = this.root.querySelector("[data-fold]");
    if (!button) return;
    button.textContent = folded ? this.texts.unfold : this.texts.fold;
    button.setAttribute("aria-expanded", String(!folded));
  }

  show(card) {
    if (!card) {
      this.root.hidden = true;
      this.flag = this.level = null;
      return;
    }
    const isSame = card.flag === this.flag && card.level === this.level && card.collapsed === this.collapsed;
    if (isSame && !this.root.hidden) return;
    this.collapsed = card.collapsed;
    this.flag = card.flag;
    this.level = card.level;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren(...this.parts(card));
    this.root.dataset.level = card.level;
    this.root.hidden = false;
    this.wire();
    this.fold(Boolean(card.collapsed));
    if (hadFocus) this.root.querySelector("[data-fold]").focus();
  }

  parts(card) {
    const title = document.createElement("h2");
    title.textContent = card.title;
    const text = document.createElement("p");
    text.textContent = card.text;
    const lines = document.createElement("ul");
    lines.className = "card-lines";
    lines.append(...(card.lines ?? []).map(line));
    const steps = document.createElement("ul");
    steps.className = "card-steps";
    steps.append(...(card.steps ?? []).map((step) => Object.assign(document.createElement("li"), { textContent: step })));
    const more = Object.assign(document.createElement("a"), { href: "/help/", textContent: this.texts.more_help });
    const body = document.createElement("div");
    body.className = "card-body";
    body.append(text, lines, steps, more);
    const actions = document.createElement("div");
    actions.className = "card-actions";
    actions.append(this.button("fold", this.texts.fold));
    if (card.flag && !card.collapsed) actions.append(this.button("dispute", this.texts.dispute));
    return [title, body, actions];
  }

  button(name, text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--quiet";
    button.dataset[name] = "";
    button.textContent = text;
    return button;
  }
}

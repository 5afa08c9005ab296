// The crisis card: built from data, foldable but never gone, one tap to call.

function make(tag, className, ...parts) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...parts.filter((part) => part !== ""));
  return element;
}

// Only ways that our own server gives: a call, a message, a secure page, or a page of ours.
function linked(className, href, ...parts) {
  const link = make("a", className, ...parts);
  link.href = /^(tel:|sms:|https:|\/(?!\/))/.test(href ?? "") ? href : "/help/";
  return link;
}

function line(entry) {
  const about = [entry.number ? entry.name : "", entry.audience, entry.hours].filter(Boolean).join(" · ");
  const link = linked(
    `card-line${entry.is_emergency ? " is-emergency" : ""}`,
    entry.href,
    make("span", "card-verb", entry.verb ?? ""),
    make("strong", "", entry.number || entry.name),
    make("span", "", about),
  );
  return make("li", "", link);
}

function ways(entries) {
  const list = make("ul", "card-ways");
  for (const { key, label, href } of entries ?? []) {
    const link = linked("card-way", href, label);
    link.dataset.way = key;
    list.append(make("li", "", link));
  }
  return list;
}

function barriers(card) {
  const list = make("details", "card-barriers", make("summary", "", card.question ?? ""));
  for (const { key, label, text, links } of card.barriers ?? []) {
    const entry = make("details", "card-barrier", make("summary", "", label), make("p", "", text));
    entry.dataset.barrier = key;
    if (links?.length) entry.append(ways(links));
    list.append(entry);
  }
  return list;
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
    const body = make(
      "div",
      "card-body",
      make("p", "", card.text),
      make("ul", "card-lines", ...(card.lines ?? []).map(line)),
      ways(card.actions),
      make("ul", "card-steps", ...(card.steps ?? []).map((step) => make("li", "", step))),
      card.barriers?.length ? barriers(card) : "",
      linked("", card.more, this.texts.more_help),
    );
    const actions = make("div", "card-actions", this.button("fold", this.texts.fold));
    if (card.flag && !card.collapsed) actions.append(this.button("dispute", this.texts.dispute));
    return [make("h2", "", card.title), body, actions];
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

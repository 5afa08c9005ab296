// The picture of one's feelings: fetched when it is unfolded and after each reply while it is open; switched off in place.

const PART = { "X-Feelings": "part" };

class Feelings {
  constructor(root) {
    this.root = root;
    // `toggle` does not bubble; caught on its way down it serves whatever the section is replaced by.
    root.addEventListener("toggle", (event) => event.target.matches("[data-feelings-fold]") && this.refresh(), true);
    root.addEventListener("submit", (event) => this.switch(event));
  }

  get isOpen() {
    return Boolean(this.root.querySelector("[data-feelings-fold][open]"));
  }

  async refresh() {
    if (!this.isOpen) return;
    const answer = await this.ask(this.root.dataset.url);
    const place = this.root.querySelector("[data-feelings-picture]");
    if (answer?.status === 404) this.root.remove(); // No longer allowed: switched off in another window.
    if (!answer?.ok || !place) return;
    const wasTable = Boolean(place.querySelector("[data-feelings-table][open]"));
    place.innerHTML = await answer.text();
    place.querySelector("[data-feelings-table]")?.toggleAttribute("open", wasTable);
    const strip = place.querySelector("[data-feelings-scroll]");
    if (strip) strip.scrollLeft = strip.scrollWidth;
  }

  async switch(event) {
    if (this.isPlain) return;
    event.preventDefault();
    const form = event.target;
    const answer = await this.ask(form.action, { method: "POST", body: new FormData(form, event.submitter) });
    if (!answer?.ok) {
      // Sent as a plain form, the page that comes says what is wrong, for example that the person is signed out.
      this.isPlain = true;
      form.requestSubmit(event.submitter);
      return;
    }
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    this.root.replaceChildren(...made.content.querySelector("[data-feelings]").childNodes);
    this.root.querySelector(".feelings-done")?.focus();
  }

  // Redirects lead to the sign-in page, which is no part of this one.
  async ask(address, options = {}) {
    try {
      const answer = await fetch(address, { ...options, headers: PART, redirect: "manual" });
      return answer.type === "opaqueredirect" ? null : answer;
    } catch {
      return null;
    }
  }
}

const root = document.querySelector("[data-feelings]");
const log = document.querySelector("[data-log]");
if (root && log) {
  const feelings = new Feelings(root);
  const isReply = (node) => node.nodeType === Node.ELEMENT_NODE && node.matches(".message-assistant[data-seq]");
  new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some(isReply))) feelings.refresh();
  }).observe(log, { childList: true });
}

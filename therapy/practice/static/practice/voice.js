// The browser's own voice for the page's language, where it has one. Nothing is sent anywhere by us.
export class Voice {
  constructor(language) {
    this.language = language;
    this.isOn = false;
    this.voice = null;
    this.find();
    globalThis.speechSynthesis?.addEventListener?.("voiceschanged", () => this.find());
  }

  find() {
    const voices = globalThis.speechSynthesis?.getVoices() ?? [];
    const short = this.language.slice(0, 2);
    // A voice of this device before one that a network would have to speak.
    const fitting = voices.filter((one) => one.lang.toLowerCase().startsWith(short));
    this.voice = fitting.find((one) => one.localService) ?? fitting[0] ?? null;
    this.onchange?.();
  }

  get isThere() {
    return this.voice !== null;
  }

  say(text) {
    if (!this.isOn || !this.voice) return;
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.voice = this.voice;
    words.lang = this.language;
    words.rate = 0.82;
    words.pitch = 0.95;
    speechSynthesis.speak(words);
  }

  hush() {
    globalThis.speechSynthesis?.cancel();
  }
}

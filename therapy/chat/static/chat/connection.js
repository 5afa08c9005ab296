// The socket: connects, joins with the last number shown, comes back by itself, and hands frames on.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const PING_MS = 25000;
const SIGNED_OUT = 4401;
const HOSTILE = 4400;

export class Connection extends EventTarget {
  constructor(sessionId, lastSeq, { path = "/ws/chat/", ping = PING_MS } = {}) {
    super();
    this.path = path;
    this.sessionId = sessionId;
    this.lastSeq = lastSeq; // a function: the last number shown, asked at every join
    this.wait = FIRST_WAIT_MS;
    this.isClosed = false;
    window.addEventListener("online", () => this.reconnectNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.reconnectNow());
    window.addEventListener("pageshow", (event) => event.persisted && this.reconnectNow());
    setInterval(() => this.send("ping"), ping);
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.socket.addEventListener("open", () => this.send("join", { session: this.sessionId, since: this.lastSeq() }));
    this.socket.addEventListener("message", (event) => this.receive(event.data));
    this.socket.addEventListener("close", (event) => this.lost(event.code));
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(type, fields = {}) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify({ v: 1, type, ...fields }));
    return true;
  }

  receive(data) {
    const frame = JSON.parse(data);
    if (frame.type === "joined") this.wait = FIRST_WAIT_MS;
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  lost(code) {
    if (code === SIGNED_OUT || code === HOSTILE) this.isClosed = true;
    this.dispatchEvent(new CustomEvent("lost", { detail: { isFinal: this.isClosed } }));
    if (this.isClosed) return;
    clearTimeout(this.timer);
    // A random share keeps a thousand browsers from coming back in the same second.
    this.timer = setTimeout(() => this.open(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  reconnectNow() {
    if (this.isClosed || this.isOpen || this.socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.timer);
    this.wait = FIRST_WAIT_MS;
    this.open();
  }
}

// Messages on their way: kept in this page's memory only, sent again with the same id after a reconnect.

export class Outbox {
  constructor(connection) {
    this.connection = connection;
    this.waiting = new Map();
  }

  post(text) {
    const clientId = crypto.randomUUID ? crypto.randomUUID() : fallbackId();
    this.waiting.set(clientId, text);
    this.connection.send("send", { client_id: clientId, text });
    return clientId;
  }

  resendAll() {
    for (const [clientId, text] of this.waiting) this.connection.send("send", { client_id: clientId, text });
  }

  done(clientId) {
    const text = this.waiting.get(clientId);
    this.waiting.delete(clientId);
    return text;
  }
}

// crypto.randomUUID is missing on plain http other than localhost.
function fallbackId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Keeps the help page on this device, so that its numbers are there without a network. Nothing of the person is in it.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/help/offline.js", { scope: "/help/" }).catch(() => {});
}

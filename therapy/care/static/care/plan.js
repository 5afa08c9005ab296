// Printing, and a copy of the plan on this device: only where the person switches it on.
const WORKER = "/care/plan/offline.js";
const SCOPE = "/care/plan/";
const CACHE = "attune-plan";

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const box = document.querySelector("[data-offline]");
if (box && "serviceWorker" in navigator && "caches" in window) {
  const state = box.querySelector("[data-offline-state]");
  const button = box.querySelector("[data-offline-switch]");
  const kept = () => caches.has(CACHE);

  const show = async () => {
    const isKept = await kept();
    state.textContent = navigator.onLine ? (isKept ? box.dataset.on : box.dataset.off) : box.dataset.offlineNow;
    button.textContent = isKept ? box.dataset.drop : box.dataset.keep;
  };

  const installed = (registration) =>
    new Promise((done) => {
      const worker = registration.installing ?? registration.waiting;
      if (!worker || worker.state === "activated") return done();
      worker.addEventListener("statechange", () => ["activated", "redundant"].includes(worker.state) && done());
    });

  button.addEventListener("click", async () => {
    button.disabled = true;
    const registration = await navigator.serviceWorker.getRegistration(SCOPE);
    if (await kept()) {
      await registration?.unregister();
      await caches.delete(CACHE);
    } else {
      await registration?.unregister();
      await installed(await navigator.serviceWorker.register(WORKER, { scope: SCOPE }));
    }
    button.disabled = false;
    await show();
  });
  addEventListener("online", show);
  addEventListener("offline", show);
  box.hidden = false;
  show();
}

// Signs this browser up for alerts as notifications, or off. Only shown where the browser can.
(() => {
  "use strict";
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };

  const start = async (box) => {
    const on = box.querySelector("[data-push-on]");
    const off = box.querySelector("[data-push-off]");
    const fault = box.querySelector("[data-push-fault]");
    const worker = await navigator.serviceWorker.register(box.dataset.worker);

    const tell = (method, subscription) =>
      fetch(box.dataset.address, {
        method,
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify(subscription),
      });

    const show = async () => {
      const subscription = await worker.pushManager.getSubscription();
      on.hidden = Boolean(subscription);
      off.hidden = !subscription;
    };

    const attempt = async (act) => {
      fault.hidden = true;
      try {
        await act();
      } catch {
        fault.textContent = fault.dataset.text;
        fault.hidden = false;
      }
      await show();
    };

    on.addEventListener("click", () =>
      attempt(async () => {
        const subscription = await worker.pushManager.subscribe({
          userVisibleOnly: true,
          applicationServerKey: bytes(box.dataset.push),
        });
        const answer = await tell("POST", subscription.toJSON());
        if (!answer.ok) {
          await subscription.unsubscribe();
          throw new Error(String(answer.status));
        }
      }),
    );
    off.addEventListener("click", () =>
      attempt(async () => {
        const subscription = await worker.pushManager.getSubscription();
        if (!subscription) return;
        await tell("DELETE", subscription.toJSON());
        await subscription.unsubscribe();
      }),
    );
    await show();
    box.hidden = false;
  };

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-push]");
    if (box && "serviceWorker" in navigator && "PushManager" in window) start(box).catch(() => {});
  });
})();

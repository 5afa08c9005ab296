// Shows an alert as a notification, and opens the flag when it is clicked. Holds ids, level and link only.
"use strict";

self.addEventListener("push", (event) => {
  let alert;
  try {
    alert = event.data.json();
  } catch {
    alert = { title: "[Attune]", url: "/admin/" };
  }
  event.waitUntil(
    self.registration.showNotification(alert.title, {
      body: alert.level ?? "",
      tag: alert.id,
      renotify: Boolean(alert.id) && !alert.silent,
      silent: Boolean(alert.silent),
      requireInteraction: !alert.silent,
      data: { url: alert.url },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data.url, self.location.origin);
  // A notification never leads away from this site.
  if (address.origin === self.location.origin) event.waitUntil(self.clients.openWindow(address.href));
});

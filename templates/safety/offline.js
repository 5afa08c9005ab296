{% load static %}// Keeps one page of help usable without a network. The network goes first; what was kept is shown only where it fails.
const CACHE = "{{ cache|escapejs }}";
const PAGE = "{{ page|escapejs }}";
const PARTS = [
  "{% static 'core/tokens.css' %}", "{% static 'core/core.css' %}", "{% static 'core/chrome.css' %}",
  "{% static 'core/components.css' %}", "{% static 'core/forms.css' %}", "{% static 'core/logo.svg' %}",
  "{% static 'core/exit-guard.js' %}", "{% static 'core/quick-exit.js' %}", "{% static 'core/icons.svg' %}"{% for part in parts %}, "{% static part %}"{% endfor %},
];
const WAIT_MS = 4000;

async function keep(request, answer) {
  // A login page or an error must never take the place of help.
  if (answer.ok && answer.type === "basic" && !answer.redirected) await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}

async function keepAll() {
  const cache = await caches.open(CACHE);
  await Promise.allSettled(PARTS.map((part) => cache.add(part)));
  await keep(PAGE, await fetch(PAGE, { credentials: "same-origin" }));
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  const exact = await cache.match(request);
  if (exact) return exact;
  return request.mode === "navigate" ? cache.match(PAGE, { ignoreSearch: true }) : undefined;
}

async function answer(request) {
  const fromNetwork = fetch(request).then((found) => keep(request, found));
  const tooLate = new Promise((_, refuse) => setTimeout(refuse, WAIT_MS, new Error("slow")));
  try {
    return await Promise.race([fromNetwork, tooLate]);
  } catch {
    return (await kept(request)) ?? fromNetwork;
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const place = new URL(request.url);
  if (request.method !== "GET" || place.origin !== location.origin) return;
  if (request.mode === "navigate" ? place.pathname === PAGE : PARTS.includes(place.pathname)) event.respondWith(answer(request));
});

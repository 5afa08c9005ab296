// Reading a conversation by keyboard, and holding on to it while somebody works on it.
(() => {
  "use strict";
  const desk = document.querySelector("[data-desk-transcript]");
  if (!desk) return;
  const rows = [...desk.querySelectorAll("[data-rows] > li")];
  const flagged = rows.filter((row) => "flagged" in row.dataset);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let place = -1;

  const go = (row) => {
    if (!row) return;
    place = rows.indexOf(row);
    row.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    row.focus({ preventScroll: true });
  };

  const step = (by) => go(rows[Math.min(rows.length - 1, Math.max(0, place + by))]);
  const toFlag = (by) => {
    const ahead = by > 0 ? flagged.find((row) => rows.indexOf(row) > place) : flagged.findLast((row) => rows.indexOf(row) < place);
    go(ahead);
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: () => toFlag(1),
    p: () => toFlag(-1),
    f: () => go(desk.querySelector(".desk-row--this")),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  desk.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-rows] > li");
    if (row) place = rows.indexOf(row);
  });
  desk.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#message-']");
    const row = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!row) return;
    event.preventDefault();
    go(row);
  });

  const keep = desk.dataset.keep;
  if (!keep) return;
  let isActive = true;
  for (const sign of ["keydown", "pointerdown", "scroll"]) addEventListener(sign, () => (isActive = true), { passive: true, capture: true });
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  setInterval(() => {
    if (!isActive) return;
    isActive = false;
    fetch(keep, { method: "POST", headers: { "X-CSRFToken": token() }, credentials: "same-origin" }).catch(() => {});
  }, 60_000);
})();

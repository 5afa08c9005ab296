// After a quick exit, the Back button must not show our pages again. Runs before anything is drawn, hence no module.
(function () {
  "use strict";
  function leaveAgain() {
    var place = sessionStorage.getItem("left-to");
    if (!place) return;
    document.documentElement.classList.add("leaving");
    location.replace(place);
  }
  var entry = performance.getEntriesByType("navigation")[0];
  if (entry && entry.type === "back_forward") leaveAgain();
  else sessionStorage.removeItem("left-to");
  // A page kept whole by the browser is shown again without being loaded.
  addEventListener("pageshow", function (event) { if (event.persisted) leaveAgain(); });
})();

// Leave at once: blank the page, replace this entry of the history, keep Back from returning (see exit-guard.js).
// Escape three times does the same (not Shift: Chinese input methods use it to switch language).
const PRESSES = 3;
const WITHIN_MS = 1500;

function leave(place) {
  document.documentElement.classList.add("leaving");
  document.title = "…";
  sessionStorage.setItem("left-to", place);
  history.replaceState(null, "", "/");
  location.replace(place);
}

const link = document.querySelector("[data-quick-exit]");
if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link.href);
  });
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
    if (presses.length >= PRESSES) leave(link.href);
  });
}

// The mood grid: a quick way to set both rows of radios with one touch. The rows stay the form; the grid only mirrors them,
// so that keyboards, screen readers and browsers without scripts lose nothing.
const STEPS = [-2, -1, 0, 1, 2];

function chosen(name) {
  const radio = document.querySelector(`input[name="${name}"]:checked`);
  return radio ? Number(radio.value) : null;
}

function choose(name, value) {
  const radio = document.querySelector(`input[name="${name}"][value="${value}"]`);
  if (radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function build(grid) {
  const cells = grid.querySelector("[data-cells]");
  for (const arousal of [...STEPS].reverse()) {
    for (const valence of STEPS) {
      const cell = document.createElement("span");
      cell.className = "mood-grid__cell";
      cell.dataset.valence = valence;
      cell.dataset.arousal = arousal;
      cells.append(cell);
    }
  }
  const mirror = () => {
    const [valence, arousal] = [chosen("valence"), chosen("arousal")];
    for (const cell of cells.children) {
      const isHere = Number(cell.dataset.valence) === valence && Number(cell.dataset.arousal) === arousal;
      cell.classList.toggle("is-chosen", isHere);
    }
  };
  cells.addEventListener("click", (event) => {
    const cell = event.target.closest(".mood-grid__cell");
    if (cell) {
      choose("valence", cell.dataset.valence);
      choose("arousal", cell.dataset.arousal);
    }
  });
  document.addEventListener("change", mirror);
  mirror();
  grid.hidden = false;
}

document.querySelectorAll("[data-mood-grid]").forEach(build);

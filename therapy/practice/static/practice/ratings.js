// Sliders say their number.
for (const slider of document.querySelectorAll("[data-ratings] .practice-slider")) {
  const input = slider.querySelector("input");
  const output = slider.querySelector("output");
  const show = () => { output.textContent = input.value; };
  input.addEventListener("input", show);
  output.hidden = false;
  show();
}

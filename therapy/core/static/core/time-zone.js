// Chooses the browser's time zone, if the person has not chosen one.
const field = document.querySelector("[data-time-zone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && field.value === "UTC" && [...field.options].some((option) => option.value === here)) {
  field.value = here;
}

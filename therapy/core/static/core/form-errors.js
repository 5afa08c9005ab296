// After a refused form, puts the focus on the first field that needs another look.
document.querySelector('[aria-invalid="true"]')?.focus();

// Prints, when a button that says so is pressed. Without script the browser's own "Print" does the same.
document.documentElement.dataset.script = 'ready';
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) print();
});

// The form with a picture: takes one that is dropped on it, and says what was chosen and that it is too large before it is
// sent. Without it the form does the rest.
for (const drop of document.querySelectorAll('.drop')) {
  const input = drop.querySelector('[type=file]');
  const state = drop.querySelector('.drop__state');
  const largest = Number(drop.dataset.largest);
  drop.classList.add('drop--ready');
  const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);

  const say = () => {
    const [file] = input.files;
    state.textContent = !file
      ? 'Or drop a picture here.'
      : file.size > largest
        ? `“${file.name}” has ${megabytes(file.size)} MB: choose one of ${megabytes(largest)} MB or less.`
        : `“${file.name}”, ${megabytes(file.size)} MB.`;
  };
  say();
  input.addEventListener('change', say);
  for (const kind of ['dragenter', 'dragover']) {
    drop.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      drop.classList.add('drop--over');
    });
  }
  drop.addEventListener('dragleave', (event) => {
    if (!drop.contains(event.relatedTarget)) drop.classList.remove('drop--over');
  });
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('drop--over');
    const { files } = event.dataTransfer;
    if (files.length === 0) return;
    const one = new DataTransfer();
    one.items.add(files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });

  const form = input.form;
  form.addEventListener('submit', (event) => {
    const [file] = input.files;
    if (file && file.size > largest) {
      event.preventDefault();
      input.focus();
      return;
    }
    if (!file) return;
    state.textContent = 'The picture is on its way…';
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
  });
  // A page that was come back to was not sent.
  addEventListener('pageshow', () => {
    say();
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  });
}

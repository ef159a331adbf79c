// Asks the browser for a passkey, and takes its answer to the server.
const WORDS = {
  NotAllowedError: 'No passkey was used: it was cancelled, took too long, or there is none here. You can try again.',
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys do not work at this address.',
};
const FAILED = 'That did not work. Check your connection, and try again.';

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

class Refused extends Error {}

async function post(path, body) {
  const headers = body ? { 'content-type': 'application/json' } : {};
  const answer = await fetch(path, { method: 'POST', headers, body: body && JSON.stringify(body) });
  // It must be shown again who they are: the page itself leads there.
  if (answer.redirected) return void location.reload();
  const json = await answer.json();
  if (!answer.ok) throw new Refused(json.detail);
  return json;
}

async function ceremony({ passkey: path, next }) {
  const begun = await post(`${path}/begin`);
  if (!begun) return;
  const options = begun.publicKey;
  options.challenge = bytes(options.challenge);
  options.allowCredentials = withBytes(options.allowCredentials);
  options.excludeCredentials = withBytes(options.excludeCredentials);
  if (options.user) options.user.id = bytes(options.user.id);
  const request = { publicKey: options };
  const made = await (options.user ? navigator.credentials.create(request) : navigator.credentials.get(request));
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response };
  const remember = document.getElementById('remember')?.checked ?? false;
  const done = await post(`${path}/finish`, { ceremony: begun.ceremony, credential, next, remember });
  if (done) location.assign(done.next);
}

for (const part of document.querySelectorAll('[data-passkey]')) {
  const [button, plain, status] = ['button', '.passkey__plain', '[role=status]'].map((one) => part.querySelector(one));
  if (!window.PublicKeyCredential) {
    plain.textContent = 'This browser cannot use passkeys here.';
    continue;
  }
  plain.hidden = true;
  button.hidden = false;
  let busy = false;
  button.addEventListener('click', async () => {
    if (busy) return;
    busy = true;
    status.textContent = '';
    try {
      await ceremony({ ...part.dataset });
    } catch (error) {
      status.textContent = error instanceof Refused ? error.message : (WORDS[error.name] ?? FAILED);
    }
    busy = false;
  });
}

// A mail server for the tests. It takes every letter that the sites send, and tells the tests what is in those to one
// address: `node mail.mjs SMTP-PORT HTTP-PORT`, then `GET /letters?to=ann@example.org`, the oldest first.
import { createServer } from 'node:http';

import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const [smtpPort, httpPort] = process.argv.slice(2).map(Number);
const letters = [];

const smtp = new SMTPServer({
  // On loopback, as between a site and its own relay.
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  async onData(stream, { envelope }, done) {
    try {
      const { from, subject, text, html } = await simpleParser(stream);
      const to = envelope.rcptTo.map(({ address }) => address);
      letters.push({ to, from: from?.text, subject, text, html });
      done();
    } catch (error) {
      console.error(error);
      done(error);
    }
  },
});

const http = createServer(({ url }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const found = letters.filter(({ to }) => to.includes(searchParams.get('to')));
  response.statusCode = ['/letters', '/readyz'].includes(pathname) ? 200 : 404;
  response.setHeader('content-type', 'application/json').end(JSON.stringify(found));
});

smtp.listen(smtpPort, '127.0.0.1', () => http.listen(httpPort, '127.0.0.1'));

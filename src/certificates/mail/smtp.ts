// Letters by SMTP: one pooled connection or two, made when the first letter goes. smtps:// is TLS from the first byte; smtp:// takes
// STARTTLS where it is offered, and insists on it before it shows credentials to another machine.

import type { Transporter } from 'nodemailer';
import { limit } from '../../settings/limits.ts';
import { isLoopback } from '../../settings/read-settings.ts';
import { messageOf, PostProblem, type Post } from './post.ts';

const WORDS_MAX = 300;
const CONTROLS = /\p{Cc}+/gu;
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/** `url` is `smtp[s]://[user:password@]host[:port]`, as the settings checked it. */
export function createSmtp(url: string): Post {
  const { protocol, hostname, port: given, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const port = given === '' ? PORTS[protocol]! : Number(given);
  const credentials = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const isAuthenticated = credentials.user !== '' || credentials.pass !== '';
  const timeoutMs = limit('smtpTimeoutMs');
  let pool: Promise<Transporter> | undefined;
  const connect = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      pool: true,
      host,
      port,
      secure: protocol === 'smtps:',
      requireTLS: isAuthenticated && !isLoopback(host),
      ...(isAuthenticated && { auth: credentials }),
      maxConnections: limit('smtpConnectionsMax'),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    }) as Transporter;
  };
  return {
    place: `${hostname}:${port}`,
    async deliver(letter) {
      const transport = await (pool ??= connect());
      // A server that sends a byte now and then keeps its connection busy for ever: the whole delivery has its own end.
      const signal = AbortSignal.timeout(limit('mailTimeoutMs'));
      try {
        await transport.sendMail({ ...messageOf(letter), signal });
      } catch (error) {
        const words = signal.aborted ? `not done within ${limit('mailTimeoutMs')} ms` : (error as Error).message;
        throw new PostProblem(withoutSecrets(words, [...spellings(credentials), letter.link]));
      }
    },
    close() {
      void pool?.then((transport) => transport.close());
      pool = undefined;
    },
  };
}

/** A server may repeat what it was sent, in the spelling in which it was sent. */
function spellings({ user, pass }: { user: string; pass: string }): string[] {
  const encoded = [`\0${user}\0${pass}`, user, pass].map((text) => Buffer.from(text).toString('base64'));
  return [...encoded, pass, user, encodeURIComponent(pass), encodeURIComponent(user)].filter((text) => text !== '');
}

/** One line of bounded length with each secret taken out of it. */
function withoutSecrets(words: string, secrets: readonly string[]): string {
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '…'), words)
    .replaceAll(CONTROLS, ' ')
    .slice(0, WORDS_MAX);
}

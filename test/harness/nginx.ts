// Somebody's web server in front of the gateway: nginx, with TLS of its own and a location as docs/exposing.md has it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foreignAuthority } from './certificates.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { freePorts, isListening } from './haproxy.ts';
import { PEERS } from './peers.ts';

export interface Nginx {
  readonly port: number;
  readonly caPem: string;
}

/** `location`: the block; its connections come from `from`, and its certificate is for `host`. */
export async function startNginx(
  owner: Owner,
  { location, from, host }: { readonly location: string; readonly from: string; readonly host: string },
): Promise<Nginx> {
  const directory = temporaryDirectory(owner);
  const { certificatePem: caPem, leaf } = await foreignAuthority(owner);
  const { certificatePem, keyPem } = await leaf([host]);
  writeFileSync(join(directory, 'own.pem'), certificatePem);
  writeFileSync(join(directory, 'own.key'), keyPem, { mode: 0o600 });
  const [port] = (await freePorts(1)) as [number];
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${directory}/${kind};`,
  );
  const configuration = `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${places.join('\n')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${directory}/own.pem;
    ssl_certificate_key ${directory}/own.key;
    proxy_bind ${from};
${location}
  }
}
`;
  writeFileSync(join(directory, 'nginx.conf'), configuration);
  const child = spawn(PEERS.nginx.path, ['-p', directory, '-c', join(directory, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr!.on('data', (chunk) => said.push(String(chunk)));
  const exited = once(child, 'exit');
  owner.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await eventually('nginx listens', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said.join('')}`);
    return (await isListening(port)) ? true : undefined;
  });
  return { port, caPem };
}

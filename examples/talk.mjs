// A client for a terminal: what you type is sent, what comes is printed. node talk.mjs wss://… [HOST]
// Certificates are checked; NODE_EXTRA_CA_CERTS names a root of your own. HOST is where to connect, whatever the name in the URL leads to.

import { lookup } from 'node:dns';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const [url, host] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: node talk.mjs wss://… [HOST]');
  process.exit(2);
}
const there = host === undefined ? {} : { lookup: (_, options, callback) => lookup(host, options, callback) };
const socket = new WebSocket(url, there);
socket.on('open', () => {
  console.error('connected');
  createInterface({ input: process.stdin })
    .on('line', (line) => socket.send(line))
    .on('close', () => socket.close(1000));
});
socket.on('message', (data) => console.log(String(data)));
socket.on('unexpected-response', (_, response) => {
  console.error(`refused: ${response.statusCode} ${response.statusMessage}`);
  process.exit(1);
});
socket.on('error', (error) => {
  console.error(`failed: ${error.message}`);
  process.exitCode = 1;
});
socket.on('close', (code, reason) => console.error(`closed: ${code} ${reason}`));

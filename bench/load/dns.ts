// Load of DNS questions over UDP: so many are under way at any time, each for the address of a name at random, and each answer is
// looked at.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { recordNameAt } from '../many-records.ts';
import { runProgram } from '../processes.ts';
import { awake } from './awake.ts';

interface Settings {
  /** `127.0.0.1:port` */
  readonly server: string;
  readonly names: number;
}

/** Fewer than a socket's buffer holds, so that none is lost. */
const UNDER_WAY = 64;
const HEADER = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
const TYPE_A_AND_OPT = Buffer.from([0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
const END_MS = 1_000;

await runProgram(async ({ server, names }: Settings) => {
  const [host, port] = server.split(':') as [string, string];
  const socket = createSocket('udp4');
  socket.connect(Number(port), host);
  await once(socket, 'connect');
  return {
    ready: true,
    answer: (ms: number) =>
      awake(async () => {
        const deadline = performance.now() + ms;
        let sent = 0;
        let answered = 0;
        let isOver = () => {};
        const ask = () => {
          sent += 1;
          socket.send(questionAt(Math.floor(Math.random() * names), sent & 0xffff));
        };
        const onAnswer = (answer: Buffer) => {
          if ((answer[3]! & 15) !== 0 || answer.readUInt16BE(6) !== 1)
            throw new Error(`answered ${answer.toString('hex')}`);
          answered += 1;
          if (performance.now() < deadline) ask();
          else if (answered === sent) isOver();
        };
        socket.on('message', onAnswer);
        const over = new Promise<void>((resolve) => (isOver = resolve));
        for (let count = 0; count < UNDER_WAY; count += 1) ask();
        const late = setTimeout(() => isOver(), ms + END_MS);
        await over;
        clearTimeout(late);
        socket.off('message', onAnswer);
        if (answered < sent * 0.99) throw new Error(`of ${sent} questions ${answered} were answered`);
        return answered;
      }),
  };
});

function questionAt(at: number, id: number): Buffer {
  const labels = recordNameAt(at)
    .split('.')
    .flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const question = Buffer.concat([HEADER, ...labels, TYPE_A_AND_OPT]);
  question.writeUInt16BE(id, 0);
  return question;
}

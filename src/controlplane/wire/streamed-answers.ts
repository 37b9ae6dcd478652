// Answers that go on for as long as somebody reads: each is written in chunks as it comes about, and a server that ends lets all of them
// say their last words.

import type { ServerResponse } from 'node:http';
import type { BodyCourse, StreamedBody } from '../../ambient/streamed-body.ts';
import { limit } from '../../settings/limits.ts';
import type { WireResponse } from './protocols.ts';

export interface StreamedResponse extends Omit<WireResponse, 'body'> {
  readonly stream: StreamedBody;
}

export interface StreamedAnswers {
  write(response: ServerResponse, answer: StreamedResponse, requestId: string): void;
  /** Resolves when all are over, or were given their time. */
  finish(): Promise<void>;
}

export function createStreamedAnswers(): StreamedAnswers {
  const open = new Map<ServerResponse, BodyCourse>();
  return {
    write(response, { status, headers, stream }, requestId) {
      // The client may be gone by the time that its answer begins.
      if (response.destroyed || !response.socket) return;
      response.writeHead(status, { ...headers, 'x-amzn-RequestId': requestId });
      response.flushHeaders();
      const course = stream.begin({
        waitingBytes: () => response.writableLength,
        write: (text) => void response.write(text),
        end: () => void response.end(),
      });
      open.set(response, course);
      response.once('close', () => {
        open.delete(response);
        course.over();
      });
    },
    async finish() {
      const ended = [...open].map(([response, course]) => {
        const isOver = new Promise<void>((resolve) => response.once('close', resolve));
        course.finish();
        return isOver;
      });
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limit('closeTimeoutMs'));
      });
      await Promise.race([Promise.all(ended), patience]);
      clearTimeout(timer);
    },
  };
}

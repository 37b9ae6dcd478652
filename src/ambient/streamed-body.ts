// A body that comes about while it is read: what writes it, and what it writes to. Who writes decides how much may wait for a reader.

/** Where it goes. */
export interface BodyOutlet {
  /** Bytes that were written and that the network has not taken yet. */
  waitingBytes(): number;
  write(text: string): void;
  /** Nothing is written after it. */
  end(): void;
}

/** What is written by whoever began. */
export interface BodyCourse {
  /** The server ends: the last words, and `end`. */
  finish(): void;
  /** The body is over, or nobody reads it any more. */
  over(): void;
}

export interface StreamedBody {
  /** Called at most once, when the head of the answer is written. */
  begin(outlet: BodyOutlet): BodyCourse;
}

// The thread that owns the database: every statement that may wait for the disk runs here, never on the event loop that carries
// sockets. It answers one question at a time, so each commit sees all commits before it.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../model/faults.ts';
import type { DueWindow } from '../contract.ts';
import type {
  Answers,
  Commit,
  Envelope,
  LoggedChange,
  ObjectWrite,
  Question,
  ReadRange,
  ReadSet,
  Reply,
} from './messages.ts';
import { migrate, schemaOf } from './schema.ts';
import { VaultRows } from './vault-rows.ts';

const { path, changeLogRowsMax } = workerData as { path: string; changeLogRowsMax: number };

const database = new DatabaseSync(path);
refuseForeign();
// FULL: a commit is on the disk before it is acknowledged. WAL: the certificate source reads while a commit is written.
// secure_delete: what was removed or sealed anew is overwritten, so that nobody finds it in the file with a key of earlier.
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000; PRAGMA secure_delete = ON',
);
migrate(database);
// What a crash left between a commit and its end.
const REMOVED = 'SELECT reference FROM removed_key_pair';
purge((database.prepare(REMOVED).all() as { reference: string }[]).map(({ reference }) => reference));

const KEEP_NOTES =
  'INSERT OR REPLACE INTO note SELECT object.kind, object.id, one.value ->> 1 ' +
  'FROM json_each(?) AS one CROSS JOIN object WHERE object.kind = ? AND object.id = one.value ->> 0';

/** Key pairs that were removed go when nobody can want them any more. */
function purge(references: readonly string[]): void {
  if (references.length === 0) return;
  const list = JSON.stringify(references);
  database.exec('BEGIN IMMEDIATE');
  for (const table of ['key_pair', 'removed_key_pair']) {
    const own = table === 'key_pair' ? ` AND reference IN (${REMOVED})` : '';
    database.prepare(`DELETE FROM ${table} WHERE reference IN (SELECT value FROM json_each(?))${own}`).run(list);
  }
  database.exec('COMMIT');
}

/** Throws, before anything is written, where the file is not one of ours. Whether it is of a later version was looked at before. */
function refuseForeign(): void {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  const isOurs = tables.some(({ name }) => name === 'revision') && tables.some(({ name }) => name === 'object');
  if (tables.length > 0 && (!isOurs || schemaOf(database) === 0))
    throw new Error('the file is the database of another program');
}

const prepared = new Map<string, StatementSync>();
function statement(sql: string): StatementSync {
  let found = prepared.get(sql);
  if (!found) prepared.set(sql, (found = database.prepare(sql)));
  return found;
}

const vault = new VaultRows(database, statement);

function currentRevision(): number {
  return (statement('SELECT number FROM revision').get() as { number: number }).number;
}

function bodyOf(kind: string, id: string): string | undefined {
  return (statement('SELECT body FROM object WHERE kind = ? AND id = ?').get(kind, id) as { body: string } | undefined)
    ?.body;
}

/** The index is named: left to itself the planner prefers the primary key, and reads every object of the kind. */
const RANGES: Readonly<Record<ReadRange['by'], string>> = {
  all: 'SELECT body FROM object WHERE kind = ? AND id > ? ORDER BY id LIMIT ?',
  parent:
    'SELECT body FROM object INDEXED BY object_parent WHERE kind = ? AND parent = ? AND id > ? ORDER BY id LIMIT ?',
  owner:
    'SELECT body FROM object INDEXED BY object_owned WHERE kind = ? AND account = ? AND region = ? AND id > ? ORDER BY id LIMIT ?',
  account:
    'SELECT body FROM object INDEXED BY object_account WHERE kind = ? AND account = ? AND id > ? ORDER BY id LIMIT ?',
  target:
    'SELECT body FROM reference JOIN object USING (kind, id) WHERE kind = ? AND target = ? AND id > ? ORDER BY id LIMIT ?',
};

function readRange(range: ReadRange): string[] {
  return bodies(statement(RANGES[range.by]).all(range.kind, ...range.key, range.after, range.limit));
}

function bodies(rows: unknown[]): string[] {
  return (rows as { body: string }[]).map((row) => row.body);
}

const LAST_ID = '\u{10ffff}';
const DUE = 'FROM object WHERE kind = ? AND due IS NOT NULL';

function readDue(kind: string, { afterMs, untilMs, afterId, limit }: DueWindow): unknown[] {
  // Beyond every id: without one, what is due at the very moment is not behind it.
  const last = afterId ?? LAST_ID;
  return statement(`SELECT body ${DUE} AND (due, id) > (?, ?) AND due <= ? ORDER BY due, id LIMIT ?`).all(
    kind,
    afterMs,
    last,
    untilMs,
    limit,
  );
}

interface ChangeRow {
  kind: string;
  id: string;
  account: string;
  region: string;
  parent: string | null;
  targets: string;
}

/** True when something that the transaction read was changed after it began. */
function hasCollided(reads: ReadSet, sinceRevision: number): boolean {
  if (reads.objects.length === 0 && reads.ranges.length === 0) return false;
  const rows = statement('SELECT kind, id, account, region, parent, targets FROM change WHERE revision > ?').all(
    sinceRevision,
  ) as unknown as ChangeRow[];
  return rows.some(
    (row) =>
      reads.objects.some((read) => read.kind === row.kind && read.id === row.id) ||
      reads.ranges.some((read) => read.kind === row.kind && isInRange(row, read.by, read.key)),
  );
}

function isInRange(row: ChangeRow, by: ReadRange['by'], key: readonly string[]): boolean {
  if (by === 'all') return true;
  if (by === 'parent') return row.parent === key[0];
  if (by === 'owner') return row.account === key[0] && row.region === key[1];
  if (by === 'account') return row.account === key[0];
  return (JSON.parse(row.targets) as string[]).includes(key[0]!);
}

function commit(request: Commit): number | 'collided' {
  database.exec('BEGIN IMMEDIATE');
  try {
    const isLate = isBehind(request.sinceRevision) || hasCollided(request.reads, request.sinceRevision);
    if (isLate || !vault.knowsDataKeys(request.keyPairs)) {
      database.exec('ROLLBACK');
      return 'collided';
    }
    if (request.writes.length === 0 && request.keyPairs.length === 0) {
      database.exec('ROLLBACK');
      return currentRevision();
    }
    const revision = currentRevision() + 1;
    statement('UPDATE revision SET number = ?').run(revision);
    for (const [position, write] of request.writes.entries()) applyWrite(write, revision, position);
    for (const { reference, row } of request.keyPairs) {
      if (row) {
        statement('DELETE FROM removed_key_pair WHERE reference = ?').run(reference);
        statement('INSERT OR REPLACE INTO key_pair VALUES (?, ?, ?, ?, ?, ?)').run(
          reference,
          row.account,
          row.region,
          row.chainPem,
          row.sealedKey,
          row.anchorPem,
        );
      } else statement('INSERT OR IGNORE INTO removed_key_pair VALUES (?)').run(reference);
    }
    cutChangeLog(revision);
    database.exec('COMMIT');
    return revision;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The change log is cut at a bound, a tenth at a time so that most commits do not pay for it. */
function cutChangeLog(revision: number): void {
  if (revision % Math.ceil(changeLogRowsMax / 10) !== 0) return;
  const oldest = statement('SELECT revision FROM change ORDER BY revision DESC LIMIT 1 OFFSET ?').get(
    changeLogRowsMax,
  ) as { revision: number } | undefined;
  if (!oldest) return;
  statement('DELETE FROM change WHERE revision <= ?').run(oldest.revision);
  statement('UPDATE revision SET cut = ?').run(oldest.revision);
}

/** True when the log no longer tells everything that happened after `revision`. */
function isBehind(revision: number): boolean {
  return revision < (statement('SELECT cut FROM revision').get() as { cut: number }).cut;
}

function applyWrite(write: ObjectWrite, revision: number, position: number): void {
  const { kind, id, row } = write;
  const before = statement('SELECT account, region, parent FROM object WHERE kind = ? AND id = ?').get(kind, id) as
    { account: string; region: string; parent: string | null } | undefined;
  const oldTargets = statement('SELECT target FROM reference WHERE kind = ? AND id = ?').all(kind, id) as {
    target: string;
  }[];
  statement('DELETE FROM reference WHERE kind = ? AND id = ?').run(kind, id);
  if (row) {
    statement('INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      kind,
      id,
      row.account,
      row.region,
      row.parent,
      row.body,
      row.due,
    );
    for (const target of write.targets) {
      statement('INSERT OR IGNORE INTO reference VALUES (?, ?, ?, ?, ?)').run(
        target,
        kind,
        id,
        row.account,
        row.region,
      );
    }
  } else {
    statement('DELETE FROM object WHERE kind = ? AND id = ?').run(kind, id);
    statement('DELETE FROM note WHERE kind = ? AND id = ?').run(kind, id);
  }
  const targets = JSON.stringify([...new Set([...write.targets, ...oldTargets.map((old) => old.target)])]);
  const after = row ?? before;
  if (!after) return;
  logChange(revision, 2 * position, write, after, targets);
  // An object that moved is missed by whoever read its old place, too.
  const hasMoved =
    row && before && (before.account !== row.account || before.region !== row.region || before.parent !== row.parent);
  if (hasMoved) logChange(revision, 2 * position + 1, write, before, targets);
}

interface Place {
  readonly account: string;
  readonly region: string;
  readonly parent: string | null;
}

/** Even positions are changes, odd ones the places that objects have left. */
function logChange(revision: number, position: number, { kind, id }: ObjectWrite, place: Place, targets: string): void {
  statement('INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    revision,
    position,
    kind,
    id,
    place.account,
    place.region,
    place.parent,
    targets,
  );
}

function changesSince(revision: number): LoggedChange[] | 'behind' {
  if (isBehind(revision)) return 'behind';
  const rows = statement(
    'SELECT revision, kind, id FROM change WHERE revision > ? AND position % 2 = 0 ORDER BY revision, position',
  ).all(revision) as unknown as { revision: number; kind: string; id: string }[];
  return rows.map((row) => {
    const body = bodyOf(row.kind, row.id);
    return body === undefined ? row : { ...row, body };
  });
}

function answer(question: Question): Answers[Question['ask']] {
  switch (question.ask) {
    case 'revision':
      return currentRevision();
    case 'get':
      return bodyOf(question.kind, question.id);
    case 'range':
      return readRange(question.range);
    case 'commit':
      return commit(question.commit);
    case 'note':
      // A note belongs to an object: one that is gone has none.
      statement(KEEP_NOTES).run(JSON.stringify(question.notes), question.kind);
      return true;
    case 'noted':
      return (
        statement('SELECT body FROM note WHERE kind = ? AND id = ?').get(question.kind, question.id) as
          { body: string } | undefined
      )?.body;
    case 'due':
      return bodies(readDue(question.kind, question.window));
    case 'nextDue':
      return (
        (
          statement(`SELECT min(due) AS due ${DUE} AND due > ?`).get(question.kind, question.afterMs) as {
            due: number | null;
          }
        ).due ?? undefined
      );
    case 'chain':
      return (
        statement('SELECT chain || anchor AS chain FROM key_pair WHERE reference = ?').get(question.reference) as
          { chain: string } | undefined
      )?.chain;
    case 'regions':
      return (
        statement('SELECT DISTINCT region FROM object INDEXED BY object_owned WHERE kind = ? ORDER BY region').all(
          question.kind,
        ) as { region: string }[]
      ).map(({ region }) => region);
    case 'countOwned':
      return (
        statement(
          'SELECT count(*) AS count FROM object INDEXED BY object_owned WHERE kind = ? AND account = ? AND region = ?',
        ).get(question.kind, question.account, question.region) as { count: number }
      ).count;
    case 'purge':
      purge(question.references);
      return true;
    case 'changesSince':
      return changesSince(question.revision);
    case 'secrets':
      return vault.secrets();
    case 'swapSecrets':
      return vault.swapSecrets(question.before, question.after);
    case 'sealedUnder':
      return vault.sealedUnder(question.dataKey, question.after, question.limit);
    case 'countSealed':
      return vault.countSealed();
    case 'reseal':
      return vault.reseal(question.swaps);
    case 'close':
      database.close();
      return true;
  }
}

assert(parentPort, 'store-thread.ts runs as a worker thread');
const port = parentPort;
port.on('message', ({ number, question }: Envelope) => {
  let reply: Reply;
  try {
    reply = { number, answer: answer(question) };
  } catch (error) {
    reply = { number, problem: (error as Error).message };
  }
  port.postMessage(reply);
});
port.postMessage({ number: 0, answer: true } satisfies Reply);

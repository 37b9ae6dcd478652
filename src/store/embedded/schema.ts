// The tables of the embedded store. Migrations are only ever added at the end; `user_version` counts those that ran. Every version
// opens what an earlier one left (test/kept/), and none what a later one did.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StartProblem } from '../../model/start-problem.ts';

export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE object (
     kind TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, parent TEXT, body TEXT NOT NULL,
     PRIMARY KEY (kind, id)
   ) WITHOUT ROWID;
   CREATE INDEX object_owned ON object (kind, account, region, id);
   CREATE INDEX object_parent ON object (kind, parent, id) WHERE parent IS NOT NULL;
   CREATE TABLE reference (
     target TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
     PRIMARY KEY (target, kind, id)
   ) WITHOUT ROWID;
   CREATE INDEX reference_source ON reference (kind, id);
   CREATE TABLE note (
     kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
   ) WITHOUT ROWID;
   CREATE TABLE key_pair (
     reference TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, chain TEXT NOT NULL, sealed_key BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE revision (number INTEGER NOT NULL, cut INTEGER NOT NULL);
   INSERT INTO revision VALUES (0, 0);
   CREATE TABLE change (
     revision INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
     account TEXT NOT NULL, region TEXT NOT NULL, parent TEXT, targets TEXT NOT NULL,
     PRIMARY KEY (revision, position)
   ) WITHOUT ROWID;`,
  // Certificates are found by their names and by when they end, and leave their PEM to the key pair's row. Objects and key pairs
  // have row ids: without them a body of a kilobyte is read from an overflow page of its own.
  `ALTER TABLE object RENAME TO old_object;
   DROP INDEX object_owned;
   DROP INDEX object_parent;
   CREATE TABLE object (
     kind TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, parent TEXT, body TEXT NOT NULL,
     due INTEGER, PRIMARY KEY (kind, id)
   );
   INSERT INTO object SELECT *, NULL FROM old_object ORDER BY kind, id;
   DROP TABLE old_object;
   CREATE INDEX object_owned ON object (kind, account, region, id);
   CREATE INDEX object_parent ON object (kind, parent, id) WHERE parent IS NOT NULL;
   CREATE INDEX object_due ON object (kind, due, id) WHERE due IS NOT NULL;
   ALTER TABLE key_pair RENAME TO old_key_pair;
   CREATE TABLE key_pair (
     reference TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, chain TEXT NOT NULL, sealed_key BLOB NOT NULL,
     anchor TEXT NOT NULL
   );
   INSERT INTO key_pair SELECT *, '' FROM old_key_pair;
   DROP TABLE old_key_pair;
   UPDATE object SET
     due = CASE json_extract(body, '$.status') WHEN 'ISSUED' THEN json_extract(body, '$.issued.notAfterMs') END,
     body = json_set(json_remove(body, '$.issued.certificatePem', '$.issued.chainPem'), '$.type', 'AMAZON_ISSUED')
     WHERE kind = 'certificate';
   INSERT OR IGNORE INTO reference
     SELECT 'certificate-name:' || name.value, kind, object.id, account, region
     FROM object, json_each(body, '$.subjectAlternativeNames') AS name WHERE kind = 'certificate';
   INSERT OR IGNORE INTO reference
     SELECT 'pending-certificates', kind, id, account, region
     FROM object WHERE kind = 'certificate' AND json_extract(body, '$.status') = 'PENDING_VALIDATION';`,
  // Certificates say who issues them, whether their key may leave, where mail about a name goes, and when they are renewed: 45 days
  // before the end, which is what certificates of the first versions were made for.
  `UPDATE object SET body = json_set(body,
       '$.exportOption', 'DISABLED',
       '$.validations', json((SELECT json_group_array(json_set(value, '$.validationDomain', ltrim(json_extract(value, '$.domainName'), '*.')))
         FROM json_each(body, '$.validations'))))
     WHERE kind = 'certificate';
   UPDATE object SET body = json_set(body, '$.issuer', 'local')
     WHERE kind = 'certificate' AND json_extract(body, '$.type') = 'AMAZON_ISSUED';
   UPDATE object SET body = json_set(body,
       '$.issued.renewAtMs', json_extract(body, '$.issued.notAfterMs') - 3888000000,
       '$.issued.reviewAtMs', json_extract(body, '$.issued.notAfterMs') - 3888000000)
     WHERE kind = 'certificate' AND json_type(body, '$.issued') = 'object';
   UPDATE object SET due = json_extract(body, '$.issued.reviewAtMs') WHERE kind = 'certificate' AND due IS NOT NULL;
   UPDATE object SET
       body = json_set(body, '$.renewAtMs', json_extract(body, '$.notAfterMs') - 2592000000),
       due = json_extract(body, '$.notAfterMs') - 2592000000
     WHERE kind = 'listener-certificate';
   CREATE TABLE removed_key_pair (reference TEXT PRIMARY KEY) WITHOUT ROWID;`,
  // What an account has in every region, page by page.
  'CREATE INDEX object_account ON object (kind, account, id)',
  // Private keys are sealed under data keys that lie here, wrapped; the second byte of an envelope is the data key's number.
  `CREATE TABLE secret (
     id TEXT PRIMARY KEY, purpose TEXT NOT NULL, data_key INTEGER UNIQUE, wrapped BLOB NOT NULL, created INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX key_pair_sealed ON key_pair (substr(sealed_key, 2, 1), reference);`,
];

/** A database of a later version; the message is one line that names both schemas. */
export class SchemaProblem extends StartProblem {}

/** Where SQLite's file format has `user_version`. */
const USER_VERSION_OFFSET = 60;

export function schemaOf(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

/** Throws a SchemaProblem for a schema that only a later version can read. */
export function assertSchemaKnown(schema: number, dataDir: string): void {
  if (schema <= MIGRATIONS.length) return;
  throw new SchemaProblem(
    `--data-dir ${dataDir} has schema ${schema}, of a later sallyport, and this version knows up to ${MIGRATIONS.length}. ` +
      'Nothing was changed. Start the later version, or restore a backup of this one.',
  );
}

/** The schema of a database file without a write to it; 0 where there is none, or nothing that is a database. */
export function peekSchema(path: string): number {
  if (!existsSync(path)) return 0;
  // Commits that a killed process left in the log count, too; only SQLite can read those.
  if (existsSync(`${path}-wal`)) return peekThroughLog(path);
  const file = openSync(path, 'r');
  try {
    const field = Buffer.alloc(4);
    return readSync(file, field, 0, 4, USER_VERSION_OFFSET) === 4 && isDatabase(file) ? field.readUInt32BE(0) : 0;
  } finally {
    closeSync(file);
  }
}

function isDatabase(file: number): boolean {
  const start = Buffer.alloc(16);
  readSync(file, start, 0, start.length, 0);
  return start.toString('latin1') === 'SQLite format 3\0';
}

function peekThroughLog(path: string): number {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return schemaOf(database);
  } catch {
    // Whoever opens it next says what is wrong.
    return 0;
  } finally {
    database?.close();
  }
}

/** Brings a database up to date: all migrations that it lacks, in order, or none of them. */
export function migrate(database: DatabaseSync): void {
  const done = schemaOf(database);
  if (done >= MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const migration of MIGRATIONS.slice(done)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

// The tables of the embedded store. Migrations are only ever added at the end; `user_version` counts those that ran.

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
];

// The commands that keep a data directory, or look at it, with a gateway on it or without one: what each is called, takes and prints
// as help. What they do is loaded when one of them runs.

import type { Command } from 'commander';
import { CONFIG_FILE_DEFAULT, CONFIG_FLAG, SETTING_ROWS } from '../settings/settings.ts';
import { ENVIRONMENT } from './control-client.ts';
import type { DoctorFlags } from './doctor/doctor-command.ts';
import type { BackupFlags, RestoreFlags } from './backup-command.ts';

const SETTINGS_HELP = `
Settings are read as serve reads them: flags, SALLYPORT_… variables, ${CONFIG_FILE_DEFAULT}.
`;

const BACKUP_HELP = `
Examples:
  sallyport backup ./sallyport-backup.tar
  sallyport backup /backups/sallyport-$(date +%F).tar --data-dir /var/lib/sallyport
  sallyport backup ./sallyport-backup.tar --force --json

The gateway goes on serving and taking changes. The backup holds everything that was acknowledged before it began, in a tar that
its owner alone can read. The master key is not in it: keep a copy of that apart.
${SETTINGS_HELP}
Exit codes: 0 the backup is made, 2 it is not.
`;

const RESTORE_HELP = `
Examples:
  sallyport restore ./sallyport-backup.tar --data-dir ./sallyport-data
  sallyport restore /backups/sallyport-2026-11-26.tar --data-dir /var/lib/sallyport --json

The whole backup is checked before anything is written. The directory must be empty, but for the master key, where it is there already.
${SETTINGS_HELP}
Exit codes: 0 it is restored, 2 it is not, and the directory holds no database.
`;

const DOCTOR_HELP = `
Examples:
  sallyport doctor
  sallyport doctor --data-dir /var/lib/sallyport --config /etc/sallyport/sallyport.yaml
  ${ENVIRONMENT.keyId}=… ${ENVIRONMENT.secret}=… sallyport doctor --endpoint http://127.0.0.1:4566 --json

Looks at ports, DNS, certificates, domain names, zones, files and their rights, disk, clock, file descriptors, memory and versions,
and changes nothing. Of a gateway that runs it tells what the key in ${ENVIRONMENT.keyId} may know: the names of one account, and to
an operator the server. ✓ is well, ! keeps nobody off today, ✗ needs a hand; → is what to do.
${SETTINGS_HELP}
Exit codes: 0 there is no ✗, 1 there is, 2 the settings cannot be read.
`;

function keeping(parent: Command, name: string, description: string, helpText: string): Command {
  const dataDir = SETTING_ROWS.find(({ flag }) => flag === 'data-dir')!;
  return parent
    .command(name)
    .description(description)
    .option('--data-dir <DIR>', `${dataDir.help} (default: ${dataDir.fallback})`)
    .option(`--${CONFIG_FLAG} <FILE>`, `settings file (default: ./${CONFIG_FILE_DEFAULT} when it is there)`)
    .option('--json', 'as JSON')
    .addHelpText('after', helpText);
}

export function addKeepingCommands(program: Command): void {
  keeping(program, 'backup <file>', 'all that a data directory holds, while the gateway serves', BACKUP_HELP)
    .option('--force', 'replace the file, if it is there')
    .action(async (file: string, flags: BackupFlags) =>
      (await import('./backup-command.ts')).backupCommand(file, flags),
    );
  keeping(program, 'restore <file>', 'a backup into an empty data directory', RESTORE_HELP).action(
    async (file: string, flags: RestoreFlags) => (await import('./backup-command.ts')).restoreCommand(file, flags),
  );
  keeping(program, 'doctor', 'everything that can be checked, and what to do about it', DOCTOR_HELP)
    .option(
      '--endpoint <URL>',
      `the control port of the gateway (default: of the one that runs on the data directory)`,
      process.env[ENVIRONMENT.endpoint] || undefined,
    )
    .action(
      async (flags: DoctorFlags) =>
        void (process.exitCode = await (await import('./doctor/doctor-command.ts')).doctorCommand(flags)),
    );
}

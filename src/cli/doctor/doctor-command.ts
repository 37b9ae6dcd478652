// `sallyport doctor`: everything that can be looked at from outside, with a gateway that runs or without one, each on one line with what
// to do next. All checks run at once, each within a bound; none changes anything.

import { limit } from '../../settings/limits.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { CONFIG_FLAG, type ListenAddress, type Settings } from '../../settings/settings.ts';
import { readRunningGateway } from '../../settings/running-gateway.ts';
import { hostPort } from '../../protocol/host-name.ts';
import { ControlProblem, ENDPOINT_DEFAULT, type ControlOptions } from '../control-client.ts';
import { asJson, caution, counted, mark, pasteable } from '../terminal.ts';
import { certificatesCheck, shownCheck, trustCheck } from './check-certificates.ts';
import { dnsListenerCheck, domainsCheck, resolverCheck, zonesCheck } from './check-dns.ts';
import { accountsCheck, dataDirCheck, diskCheck, masterKeyCheck } from './check-files.ts';
import { clockCheck, gatewayCheck } from './check-gateway.ts';
import { descriptorsCheck, memoryCheck, nodeCheck, timeCheck } from './check-machine.ts';
import { collectorCheck, portsCheck } from './check-ports.ts';
import { problem, type Check, type Finding, type Patient } from './finding.ts';
import { findGateway, reachable } from './asked-gateway.ts';

export interface DoctorFlags {
  readonly endpoint?: string;
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** In the order in which they are told. */
const CHECKS: readonly Check[] = [
  gatewayCheck,
  portsCheck,
  dnsListenerCheck,
  resolverCheck,
  collectorCheck,
  shownCheck,
  certificatesCheck,
  domainsCheck,
  zonesCheck,
  trustCheck,
  dataDirCheck,
  diskCheck,
  masterKeyCheck,
  accountsCheck,
  clockCheck,
  timeCheck,
  descriptorsCheck,
  memoryCheck,
  nodeCheck,
];
const CHECK_WIDTH = 13;

/** Resolves to the exit code: 0 when there is no problem. Throws SettingsProblem for settings that `serve` would refuse. */
export async function doctorCommand(flags: DoctorFlags): Promise<number> {
  const settings = await readSettings({ [CONFIG_FLAG]: flags.config, 'data-dir': flags.dataDir }, process.env);
  const options = { endpoint: flags.endpoint ?? endpointOf(settings) };
  const { gateway, stranger } = await gatewayAt(options);
  const patient: Patient = { settings, options, gateway };
  const looked = await Promise.all(CHECKS.map((check) => within(check, patient)));
  const findings = [...stranger, ...looked.flat()];
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (flags.json) console.log(asJson({ isWell: problems === 0, findings }, options));
  else print(findings, options);
  return problems === 0 ? 0 : 1;
}

/** Who answers there may be no gateway at all: the rest is looked at as if nobody did. */
async function gatewayAt(options: ControlOptions): Promise<{ gateway: Patient['gateway']; stranger: Finding[] }> {
  try {
    return { gateway: await findGateway(options), stranger: [] };
  } catch (error) {
    if (!(error instanceof ControlProblem)) throw error;
    const next = 'stop what answers there, or give the control port of the gateway with --endpoint';
    return { gateway: undefined, stranger: [problem('gateway', error.message.replace(/\.$/, ''), next)] };
  }
}

/** That of the gateway that was started on the data directory, where there was one; else that of the settings. */
function endpointOf({ control, dataDir }: Settings): string {
  const running = readRunningGateway(dataDir);
  if (running) return running.control;
  const [first] = control as readonly [ListenAddress, ...ListenAddress[]];
  if (first.port === 0) return ENDPOINT_DEFAULT;
  const { host, port } = reachable(first);
  return `http://${hostPort(host, port)}`;
}

/** A check that breaks or hangs is a finding of its own, and no other waits for it. */
async function within(check: Check, patient: Patient): Promise<readonly Finding[]> {
  const waitMs = limit('doctorCheckMsMax');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    const next = 'something on the way does not answer: look at the load, the network and the log of the gateway';
    timer = setTimeout(
      () => resolve([problem(check.name, `could not be found out within ${waitMs} ms`, next)]),
      waitMs,
    );
  });
  try {
    return await Promise.race([Promise.resolve(check.look(patient)), late]);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      problem(
        check.name,
        `could not be found out: ${text}`,
        'mend what it says, or report it: this is not meant to happen',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}

function print(findings: readonly Finding[], options: ControlOptions): void {
  for (const { check, state, found, next } of findings) {
    const sign = state === 'note' ? caution() : mark(state === 'well');
    console.log(`${sign} ${check.padEnd(CHECK_WIDTH)} ${found}`);
    if (next !== undefined) console.log(`  ${''.padEnd(CHECK_WIDTH)} → ${pasteable(next, options)}`);
  }
  const count = (wanted: Finding['state']) => findings.filter(({ state }) => state === wanted).length;
  console.log(`\n${counted(count('problem'), 'problem')}, ${counted(count('note'), 'note')}, ${count('well')} well`);
}

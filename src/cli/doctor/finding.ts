// What the doctor says: one line for each thing that was looked at. A check looks and changes nothing; it says what it found, and with
// what is not as it should be what to do next.

import type { Settings } from '../../settings/settings.ts';
import type { ControlOptions } from '../control-client.ts';
import type { AskedGateway } from './asked-gateway.ts';

/** `note`: it keeps nobody off today, and may. `problem`: it needs a hand. */
export type FindingState = 'well' | 'note' | 'problem';

export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  readonly found: string;
  readonly next?: string;
}

/** What is looked at: a machine, the settings as `serve` would read them, and a gateway where one answers. */
export interface Patient {
  readonly settings: Settings;
  readonly options: ControlOptions;
  /** Undefined where none answers. */
  readonly gateway: AskedGateway | undefined;
}

export interface Check {
  readonly name: string;
  look(patient: Patient): Promise<readonly Finding[]> | readonly Finding[];
}

export function well(check: string, found: string): Finding {
  return { check, state: 'well', found };
}

export function note(check: string, found: string, next: string): Finding {
  return { check, state: 'note', found, next };
}

export function problem(check: string, found: string, next: string): Finding {
  return { check, state: 'problem', found, next };
}

// One run of custom_domain.py: how it is started, and what it prints.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestGateway } from '../harness/gateway.ts';
import { runPeer } from '../harness/peers.ts';

const SCRIPT = fileURLToPath(new URL('custom_domain.py', import.meta.url));

export interface Refusal {
  readonly type: string | null;
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

interface Validation {
  readonly DomainName: string;
  readonly ValidationStatus: string;
  readonly ResourceRecord: { readonly Name: string; readonly Type: string; readonly Value: string };
}

interface Certificate {
  readonly CertificateArn: string;
  readonly Status: string;
  readonly Serial: string;
  readonly InUseBy: readonly string[];
  readonly RenewalEligibility: string;
  readonly DomainValidationOptions: readonly Validation[];
}

export interface Domain {
  readonly status: number;
  readonly DomainName: string;
  readonly DomainNameConfigurations: readonly { readonly ApiGatewayDomainName: string }[];
}

interface Mapping {
  readonly status?: number;
  readonly ApiId: string;
  readonly ApiMappingId: string;
  readonly ApiMappingKey: string;
  readonly Stage: string;
}

interface Talk {
  readonly certificate: { readonly serialNumber: string; readonly subjectAltName: readonly [string, string][] };
  readonly told: { readonly connectionId: string };
  readonly connection: {
    readonly ConnectedAt: string;
    readonly LastActiveAt: string;
    readonly Identity: { readonly UserAgent: string };
  };
  readonly gone: Refusal;
}

/** What the script prints. */
export interface Saw {
  readonly zone: { readonly created: { readonly HostedZone: { readonly Id: string } }; readonly again: Refusal };
  readonly certificate: {
    readonly requested: { readonly CertificateArn: string };
    readonly pending: Certificate;
    readonly unproven: Refusal;
    readonly change: object;
    readonly issued: Certificate;
  };
  readonly secondCertificate: Certificate;
  readonly api: { readonly created: { readonly ApiId: string }; readonly stage: object; readonly deployment: object };
  readonly names: { readonly created: readonly Domain[]; readonly certificate: Certificate };
  readonly read: { readonly pages: readonly string[][]; readonly one: Domain; readonly wildcard: Domain };
  readonly updates: { readonly moved: Domain; readonly kept: Domain };
  readonly tags: Readonly<Record<'exact' | 'wildcard', readonly object[]>>;
  readonly mappings: {
    readonly created: Mapping;
    readonly pages: readonly Mapping[][];
    readonly isLast: boolean;
    readonly updated: Mapping;
    readonly read: Mapping;
    readonly wildcard: readonly Mapping[];
  };
  readonly aliases: { readonly change: object; readonly aliases: readonly object[] };
  readonly talk: Talk;
  readonly wildcardTalk: Talk;
  readonly oldKey: number | null;
  readonly refusals: Readonly<Record<string, Refusal>>;
  readonly removed: {
    readonly names: readonly object[];
    readonly nameAgain: Refusal;
    readonly mapping: Refusal;
    readonly inUseBy: readonly string[][];
    readonly api: object;
    readonly certificates: readonly object[];
    readonly certificateAgain: Refusal;
    readonly records: object;
    readonly zone: object;
    readonly zoneAgain: Refusal;
    readonly left: readonly string[];
  };
}

/** Runs the script against the gateway; the directory takes its file of trusted roots. Rejects with its own words when it fails. */
export async function see(gateway: TestGateway, directory: string, dualstackName: string): Promise<Saw> {
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, gateway.ca);
  const places = { endpoint: gateway.endpoint, 'tls-port': String(gateway.tlsPort), dns: gateway.dnsServer, ca };
  const options = Object.entries({ ...places, 'dualstack-name': dualstackName });
  const env = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    NO_PROXY: '*',
  };
  const args = options.flatMap(([name, value]) => [`--${name}`, value]);
  const { code, stdout, stderr } = await runPeer('boto3', [SCRIPT, ...args], env);
  if (code !== 0) throw new Error(`custom_domain.py ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout) as Saw;
}

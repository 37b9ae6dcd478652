// Opens what clients come in by: the TLS listener, and plain HTTP beside it. Wiring alone, for main.ts; what is opened is closed by `undo`.

import { listenFor } from '../../ambient/listening.ts';
import type { Undo } from '../../ambient/undo.ts';
import { addressRanges } from '../../protocol/ip-address.ts';
import type { Settings } from '../../settings/settings.ts';
import { createSecureContexts, type KeyPairs, type SecureContexts } from '../terminate/secure-contexts.ts';
import type { DataWorld } from '../world.ts';
import { createApprovalPage, type Approvals } from './approval-page.ts';
import { createEntrance } from './entrance.ts';
import { startHttpListener, type HttpListener } from './http-listener.ts';
import { createProxiedConnections } from './proxied-connections.ts';
import { startTlsListener, type TlsListener } from './tls-listener.ts';

export interface ListenersOptions {
  readonly settings: Settings;
  readonly keyPairs: KeyPairs;
  readonly approvals: Approvals;
  /** Gets the port of the TLS listener where the settings name no other. */
  readonly publicPort: { number: number };
  readonly undo: Undo;
}

export interface Listeners {
  readonly tls: TlsListener;
  readonly http: HttpListener;
  readonly contexts: SecureContexts;
}

/** Throws ListenProblem for an address that cannot be listened on. */
export async function openListeners(options: ListenersOptions, world: DataWorld): Promise<Listeners> {
  const { settings, keyPairs, approvals, publicPort, undo } = options;
  const { endpointSuffix: suffix, region, tlsMaxVersion: maxVersion } = settings;
  const { snapshot, log } = world;
  const contexts = createSecureContexts(snapshot, keyPairs, log);
  const entrance = createEntrance(createApprovalPage({ approvals, suffix, region, log }), world);
  const trusted = addressRanges(settings.trustedProxies);
  const proxied = createProxiedConnections(trusted, log);
  const tls = await listenFor('tls', settings.tls, (addresses) =>
    startTlsListener({ addresses, maxVersion, contexts, keyPairs, entrance, proxied }, world),
  );
  undo.push(() => tls.close());
  if (settings.publicPort === undefined) publicPort.number = tls.bound[0]!.port;
  const http = await listenFor('http', settings.http, (addresses) =>
    startHttpListener({ addresses, trusted, entrance }, world),
  );
  undo.push(() => http.close());
  return { tls, http, contexts };
}

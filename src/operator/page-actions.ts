// Under which action of policies each signed page is asked for. The resource is `*` for all of them: each page shows the caller's own
// account. A page that is not here is refused to keys with policies.

const SERVICE = 'sallyport';

const PAGE_ACTIONS: Readonly<Record<string, string>> = {
  'GET /_sallyport/status': 'GetStatus',
  'GET /_sallyport/explain': 'ExplainUrl',
  'GET /_sallyport/domains': 'ListDomains',
  'GET /_sallyport/domains/impact': 'ShowDomainImpact',
  'GET /_sallyport/zones': 'ListZones',
  'POST /_sallyport/zones/serve': 'ServeZone',
  'POST /_sallyport/zones/serve/undo': 'UndoServingZone',
  'GET /_sallyport/keys': 'ListKeys',
  'POST /_sallyport/keys/rotate': 'RotateKeys',
  'GET /_sallyport/trust': 'GetTrust',
  'GET /_sallyport/certificates': 'ListCertificates',
  'GET /_sallyport/certificates/budget': 'GetIssuerBudget',
  'POST /_sallyport/certificates/renew': 'RenewCertificate',
  'GET /_sallyport/clock': 'GetClock',
  'POST /_sallyport/clock': 'MoveClock',
  'GET /_sallyport/mail': 'ListMail',
  'GET /_sallyport/metrics': 'GetMetrics',
  'GET /_sallyport/tenants': 'ListTenants',
  'POST /_sallyport/accounts/reload': 'ReloadAccounts',
  'POST /_sallyport/accounts/seal': 'SealSecret',
  'GET /_sallyport/stacks': 'ListStacks',
  'GET /_sallyport/stack': 'GetStack',
  'PUT /_sallyport/stack': 'PutStack',
  'DELETE /_sallyport/stack': 'DeleteStack',
  'GET /_sallyport/events': 'WatchEvents',
  'GET /_sallyport/connections': 'ListConnections',
  'POST /_sallyport/connections/close': 'CloseConnections',
};

/** By method and path, `GET /_sallyport/explain`; in the order of the pages. */
export const SIGNED_PAGES: readonly string[] = Object.keys(PAGE_ACTIONS);

/** `sallyport:ExplainUrl`; undefined for a page that has none. */
export function pageAction(method: string, target: string): string | undefined {
  const page = `${method} ${target.split('?', 1)[0]!}`;
  return Object.hasOwn(PAGE_ACTIONS, page) ? `${SERVICE}:${PAGE_ACTIONS[page]}` : undefined;
}

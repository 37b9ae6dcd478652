// The life of a connection as a table: which state each event leads to. Complete by type; what must not happen leads nowhere.

export type LifeState = 'open' | 'closing' | 'closed';
export type LifeEvent = 'closeRequested' | 'peerClosed' | 'gone';

const LIFE: Readonly<Record<LifeState, Readonly<Record<LifeEvent, LifeState>>>> = {
  // A close frame of ours is answered by the peer; one of the peer's is answered by us. Either way the socket ends.
  open: { closeRequested: 'closing', peerClosed: 'closing', gone: 'closed' },
  closing: { closeRequested: 'closing', peerClosed: 'closing', gone: 'closed' },
  closed: { closeRequested: 'closed', peerClosed: 'closed', gone: 'closed' },
};

export function nextLifeState(state: LifeState, event: LifeEvent): LifeState {
  return LIFE[state][event];
}

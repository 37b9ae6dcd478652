// Whom a connection comes from: the one place that says so, for whatever counts, judges or tells of the clients of a connection.

/** The address of the other side, an IPv4 address always as such. `''` when it is gone already. */
export function sourceAddressOf(socket: { readonly remoteAddress?: string | undefined }): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

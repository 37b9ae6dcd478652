// Headers that belong to one connection, and never go from one to the next.

/** Headers of the client's own connection to us (RFC 9110 7.6.1, RFC 6455), and those that we write. */
export const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'expect',
  'x-amzn-apigateway-api-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-sallyport-redelivery',
]);

// Every bound of the server, with its unit in the name, AWS's own value, and the fault that crossing it raises.
// docs/limits.md lists the same keys. Relations between bounds are asserted when this file loads.

import { assert, type ControlFaultCode, type DataFaultCode } from '../model/faults.ts';

interface Limit {
  readonly value: number;
  /** AWS's value; null where AWS has no such bound or does not say. */
  readonly aws: number | null;
  readonly fault: ControlFaultCode | DataFaultCode | null;
  readonly protects: string;
}

export const LIMITS = {
  frameBytesMax: { value: 32_768, aws: 32_768, fault: null, protects: 'one frame from a client; closes 1009' },
  messageBytesMax: { value: 131_072, aws: 131_072, fault: 'PayloadTooLarge', protects: 'one message, either way' },
  fragmentsPerMessageMax: { value: 1_024, aws: null, fault: null, protects: 'a message cut into crumbs; closes 1008' },
  idleTimeoutMs: { value: 600_000, aws: 600_000, fault: null, protects: 'sockets nobody uses; closes 1001' },
  connectionLifetimeMs: {
    value: 7_200_000,
    aws: 7_200_000,
    fault: null,
    protects: 'sockets that never end; closes 1001',
  },
  closeTimeoutMs: { value: 5_000, aws: null, fault: null, protects: 'a peer that never answers a close frame' },
  sendQueueBytesMax: {
    value: 1_048_576,
    aws: null,
    fault: 'LimitExceeded',
    protects: 'a client that reads too slowly',
  },
  messagesInFlightPerConnectionMax: {
    value: 1_000,
    aws: null,
    fault: 'TooManyRequests',
    protects: 'one client flooding a backend',
  },
  urlBytesMax: { value: 4_096, aws: 4_096, fault: 'UriTooLong', protects: 'the URL of a handshake' },
  headerBytesMax: { value: 16_384, aws: null, fault: 'BadRequest', protects: 'the headers of one request' },
  handshakeTimeoutMs: { value: 10_000, aws: null, fault: null, protects: 'TLS handshakes and headers that never end' },
  clientHelloBytesMax: {
    value: 16_384,
    aws: null,
    fault: null,
    protects: 'hellos looked into while a tls-alpn-01 challenge is open; a longer one is no authority’s',
  },
  integrationTimeoutMsMin: { value: 50, aws: 50, fault: 'BadRequestException', protects: 'timeoutInMillis' },
  integrationTimeoutMsMax: { value: 29_000, aws: 29_000, fault: 'BadRequestException', protects: 'timeoutInMillis' },
  integrationResponseBytesMax: {
    value: 10_485_760,
    aws: 10_485_760,
    fault: 'IntegrationFailure',
    protects: 'the answer of a backend',
  },
  integrationConnectionsPerOriginMax: {
    value: 256,
    aws: null,
    fault: null,
    protects: 'sockets to one backend; more calls wait',
  },
  secureContextsMax: {
    value: 6_000,
    aws: null,
    fault: null,
    protects: 'certificates kept ready; others are loaded again',
  },
  handshakeFactsMax: { value: 10_000, aws: null, fault: null, protects: 'hosts whose last handshake is remembered' },
  controlBodyBytesMax: {
    value: 4_194_304,
    aws: null,
    fault: 'RequestEntityTooLargeException',
    protects: 'the body of a control request',
  },
  controlRequestTimeoutMs: { value: 30_000, aws: null, fault: null, protects: 'control requests that never end' },
  clockSkewMsMax: {
    value: 300_000,
    aws: 300_000,
    fault: 'InvalidSignatureException',
    protects: 'the age of a signature',
  },
  presignedExpirySecondsMax: {
    value: 604_800,
    aws: 604_800,
    fault: 'InvalidSignatureException',
    protects: 'presigned URLs',
  },
  pageSizeDefault: { value: 100, aws: null, fault: null, protects: 'lists of API Gateway' },
  pageSizeMax: { value: 500, aws: 500, fault: 'BadRequestException', protects: 'lists of API Gateway' },
  certificatesPageSizeMax: { value: 1_000, aws: 1_000, fault: 'ValidationException', protects: 'ListCertificates' },
  hostedZonesPageSizeMax: { value: 100, aws: 100, fault: null, protects: 'ListHostedZones' },
  recordSetsPageSizeMax: { value: 300, aws: 300, fault: null, protects: 'ListResourceRecordSets' },
  recordsPerChangeMax: { value: 1_000, aws: 1_000, fault: 'InvalidChangeBatch', protects: 'one change batch' },
  recordCharactersPerChangeMax: {
    value: 32_000,
    aws: 32_000,
    fault: 'InvalidChangeBatch',
    protects: 'the values of one change batch',
  },
  recordValueCharactersMax: { value: 4_000, aws: 4_000, fault: 'InvalidInput', protects: 'one record' },
  recordSetsPerNameAndTypeMax: {
    value: 100,
    aws: 100,
    fault: 'InvalidChangeBatch',
    protects: 'the sets with identifiers at one name',
  },
  aliasChainMax: {
    value: 8,
    aws: null,
    fault: 'InvalidChangeBatch',
    protects: 'alias records that lead to alias records: as many as DNS follows',
  },
  recordsPerSetMax: { value: 400, aws: 400, fault: 'InvalidInput', protects: 'one record set' },
  namesPerCertificateMax: {
    value: 100,
    aws: 10,
    fault: 'LimitExceededException',
    protects: 'names of one certificate',
  },
  certificateTokenMs: {
    value: 3_600_000,
    aws: 3_600_000,
    fault: null,
    protects: 'how long an idempotency token of ACM stands for its first request',
  },
  validationTimeoutMs: {
    value: 259_200_000,
    aws: 259_200_000,
    fault: null,
    protects: 'certificates that nobody proves',
  },
  expiryNoticeMs: {
    value: 3_888_000_000,
    aws: 3_888_000_000,
    fault: null,
    protects: 'certificates that end unnoticed: told of from then on',
  },
  clockAdvanceMsMax: {
    value: 315_360_000_000,
    aws: null,
    fault: 'BadRequestException',
    protects: 'lifecycle time from running out of dates: one step of a movable clock',
  },
  importedChainLengthMax: {
    value: 10,
    aws: null,
    fault: 'ValidationException',
    protects: 'the chain of an imported certificate',
  },
  validationsAtOnceMax: { value: 64, aws: null, fault: null, protects: 'DNS servers and memory, when many names wait' },
  diagnosesAtOnceMax: { value: 16, aws: null, fault: null, protects: 'closer looks at names that are not proven' },
  lettersAtOnceMax: { value: 4, aws: null, fault: null, protects: 'names about which mail is sent' },
  exportsWaitingMax: {
    value: 32,
    aws: null,
    fault: 'ThrottlingException',
    protects: 'ExportCertificate, which is slow on purpose',
  },
  issuesAtOnceMax: { value: 8, aws: null, fault: null, protects: 'each issuer; further certificates wait' },
  webhookQueueMax: { value: 1_000, aws: null, fault: null, protects: 'messages to a webhook that is away' },
  webhookTimeoutMs: { value: 10_000, aws: null, fault: null, protects: 'a webhook that does not answer' },
  acmeRequestTimeoutMs: { value: 30_000, aws: null, fault: null, protects: 'requests to an authority of ACME' },
  acmeOrderTimeoutMs: { value: 600_000, aws: null, fault: null, protects: 'orders that an authority never finishes' },
  acmeResponseBytesMax: { value: 1_048_576, aws: null, fault: null, protects: 'the answer of an authority' },
  acmeAttemptsMax: {
    value: 10,
    aws: null,
    fault: null,
    protects: 'a request whose nonces an authority refuses (badNonce)',
  },
  acmeConnectionsMax: { value: 16, aws: null, fault: null, protects: 'connections to one authority' },
  renewalQuestionsAtOnceMax: { value: 4, aws: null, fault: null, protects: 'an authority that is asked when to renew' },
  acmePollWaitMsMax: { value: 30_000, aws: null, fault: null, protects: 'the wait between two looks at an order' },
  acmeRetryAfterMsMax: {
    value: 604_800_000,
    aws: null,
    fault: null,
    protects: 'the wait that an authority asks for (Retry-After)',
  },
  acmeNoncesMax: { value: 32, aws: null, fault: null, protects: 'nonces kept for further requests' },
  acmeChainLengthMax: { value: 10, aws: null, fault: null, protects: 'the certificates of one chain' },
  approvalBodyBytesMax: { value: 4_096, aws: null, fault: null, protects: 'the form that approves a certificate' },
  outboxFilesMax: { value: 1_000, aws: null, fault: null, protects: 'the outbox; the oldest mail is removed' },
  outboxListedMax: { value: 100, aws: null, fault: null, protects: 'the list of mail in the outbox' },
  smtpConnectionsMax: { value: 2, aws: null, fault: null, protects: 'connections to the mail server' },
  smtpTimeoutMs: { value: 10_000, aws: null, fault: null, protects: 'a mail server that is silent' },
  mailTimeoutMs: {
    value: 30_000,
    aws: null,
    fault: null,
    protects: 'the delivery of one mail, whatever is said meanwhile',
  },
  cnameChainMax: { value: 5, aws: 5, fault: null, protects: 'a validation record behind a chain of CNAMEs' },
  pointingCheckMs: {
    value: 21_600_000,
    aws: null,
    fault: null,
    protects:
      'names that no longer lead here, and records that lead nowhere, from going unnoticed: a round begins each so often',
  },
  pointingChecksPerMinuteMax: { value: 500, aws: null, fault: null, protects: 'DNS servers from that round' },
  danglingRecordsMax: { value: 1_000, aws: null, fault: null, protects: 'the list of records that lead nowhere' },
  tagsPerResourceMax: { value: 50, aws: 50, fault: 'BadRequestException', protects: 'the tags of one resource' },
  tagsPerCertificateMax: { value: 50, aws: 50, fault: 'TooManyTagsException', protects: 'the tags of one certificate' },
  tagsPerHostedZoneMax: { value: 50, aws: 50, fault: 'InvalidInput', protects: 'the tags of one hosted zone' },
  tagKeyCharactersMax: { value: 128, aws: 128, fault: 'BadRequestException', protects: 'a tag key' },
  tagValueCharactersMax: { value: 256, aws: 256, fault: 'BadRequestException', protects: 'a tag value' },
  mappingKeyCharactersMax: { value: 300, aws: 300, fault: 'BadRequestException', protects: 'an API mapping key' },
  multiLevelMappingsPerDomainMax: {
    value: 200,
    aws: 200,
    fault: 'BadRequestException',
    protects: 'keys with several levels',
  },
  dnsAnswerBytesMax: { value: 1_232, aws: null, fault: null, protects: 'a UDP answer; a longer one is truncated' },
  dnsTcpConnectionsMax: { value: 256, aws: null, fault: null, protects: 'DNS over TCP' },
  dnsTcpIdleTimeoutMs: { value: 10_000, aws: null, fault: null, protects: 'idle DNS connections over TCP' },
  transactionAttemptsMax: { value: 32, aws: null, fault: 'ConflictException', protects: 'changes that keep colliding' },
  passphraseCharactersMin: { value: 12, aws: null, fault: null, protects: 'what a passphrase seals, from guessing' },
  resealedAtOnceMax: { value: 100, aws: null, fault: null, protects: 'sockets from the work of a key rotation' },
  sealToCommitMsMax: {
    value: 60_000,
    aws: null,
    fault: null,
    protects: 'a private key that is written after a rotation has begun',
  },
  disconnectJournalFileBytesMax: {
    value: 1_048_576,
    aws: null,
    fault: null,
    protects: 'one file of the journal of $disconnect; the next begins',
  },
  disconnectJournalFilesMin: { value: 8, aws: null, fault: null, protects: 'those files from being tidied too early' },
  disconnectJournalLineBytesTypical: {
    value: 300,
    aws: null,
    fault: null,
    protects: 'the same: one connection in them',
  },
  disconnectJournalSyncMs: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'the disk: how often it is asked to keep them',
  },
  redeliveriesAtOnceMax: { value: 32, aws: null, fault: null, protects: 'backends, after a kill -9 of the gateway' },
  changeLogRowsMax: { value: 100_000, aws: null, fault: null, protects: 'the change log; a reader behind it reloads' },
} as const satisfies Record<string, Limit>;

/** The value of a bound. */
export function limit(name: keyof typeof LIMITS): number {
  return LIMITS[name].value;
}

assert(LIMITS.frameBytesMax.value <= LIMITS.messageBytesMax.value, 'a frame fits in a message');
assert(LIMITS.messageBytesMax.value <= LIMITS.sendQueueBytesMax.value, 'a message fits in the send queue');
assert(LIMITS.idleTimeoutMs.value <= LIMITS.connectionLifetimeMs.value, 'idle ends before life');
assert(LIMITS.integrationTimeoutMsMin.value < LIMITS.integrationTimeoutMsMax.value, 'timeouts leave a range');
assert(LIMITS.acmeRequestTimeoutMs.value <= LIMITS.acmeOrderTimeoutMs.value, 'a request ends before its order');
assert(LIMITS.acmePollWaitMsMax.value <= LIMITS.acmeOrderTimeoutMs.value, 'an order is looked at more than once');
assert(LIMITS.smtpTimeoutMs.value <= LIMITS.mailTimeoutMs.value, 'silence is noticed within a delivery');

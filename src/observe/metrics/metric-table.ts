// Every metric that `/_sallyport/metrics` shows: its name, type, labels and meaning. docs/metrics.md is made from it. A table alone, read
// when somebody looks: nothing is counted here.

interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** One line, as HELP says it. */
  readonly help: string;
}

const OF_ROUTES = ['api_id', 'stage', 'route'] as const;
const OF_STAGES = ['api_id', 'stage'] as const;
const OF_FUNCTIONS = ['account', 'function'] as const;
const OF_TENANTS = ['domain', 'host'] as const;

/** In the order in which they are shown. */
export const METRICS = {
  aws_apigateway_connect_count_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'ConnectCount: handshakes that the $connect integration was asked about.',
  },
  aws_apigateway_message_count_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'MessageCount: messages from clients, replies and callbacks to them.',
  },
  aws_apigateway_integration_error_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'IntegrationError: integrations that answered 4XX or 5XX, and functions that failed.',
  },
  aws_apigateway_client_error_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'ClientError: what the gateway answered with 4XX before an integration was called.',
  },
  aws_apigateway_execution_error_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'ExecutionError: integrations and authorizers that could not be called, or whose answer could not be used.',
  },
  aws_apigateway_operations_total: {
    type: 'counter',
    labels: OF_ROUTES,
    help: 'Samples of each of the error metrics: connects, messages, disconnects that called a route, callbacks.',
  },
  aws_apigateway_integration_latency_seconds: {
    type: 'histogram',
    labels: OF_ROUTES,
    help: 'IntegrationLatency: from the call of an integration to its answer or time-out. Neither MOCK nor callbacks.',
  },
  sallyport_connections: { type: 'gauge', labels: [], help: 'Open WebSocket connections.' },
  sallyport_stage_connections: { type: 'gauge', labels: OF_STAGES, help: 'Open WebSocket connections of a stage.' },
  sallyport_stage_messages_total: {
    type: 'counter',
    labels: [...OF_STAGES, 'direction'],
    help: 'Messages of a stage: received from clients, and everything sent to them, error frames among it.',
  },
  sallyport_stage_bytes_total: {
    type: 'counter',
    labels: [...OF_STAGES, 'direction'],
    help: 'Bytes of these messages, without frames and TLS.',
  },
  sallyport_domain_connections: {
    type: 'gauge',
    labels: ['domain'],
    help: 'Open WebSocket connections under a custom domain name.',
  },
  sallyport_domain_messages_total: {
    type: 'counter',
    labels: ['domain', 'direction'],
    help: 'Messages under a custom domain name.',
  },
  sallyport_domain_bytes_total: {
    type: 'counter',
    labels: ['domain', 'direction'],
    help: 'Bytes of these messages.',
  },
  sallyport_domain_errors_total: {
    type: 'counter',
    labels: ['domain'],
    help: 'Handshakes and messages under a custom domain name that were refused or failed.',
  },
  sallyport_tenant_connections: {
    type: 'gauge',
    labels: OF_TENANTS,
    help: 'Open WebSocket connections of one host under a wildcard.',
  },
  sallyport_tenant_messages_total: {
    type: 'counter',
    labels: [...OF_TENANTS, 'direction'],
    help: 'Messages of one host under a wildcard.',
  },
  sallyport_tenant_bytes_total: {
    type: 'counter',
    labels: [...OF_TENANTS, 'direction'],
    help: 'Bytes of these messages.',
  },
  sallyport_tenant_errors_total: {
    type: 'counter',
    labels: OF_TENANTS,
    help: 'Handshakes and messages of one host under a wildcard that were refused or failed.',
  },
  sallyport_handshakes_total: {
    type: 'counter',
    labels: ['outcome', 'step', 'code'],
    help: 'WebSocket handshakes: opened, or refused at a step with a code of docs/errors.md.',
  },
  sallyport_messages_failed_total: {
    type: 'counter',
    labels: ['step', 'code'],
    help: 'Messages that were refused, or whose integration failed, by step and code; those over a rate are among them.',
  },
  sallyport_callbacks_total: {
    type: 'counter',
    labels: ['method', 'code'],
    help: 'Calls of @connections, done or refused with a code.',
  },
  sallyport_connections_closed_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Connections that ended, by close code; codes of applications by their first digit.',
  },
  sallyport_send_queue_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Bytes that wait for clients to read them, of all connections.',
  },
  sallyport_send_queue_bytes_max: { type: 'gauge', labels: [], help: 'Of the connection for which most bytes wait.' },
  sallyport_tls_handshakes_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'TLS handshakes that were done: full or resumed.',
  },
  sallyport_tls_handshake_failures_total: { type: 'counter', labels: [], help: 'TLS handshakes that failed.' },
  sallyport_tls_unknown_server_names_total: {
    type: 'counter',
    labels: [],
    help: 'Full TLS handshakes that named something which is not ours.',
  },
  sallyport_certificate_expiry_seconds: {
    type: 'gauge',
    labels: ['domain'],
    help: 'Seconds of lifecycle time until the certificate of a custom domain name ends; of those that end first.',
  },
  sallyport_certificate_work: {
    type: 'gauge',
    labels: ['state'],
    help: 'Certificates that are worked on, or wait for it.',
  },
  sallyport_dns_responses_total: {
    type: 'counter',
    labels: ['transport', 'rcode'],
    help: 'DNS responses that were sent.',
  },
  sallyport_dns_held_back_total: {
    type: 'counter',
    labels: ['how'],
    help: 'DNS responses over UDP that were cut or dropped because a network had more than its share.',
  },
  sallyport_dns_failures_total: { type: 'counter', labels: [], help: 'DNS questions that could not be answered.' },
  sallyport_store_commit_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Transactions of the store, from their first read to the end of their commit.',
  },
  sallyport_store_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Transactions that the store could not do: it was away, or they kept colliding.',
  },
  sallyport_revision: { type: 'gauge', labels: [], help: 'The revision of the configuration that is served.' },
  sallyport_backend_connections: {
    type: 'gauge',
    labels: ['state'],
    help: 'Connections to HTTP backends, functions and services: busy or idle.',
  },
  sallyport_backend_requests_waiting: {
    type: 'gauge',
    labels: [],
    help: 'Calls that wait for one of these connections.',
  },
  sallyport_log_lines_lost_total: {
    type: 'counter',
    labels: [],
    help: 'Lines of access and execution logs that were dropped: their disk was full, or slower than they came.',
  },
  sallyport_log_waiting_bytes: {
    type: 'gauge',
    labels: [],
    help: 'What access and execution logs have yet to write.',
  },
  sallyport_function_invocations_total: {
    type: 'counter',
    labels: [...OF_FUNCTIONS, 'outcome'],
    help: 'Invocations of local functions, by how they ended.',
  },
  sallyport_function_starts_total: {
    type: 'counter',
    labels: OF_FUNCTIONS,
    help: 'Processes that were started for a local function: its cold starts.',
  },
  sallyport_function_processes: { type: 'gauge', labels: OF_FUNCTIONS, help: 'Processes of a local function.' },
  sallyport_event_loop_delay_seconds: {
    type: 'gauge',
    labels: ['percentile'],
    help: 'How late the event loop was since the reading before.',
  },
  sallyport_event_loop_busy_seconds_total: {
    type: 'counter',
    labels: [],
    help: 'Time that the event loop did not wait for anything.',
  },
  sallyport_gc_seconds_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'Time of garbage collections since the metrics were first read.',
  },
  sallyport_heap_bytes: {
    type: 'gauge',
    labels: ['state'],
    help: 'The heap of JavaScript: used, and what is reserved.',
  },
  sallyport_external_bytes: { type: 'gauge', labels: [], help: 'Memory of buffers outside of the heap.' },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Resident memory size in bytes.' },
  process_cpu_seconds_total: { type: 'counter', labels: [], help: 'Total user and system CPU time spent in seconds.' },
  process_start_time_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Start time of the process since unix epoch in seconds.',
  },
  sallyport_build_info: { type: 'gauge', labels: ['version', 'node'], help: 'What runs; always 1.' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

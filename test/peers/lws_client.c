/* A client on libwebsockets as Debian ships it: takes its steps one after the other over one connection and prints one JSON object
 * a line for what it saw. websocket-clients.test.ts says what that must be.
 *
 * lws_client PORT CA PATH PROTOCOLS STEP...; steps are text:OCTETS, fragments:OCTETS:COUNT, ping:TEXT, binary:OCTETS,
 * close:CODE:REASON. PROTOCOLS may be empty. */

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 262144

static char **steps;
static int step_count, step_now, fragment_now, is_waiting, is_over, status = 1;
static unsigned char outgoing[LWS_PRE + BYTES_MAX], incoming[BYTES_MAX];
static size_t incoming_bytes, expected_bytes;

static size_t number_at(int part) {
  const char *at = steps[step_now];
  while (part-- > 0) {
    at = strchr(at, ':');
    if (!at) return 0;
    at += 1;
  }
  return strtoul(at, NULL, 10);
}

static int is_step(const char *name) { return !strncmp(steps[step_now], name, strlen(name)); }

static void fill(unsigned char *at, size_t bytes) {
  for (size_t n = 0; n < bytes; n += 1) at[n] = (unsigned char)('a' + n % 26);
}

static void next_step(struct lws *wsi) {
  step_now += 1;
  fragment_now = 0;
  is_waiting = 0;
  if (step_now < step_count) lws_callback_on_writable(wsi);
}

static void write_fragment(struct lws *wsi) {
  size_t bytes = number_at(1), count = number_at(2), size = bytes / count, from = size * (size_t)fragment_now;
  int is_last = fragment_now + 1 == (int)count;
  size_t length = is_last ? bytes - from : size;
  unsigned char *text = outgoing + LWS_PRE;
  fill(incoming, bytes);
  memcpy(text, incoming + from, length);
  expected_bytes = bytes;
  lws_write(wsi, text, length,
            (fragment_now ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT) | (is_last ? 0 : LWS_WRITE_NO_FIN));
  fragment_now += 1;
  is_waiting = is_last;
  if (!is_last) lws_callback_on_writable(wsi);
}

static int take_step(struct lws *wsi) {
  unsigned char *text = outgoing + LWS_PRE;
  /* libwebsockets also calls when the rest of a long write is gone. */
  if (is_waiting || step_now >= step_count) return 0;
  if (is_step("fragments:")) {
    write_fragment(wsi);
    return 0;
  }
  is_waiting = 1;
  if (is_step("close:")) {
    char *reason = strchr(steps[step_now] + 6, ':') + 1;
    lws_close_reason(wsi, (enum lws_close_status)number_at(1), (unsigned char *)reason, strlen(reason));
    return -1;
  }
  if (is_step("ping:")) {
    size_t bytes = strlen(steps[step_now] + 5);
    memcpy(text, steps[step_now] + 5, bytes);
    lws_write(wsi, text, bytes, LWS_WRITE_PING);
    return 0;
  }
  expected_bytes = number_at(1);
  fill(text, expected_bytes);
  lws_write(wsi, text, expected_bytes, is_step("binary:") ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
  return 0;
}

static void take_message(struct lws *wsi) {
  size_t wrong = incoming_bytes != expected_bytes;
  for (size_t n = 0; n < incoming_bytes; n += 1) wrong += incoming[n] != 'a' + n % 26;
  printf("{\"event\":\"message\",\"bytes\":%zu,\"isEcho\":%s,\"isBinary\":%s}\n", incoming_bytes, wrong ? "false" : "true",
         lws_frame_is_binary(wsi) ? "true" : "false");
  incoming_bytes = 0;
  next_step(wsi);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t bytes) {
  (void)user;
  switch (reason) {
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH: {
      char chosen[64] = "", agreed[64] = "";
      lws_hdr_copy(wsi, chosen, sizeof chosen, WSI_TOKEN_PROTOCOL);
      lws_hdr_copy(wsi, agreed, sizeof agreed, WSI_TOKEN_EXTENSIONS);
      printf("{\"event\":\"open\",\"protocol\":\"%s\",\"extensions\":\"%s\"}\n", chosen, agreed);
      break;
    }
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      lws_callback_on_writable(wsi);
      break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return take_step(wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE:
      if (incoming_bytes + bytes > BYTES_MAX) return -1;
      memcpy(incoming + incoming_bytes, in, bytes);
      incoming_bytes += bytes;
      if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) take_message(wsi);
      break;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
      printf("{\"event\":\"pong\",\"payload\":\"%.*s\"}\n", (int)bytes, (char *)in);
      next_step(wsi);
      break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: {
      unsigned char *payload = in;
      int code = bytes < 2 ? 1005 : payload[0] << 8 | payload[1];
      printf("{\"event\":\"close\",\"code\":%d,\"reason\":\"%.*s\"}\n", code, bytes < 2 ? 0 : (int)bytes - 2,
             (char *)payload + 2);
      break;
    }
    case LWS_CALLBACK_CLIENT_CLOSED:
      printf("{\"event\":\"over\"}\n");
      is_over = 1;
      status = 0;
      break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      printf("{\"event\":\"error\",\"reason\":\"%s\"}\n", in ? (char *)in : "");
      is_over = 1;
      break;
    default:
      break;
  }
  return 0;
}

static const struct lws_protocols protocols[] = {
    {"chat", on_event, 0, 0, 0, NULL, 0}, {"superchat", on_event, 0, 0, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL}};

int main(int argc, char **argv) {
  struct lws_context_creation_info options = {0};
  struct lws_client_connect_info client = {0};
  char host[64];
  if (argc < 5) return 2;
  steps = argv + 5;
  step_count = argc - 5;
  lws_set_log_level(LLL_ERR, NULL);
  options.port = CONTEXT_PORT_NO_LISTEN;
  options.protocols = protocols;
  options.extensions = extensions;
  options.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  options.client_ssl_ca_filepath = argv[2];
  struct lws_context *context = lws_create_context(&options);
  if (!context) return 2;
  snprintf(host, sizeof host, "localhost:%s", argv[1]);
  client.context = context;
  client.address = "127.0.0.1";
  client.port = atoi(argv[1]);
  client.path = argv[3];
  client.host = client.origin = host;
  client.ssl_connection = LCCSCF_USE_SSL;
  client.protocol = *argv[4] ? argv[4] : NULL;
  client.local_protocol_name = "chat";
  if (!lws_client_connect_via_info(&client)) return 2;
  while (!is_over && lws_service(context, 0) >= 0) fflush(stdout);
  lws_context_destroy(context);
  return status;
}

// A model that answers at once: `sse-server CHUNKS`. It prints its port, and answers each POST with
// CHUNKS events in the form of the Gemini API, as fast as the connection takes them. The first event
// is sent by itself, and each event is an HTTP chunk of its own, as the service sends them.
//
// The answer is made once, so that what is measured is the client. It ends with its standard input.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "floor.h"

static char *answer;
static size_t answer_length, first_length;

static void add(const char *text) {
  size_t length = strlen(text);
  memcpy(answer + answer_length, text, length);
  answer_length += length;
}

static void make_answer(int count) {
  static const char *const texts[] = {" il est", " vingt-trois", " heures,\\n\\n**et**",
                                      " on dit \\\"déjà\\\"", " sur la place du marché"};
  answer = checked(malloc((size_t)count * 640 + 1024));
  add("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 1; i <= count; i++) {
    char event[600], chunk[640];
    snprintf(event, sizeof event,
             "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\"}],\"role\":\"model\"},"
             "%s\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":%d,"
             "\"totalTokenCount\":%d,\"promptTokensDetails\":[{\"modality\":\"TEXT\","
             "\"tokenCount\":9}],\"thoughtsTokenCount\":185},\"modelVersion\":\"gemini-2.5-flash\","
             "\"responseId\":\"bH6LaZW8Fp_3nsEPqtaSwQ4\"}\r\n\r\n",
             texts[i % 5], i == count ? "\"finishReason\":\"STOP\"," : "", i, i + 194);
    snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen(event), event);
    add(chunk);
    if (i == 1) first_length = answer_length;
  }
  add("0\r\n\r\n");
}

static int send_all(int socket, const char *bytes, size_t length) {
  while (length) {
    ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    bytes += sent;
    length -= (size_t)sent;
  }
  return 1;
}

// Reads one request; 0 when the client went away.
static int read_request(int socket, char *buffer, size_t size) {
  size_t length = 0, wanted = 0;
  while (!wanted || length < wanted) {
    if (length + 1 >= size) return 0;
    ssize_t got = recv(socket, buffer + length, size - length - 1, 0);
    if (got <= 0) return 0;
    length += (size_t)got;
    buffer[length] = 0;
    char *body = strstr(buffer, "\r\n\r\n");
    if (!body || wanted) continue;
    const char *field = strcasestr(buffer, "content-length:");
    wanted = (size_t)(body + 4 - buffer) + (field && field < body ? (size_t)atol(field + 15) : 0);
  }
  return 1;
}

static void *serve(void *argument) {
  int socket = (int)(intptr_t)argument, on = 1;
  size_t size = 1 << 20;
  char *buffer = checked(malloc(size));
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  while (read_request(socket, buffer, size) && send_all(socket, answer, first_length) &&
         send_all(socket, answer + first_length, answer_length - first_length)) {
  }
  close(socket);
  free(buffer);
  return NULL;
}

static void *watch_input(void *argument) {
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  (void)argument;
  _exit(0);
}

int main(int argc, char **argv) {
  if (argc != 2 || atoi(argv[1]) < 1) fail("usage", "sse-server CHUNKS");
  make_answer(atoi(argv[1]));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 128) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    fail("listen", "the system refused");
  char figures[32];
  snprintf(figures, sizeof figures, "port=%d", ntohs(address.sin_port));
  say_ready(figures);
  pthread_t thread;
  pthread_create(&thread, NULL, watch_input, NULL);
  for (;;) {
    int socket = accept(listener, NULL, NULL);
    if (socket < 0) continue;
    pthread_create(&thread, NULL, serve, (void *)(intptr_t)socket);
    pthread_detach(thread);
  }
}

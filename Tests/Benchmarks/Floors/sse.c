// Floor of LLMKit, on libcurl: `sse first|last PORT REQUESTS`. Each operation is one streamed answer,
// read to its end; what is timed is the way to its first text, or to its last.
#include <curl/curl.h>

#include "json.h"

struct stream {
  char *line;
  size_t line_length, line_capacity;
  char *text;
  size_t text_length, text_capacity;
  long answer_tokens, total_tokens;
  int is_finished;
  uint64_t first_text;
};

static void visit(void *context, const char *name, size_t name_length, const char *value,
                  size_t length, int is_string) {
  struct stream *stream = context;
  if (is_string) {
    if (json_is(name, name_length, "text")) {
      if (stream->text_length + length > stream->text_capacity) {
        stream->text_capacity = (stream->text_capacity + length) * 2;
        stream->text = checked(realloc(stream->text, stream->text_capacity));
      }
      stream->text_length += json_unescape(value, length, stream->text + stream->text_length);
      if (!stream->first_text) stream->first_text = wall_ns();
    } else if (json_is(name, name_length, "finishReason")) {
      stream->is_finished = 1;
    }
  } else if (json_is(name, name_length, "candidatesTokenCount")) {
    stream->answer_tokens = atol(value);
  } else if (json_is(name, name_length, "totalTokenCount")) {
    stream->total_tokens = atol(value);
  }
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
  struct stream *stream = context;
  size_t length = size * count;
  if (stream->line_length + length + 1 > stream->line_capacity) {
    stream->line_capacity = (stream->line_capacity + length + 1) * 2;
    stream->line = checked(realloc(stream->line, stream->line_capacity));
  }
  memcpy(stream->line + stream->line_length, bytes, length);
  stream->line_length += length;
  char *start = stream->line, *end = stream->line + stream->line_length, *stop;
  while ((stop = memchr(start, '\n', (size_t)(end - start)))) {
    *stop = 0;
    if (strncmp(start, "data: ", 6) == 0) json_walk(start + 6, "", 0, visit, stream);
    start = stop + 1;
  }
  stream->line_length = (size_t)(end - start);
  memmove(stream->line, start, stream->line_length);
  return length;
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage", "sse first|last PORT REQUESTS");
  int first = strcmp(argv[1], "first") == 0;
  uint64_t requests = (uint64_t)atoll(argv[3]);
  char url[128];
  snprintf(url, sizeof url,
           "http://127.0.0.1:%s/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
           argv[2]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *curl = curl_easy_init();
  struct stream stream = {0};
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "x-goog-api-key: test-key");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                   "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Bonjour\"}]}]}");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &stream);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  say_ready("");
  struct latencies all = {0};
  while (next_round()) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < requests; i++) {
      stream.text_length = stream.line_length = 0;
      stream.first_text = 0;
      stream.is_finished = 0;
      uint64_t start = wall_ns();
      CURLcode status = curl_easy_perform(curl);
      uint64_t ns = (first ? stream.first_text : wall_ns()) - start;
      if (status != CURLE_OK) fail("curl", curl_easy_strerror(status));
      if (!stream.is_finished || !stream.text_length) fail("answer", "not whole");
      record(&all, ns);
      total += ns;
    }
    say_round(requests, total, &all);
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return 0;
}

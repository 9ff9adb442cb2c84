// Walks one JSON value once, without building anything, and hands out what its members hold.
#pragma once

#include "floor.h"

// Called for each string and number, with the name of the innermost member around it. A string
// comes without its quotes, escapes and all.
typedef void json_visitor(void *context, const char *name, size_t name_length, const char *value,
                          size_t length, int is_string);

static inline const char *json_space(const char *at) {
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') at++;
  return at;
}

// The closing quote of a string whose opening quote stands before `at`.
static inline const char *json_string_end(const char *at) {
  while (*at != '"') {
    if (!*at) fail("JSON", "a string without an end");
    at += *at == '\\' ? 2 : 1;
  }
  return at;
}

static const char *json_walk(const char *at, const char *name, size_t name_length,
                             json_visitor *visit, void *context) {
  at = json_space(at);
  if (*at == '{' || *at == '[') {
    char close = *at == '{' ? '}' : ']';
    int is_object = *at == '{';
    at = json_space(at + 1);
    while (*at != close) {
      if (is_object) {
        if (*at != '"') fail("JSON", "a member without a name");
        const char *end = json_string_end(at + 1);
        name = at + 1;
        name_length = (size_t)(end - name);
        at = json_space(end + 1);
        if (*at++ != ':') fail("JSON", "a member without a value");
      }
      at = json_space(json_walk(at, name, name_length, visit, context));
      if (*at == ',') at = json_space(at + 1);
      else if (*at != close) fail("JSON", "neither a comma nor an end");
    }
    return at + 1;
  }
  if (*at == '"') {
    const char *end = json_string_end(at + 1);
    visit(context, name, name_length, at + 1, (size_t)(end - at - 1), 1);
    return end + 1;
  }
  const char *start = at;
  while (*at && !strchr(",]} \n\r\t", *at)) at++;
  if (at == start) fail("JSON", "a value is missing");
  visit(context, name, name_length, start, (size_t)(at - start), 0);
  return at;
}

static inline int json_is(const char *name, size_t length, const char *wanted) {
  return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

static inline unsigned json_hex(const char *at) {
  unsigned value = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char digit = (unsigned char)at[i];
    value = value << 4 | (digit <= '9' ? digit - '0' : (digit | 32u) - 'a' + 10u);
  }
  return value;
}

// Copies a string without its escapes; returns the new length.
static inline size_t json_unescape(const char *at, size_t length, char *out) {
  const char *end = at + length;
  char *start = out;
  while (at < end) {
    const char *escape = memchr(at, '\\', (size_t)(end - at));
    size_t plain = (size_t)((escape ? escape : end) - at);
    memcpy(out, at, plain);
    out += plain;
    if (!escape) break;
    at = escape + 2;
    if (escape[1] != 'u') {
      static const char names[] = "nrtbf", values[] = "\n\r\t\b\f";
      const char *name = strchr(names, escape[1]);
      *out++ = name ? values[name - names] : escape[1];
      continue;
    }
    unsigned code = json_hex(at);
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 6) {
      code = 0x10000 + ((code - 0xD800) << 10) + (json_hex(at + 2) - 0xDC00);
      at += 6;
    }
    if (code < 0x80) {
      *out++ = (char)code;
    } else if (code < 0x800) {
      *out++ = (char)(0xC0 | code >> 6);
      *out++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
      *out++ = (char)(0xE0 | code >> 12);
      *out++ = (char)(0x80 | (code >> 6 & 63));
      *out++ = (char)(0x80 | (code & 63));
    } else {
      *out++ = (char)(0xF0 | code >> 18);
      *out++ = (char)(0x80 | (code >> 12 & 63));
      *out++ = (char)(0x80 | (code >> 6 & 63));
      *out++ = (char)(0x80 | (code & 63));
    }
  }
  return (size_t)(out - start);
}

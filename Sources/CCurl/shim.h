#pragma once

#if !__has_include(<curl/curl.h>)
#error "libcurl headers not found. Debian/Ubuntu: apt-get install libcurl4-openssl-dev. macOS: brew install curl"
#endif
#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift cannot call:
// one typed wrapper for each kind of argument.

static inline CURLcode ccurl_setopt_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_setopt_pointer(CURL *easy, CURLoption option, const void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_setopt_data_callback(CURL *easy, CURLoption option,
                                                  curl_write_callback value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_getinfo_long(CURL *easy, CURLINFO info, long *out) {
  return curl_easy_getinfo(easy, info, out);
}
static inline CURLcode ccurl_getinfo_pointer(CURL *easy, CURLINFO info, void *out) {
  return curl_easy_getinfo(easy, info, out);
}
static inline CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
/// `CURL_GLOBAL_DEFAULT` is built from other macros, which Swift does not import.
static inline CURLcode ccurl_global_init(void) {
  return curl_global_init(CURL_GLOBAL_DEFAULT);
}
/// The option has another name and type before 7.85.
static inline CURLcode ccurl_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}
/// Without this option, which came with 7.87, ending a transfer waits for its name look-up.
static inline CURLcode ccurl_leave_lookup_behind(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
  return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
  (void)easy;
  return CURLE_OK;
#endif
}

// Records the HTTP exchanges of a test for tests/openapi/, which holds each against the OpenAPI
// document: one line of JSON per exchange, in a file of the test's own below the folder that
// RECORD_EXCHANGES_TO names. Without the variable nothing is recorded. (Servers that a test starts
// refuse variables of their own prefix that they do not know.)
//
// Any thread. What is not text (bodies that are no UTF-8) is left out of the line.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/http_header.h"
#include "base/utf8.h"

namespace conveyor::test {

struct Exchange {
  std::string_view method;  ///< empty, like target: refused before it was a request
  std::string_view target;
  std::span<const http::Header> request_headers;
  std::string_view request_body;
  int status = 0;
  std::span<const http::Header> headers;
  std::string_view body;
};

inline bool records_exchanges() {
  return std::getenv("RECORD_EXCHANGES_TO") != nullptr;
}

namespace exchanges {

/// Names in lower case, the values of a repeated one joined (RFC 9110 section 5.3).
inline boost::json::object headers_json(std::span<const http::Header> headers) {
  boost::json::object out;
  for (const auto& [name, value] : headers) {
    if (!is_valid_utf8(value)) continue;
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    auto& known = out[lower];
    known = known.is_null() ? value : std::string{known.as_string()} + ", " + value;
  }
  return out;
}

inline boost::json::value text_json(std::string_view text) {
  if (!is_valid_utf8(text)) return nullptr;
  return boost::json::value(text);
}

/// The file of the test that runs; made anew when the process first records.
inline std::ofstream open_file() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = test == nullptr ? std::string{"none"}
                                     : std::string{test->test_suite_name()} + "." + test->name();
  std::ranges::replace(name, '/', '_');
  const std::filesystem::path folder{std::getenv("RECORD_EXCHANGES_TO")};
  std::filesystem::create_directories(folder);
  return std::ofstream{folder / (name + ".jsonl"), std::ios::binary};
}

}  // namespace exchanges

inline void record(const Exchange& exchange) {
  if (!records_exchanges()) return;
  const boost::json::object line{
      {"method", exchange.method},
      {"target", exchanges::text_json(exchange.target)},
      {"request_headers", exchanges::headers_json(exchange.request_headers)},
      {"request_body", exchanges::text_json(exchange.request_body)},
      {"status", exchange.status},
      {"headers", exchanges::headers_json(exchange.headers)},
      {"body", exchanges::text_json(exchange.body)}};
  const auto text = boost::json::serialize(line);
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static std::ofstream file = exchanges::open_file();
  file << text << '\n' << std::flush;
}

}  // namespace conveyor::test

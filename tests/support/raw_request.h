// RawRequest: the bytes of one HTTP request, so that a test can have each of them wrong.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "server/http/test_socket.h"

namespace conveyor::test {

struct RawRequest {
  std::string line = "POST /v1/orders HTTP/1.1";
  std::string host = "Host: localhost\r\n";
  std::string headers = {};  ///< whole lines
  std::string body = {};
  bool with_length = true;

  std::string bytes() const {
    const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return line + "\r\n" + host + headers + (with_length ? length : "") + "\r\n" + body;
  }
};

inline std::string header_line(std::string_view name, std::string_view value) {
  return std::string{name} + ": " + std::string{value} + "\r\n";
}

inline std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

/// What a problem says, as one text: `422 validation_failed`, and of its first error ` too_long
/// /lines`. Just the status of what is no problem.
inline std::string problem_text(const http::TestAnswer& answer) {
  auto text = std::to_string(answer.status);
  if (answer.header("Content-Type") != "application/problem+json") return text;
  const auto problem = boost::json::parse(answer.body).as_object();
  text += " " + std::string{problem.at("code").as_string()};
  if (const auto* errors = problem.if_contains("errors"); errors != nullptr) {
    const auto& first = errors->as_array().at(0).as_object();
    text += " " + std::string{first.at("code").as_string()} + " " +
            std::string{first.at("pointer").as_string()};
  }
  return text;
}

}  // namespace conveyor::test

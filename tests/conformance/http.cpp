// HTTP/1.1 with the product's limits: answers any method and path with what it received.
#include "base/json_writer.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "program.h"
#include "server/api/limits.h"

using namespace conveyor;

namespace {

/// What may stand in JSON: bytes of headers need not be UTF-8, and are then shown as Latin-1.
std::string as_text(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return std::string{bytes};
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x80) {
      text.push_back(byte);
    } else {
      text.push_back(static_cast<char>(0xc0 | value >> 6));
      text.push_back(static_cast<char>(0x80 | (value & 0x3f)));
    }
  }
  return text;
}

http::Response describe(const http::Request& request) {
  http::Response response;
  JsonWriter json(response.body, JsonWriter::Order::any);
  json.begin_object();
  json.member("method", as_text(request.method));
  json.member("target", as_text(request.target));
  json.key("headers");
  json.begin_array();
  for (const http::Header& header : request.headers) {
    json.begin_array();
    json.value(as_text(header.name));
    json.value(as_text(header.value));
    json.end_array();
  }
  json.end_array();
  json.member("body_length", request.body.size());
  json.member("body_sha256", to_hex(sha256(request.body)));
  json.end_object();
  response.set_header("Content-Type", "application/json");
  return response;
}

}  // namespace

int main(int count, char** arguments) {
  const auto port = conformance::port_argument(count, arguments);
  if (!port) return 2;
  http::ServerOptions options;
  options.max_body_bytes = api::kMaxBodyBytes;
  return conformance::run(*port, options, [](const http::Request& request, http::Respond respond) {
    respond(describe(request));
  });
}

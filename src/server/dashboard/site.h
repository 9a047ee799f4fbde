// Site: the dashboard's files, from a request to the answer that gives one of them.
//
// A page of the dashboard has its address in the browser alone: whoever opens one is given
// index.html, whose script then shows it (history fallback). Files under /assets/ have their
// content in their name and may be kept for ever; all others are asked about each time, by ETag.
//
// Pure functions. The files are part of the program (cmake/conveyor_dashboard.cmake); there are
// none where it was built without Node.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/http/message.h"

namespace conveyor::dashboard {

struct File {
  std::string_view path;  ///< as in a request, such as /assets/index-Bx3k.js
  std::string_view content_type;
  std::string_view etag;      ///< quoted
  std::string_view identity;  ///< the content
  std::string_view gzip;      ///< the same, compressed; empty: not worth it
};

/// What the program was built with, by path.
std::span<const File> files();

/// Nothing: the request is not for the dashboard.
std::optional<http::Response> respond(const http::Request& request, std::span<const File> files);

}  // namespace conveyor::dashboard

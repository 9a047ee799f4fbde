// The OpenAPI 3.1 document of the API: written by hand in server/api/openapi/*.json, one file per
// part, and completed here with what the program knows better: its version and the table of
// problems. tests/openapi/ holds it against what the server does.
//
// Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace conveyor::api {

/// The files, as they are; part of the program (src/CMakeLists.txt). Each is an object with some of
/// the document's members; `paths` and the members of `components` are spread over several.
std::span<const std::string_view> openapi_parts();

/// The whole document as one line of JSON.
std::string openapi_json(std::string_view version);

}  // namespace conveyor::api

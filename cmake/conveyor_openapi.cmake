# conveyor_openapi(TARGET DIR): makes api::openapi_parts() of TARGET from DIR/*.json. (#embed would do,
# but ccache does not know what it reads.)
function(conveyor_openapi TARGET DIR)
  file(GLOB files CONFIGURE_DEPENDS "${DIR}/*.json")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(texts "")
  list(LENGTH files count)
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(APPEND texts "R\"json(${text})json\",\n")
  endforeach()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/openapi_parts.cpp")
  file(GENERATE OUTPUT "${output}" CONTENT "// Made by cmake/conveyor_openapi.cmake.
#include <array>

#include \"server/api/openapi.h\"

namespace conveyor::api {

std::span<const std::string_view> openapi_parts() {
  static constexpr std::array<std::string_view, ${count}> kParts{
${texts}};
  return kParts;
}

}  // namespace conveyor::api
")
  target_sources(${TARGET} PRIVATE "${output}")
endfunction()

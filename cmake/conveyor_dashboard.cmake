# conveyor_dashboard(TARGET DIST): makes dashboard::files() of TARGET from what scripts/build-dashboard
# has put into DIST; of a DIST that is not there, none. The files are put in as they are by the
# assembler: no compiler has to read half a megabyte of numbers.
function(conveyor_dashboard TARGET DIST)
  file(GLOB_RECURSE paths CONFIGURE_DEPENDS RELATIVE "${DIST}" "${DIST}/*")
  list(FILTER paths EXCLUDE REGEX "(^|/)\\.")
  set(originals ${paths})
  list(FILTER originals EXCLUDE REGEX "\\.gz$")
  list(SORT originals)
  list(LENGTH originals count)
  if(count EQUAL 0)
    message(STATUS "No ${DIST}: the program will have no dashboard (scripts/build-dashboard makes it)")
  endif()

  set(texts "")
  set(declarations "")
  set(entries "")
  set(inputs "")
  set(number 0)
  foreach(path IN LISTS originals)
    set(views "")
    foreach(suffix "" ".gz")
      set(file "${DIST}/${path}${suffix}")
      if(NOT EXISTS "${file}")
        string(APPEND views ", {}")
        continue()
      endif()
      file(SIZE "${file}" size)
      set(symbol "conveyor_dashboard_${number}")
      math(EXPR number "${number} + 1")
      list(APPEND inputs "${file}")
      string(APPEND texts "asm(R\"(.pushsection .rodata
.global ${symbol}
${symbol}:
.incbin \"${file}\"
.popsection)\");
")
      string(APPEND declarations "extern const char ${symbol}[];\n")
      string(APPEND views ", {${symbol}, ${size}}")
    endforeach()
    file(SHA256 "${DIST}/${path}" hash)
    string(SUBSTRING "${hash}" 0 16 hash)
    conveyor_content_type("${path}" type)
    string(APPEND entries "      File{\"/${path}\", \"${type}\", \"\\\"${hash}\\\"\"${views}},\n")
  endforeach()

  set(output "${CMAKE_CURRENT_BINARY_DIR}/dashboard_files.cpp")
  file(GENERATE OUTPUT "${output}" CONTENT "// Made by cmake/conveyor_dashboard.cmake.
#include <array>

#include \"server/dashboard/site.h\"

${texts}
extern \"C\" {
${declarations}}

namespace conveyor::dashboard {

std::span<const File> files() {
  static const std::array<File, ${count}> kFiles{
${entries}  };
  return kFiles;
}

}  // namespace conveyor::dashboard
")
  set_source_files_properties("${output}" PROPERTIES OBJECT_DEPENDS "${inputs}")
  target_sources(${TARGET} PRIVATE "${output}")
endfunction()

function(conveyor_content_type PATH RESULT)
  set(type "application/octet-stream")
  foreach(pair "html=text/html; charset=utf-8" "js=text/javascript" "css=text/css"
          "svg=image/svg+xml" "woff2=font/woff2" "json=application/json")
    string(REGEX MATCH "^[a-z0-9]+" suffix "${pair}")
    if(PATH MATCHES "\\.${suffix}$")
      string(REGEX REPLACE "^[a-z0-9]+=" "" type "${pair}")
    endif()
  endforeach()
  set(${RESULT} "${type}" PARENT_SCOPE)
endfunction()

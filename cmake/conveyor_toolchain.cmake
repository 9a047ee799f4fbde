# Compiler flags, sanitizers and the libraries that every layer may need. Everything comes from Debian.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Conveyor needs clang 19 or newer (g++ 12 miscompiles co_await); "
                      "use ./dev build or a preset of CMakePresets.json")
endif()

set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_SOURCE_DIR}/cmake/compile" "${CMAKE_SOURCE_DIR}")
set(CONVEYOR_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

# Tests are given so many times their time: programs with sanitizers take several times as long.
set(CONVEYOR_PATIENCE 1)
if(CONVEYOR_SANITIZE)
  set(CONVEYOR_PATIENCE 6)
endif()

option(CONVEYOR_FUZZER "Instrument for libFuzzer and build the fuzz targets as its program" OFF)

add_library(conveyor_flags INTERFACE)
target_compile_options(conveyor_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Wno-sign-conversion)
target_include_directories(conveyor_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
if(CONVEYOR_SANITIZE)
  add_compile_options(-fsanitize=${CONVEYOR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CONVEYOR_SANITIZE})
endif()
if(CONVEYOR_SANITIZE MATCHES "undefined")
  # It opens a pipe to see whether memory can be read, and stops the process where there are no
  # descriptors left, which is what a test is about.
  add_compile_options(-fno-sanitize=vptr)
endif()
if(CONVEYOR_FUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_link_options(-fuse-ld=lld)

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
target_link_libraries(conveyor_flags INTERFACE fmt::fmt)  # in the precompiled header
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(GTest REQUIRED)
find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)

include(GoogleTest)
include(conveyor_precompiled)

# Two precompiled headers for the whole project: standard headers that nearly every file includes,
# and for test programs GoogleTest and RapidCheck on top. Files still include what they use:
# ./dev check compiles each one without.

set(CONVEYOR_STANDARD_HEADERS
  <algorithm> <array> <chrono> <compare> <cstdint> <cstring> <deque> <expected> <functional> <map>
  <memory> <optional> <ranges> <set> <span> <string> <string_view> <unordered_map> <utility>
  <variant> <vector> <fmt/format.h>)

# A precompiled header belongs to a target that compiles something.
set(nothing "${CMAKE_BINARY_DIR}/nothing.cpp")
file(CONFIGURE OUTPUT "${nothing}" CONTENT "")

add_library(conveyor_precompiled OBJECT "${nothing}")
target_link_libraries(conveyor_precompiled PRIVATE conveyor_flags)
target_precompile_headers(conveyor_precompiled PRIVATE ${CONVEYOR_STANDARD_HEADERS})

# Tests are built once and run for seconds: optimising them costs more than it gives, above all where
# RapidCheck's templates are. Their header has to be built at the same level.
set(CONVEYOR_TEST_FLAGS -O0)
add_library(conveyor_test_precompiled OBJECT "${nothing}")
target_compile_options(conveyor_test_precompiled PRIVATE ${CONVEYOR_TEST_FLAGS})
target_link_libraries(conveyor_test_precompiled PRIVATE conveyor_flags GTest::gmock)
target_precompile_headers(conveyor_test_precompiled PRIVATE
  ${CONVEYOR_STANDARD_HEADERS} <gmock/gmock.h> <gtest/gtest.h> <rapidcheck/gtest.h>)

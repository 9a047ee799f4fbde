# conveyor_layer(NAME DIR [LINK lib...] [TEST_LINK lib...])
#
# Makes conveyor_NAME from DIR/**/*.cpp without *_test.cpp, and NAME_test from the *_test.cpp beside
# them. A layer without a .cpp of its own becomes an interface library.
function(conveyor_layer NAME DIR)
  cmake_parse_arguments(ARG "" "" "LINK;TEST_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${DIR}/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")  # the program's; a test program has its own
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(library conveyor_${NAME})
  if(sources)
    add_library(${library} STATIC ${sources})
    target_link_libraries(${library} PUBLIC conveyor_flags ${ARG_LINK})
    target_precompile_headers(${library} REUSE_FROM conveyor_precompiled)
  else()
    add_library(${library} INTERFACE)
    target_link_libraries(${library} INTERFACE conveyor_flags ${ARG_LINK})
  endif()

  if(tests)
    conveyor_test(${NAME}_test SOURCES ${tests} LINK ${library} ${ARG_TEST_LINK})
  endif()
endfunction()

# conveyor_test(NAME SOURCES file... [LINK lib...] [TIMEOUT seconds] [RECORDED]): a GoogleTest program
# whose tests ctest knows one by one. Of RECORDED ones the HTTP exchanges are kept for tests/openapi/.
function(conveyor_test NAME)
  cmake_parse_arguments(ARG "RECORDED" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LINK} GTest::gmock_main ${RAPIDCHECK_LIBRARY})
  target_compile_options(${NAME} PRIVATE ${CONVEYOR_TEST_FLAGS})
  target_precompile_headers(${NAME} REUSE_FROM conveyor_test_precompiled)
  set(recorded "")
  if(ARG_RECORDED)
    set(recorded ENVIRONMENT "RECORD_EXCHANGES_TO=${CONVEYOR_EXCHANGES}"
                 FIXTURES_REQUIRED exchanges_folder FIXTURES_SETUP exchanges)
  endif()
  math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * ${CONVEYOR_PATIENCE}")
  gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} ${recorded})
endfunction()

# conveyor_timeout(SECONDS TEST...): what tests that are no GoogleTest may take.
function(conveyor_timeout SECONDS)
  math(EXPR seconds "${SECONDS} * ${CONVEYOR_PATIENCE}")
  set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${seconds})
endfunction()

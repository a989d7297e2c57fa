# Warnings and sanitizers for everything of ours, and one function for a room's tests.
add_library(mlawave_flags INTERFACE)
# -Wno-restrict: GCC 12 and 13 see overlaps in std::string that are not there (GCC bug 105651).
target_compile_options(mlawave_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<BOOL:${MLAWAVE_WERROR}>:-Werror>>)
target_include_directories(mlawave_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(MLAWAVE_SANITIZE)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_compile_options(mlawave_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${sanitize};-fno-omit-frame-pointer>)
  target_link_options(mlawave_flags INTERFACE ${sanitize})
endif()

if(MLAWAVE_FUZZ)
  target_compile_options(mlawave_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link>)
endif()

# mlawave_test(<room> SOURCES a_test.cpp… LIBS lib… [LABELS gpu]): one GoogleTest binary a room.
function(mlawave_test room)
  if(NOT MLAWAVE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${room}_test ${ARG_SOURCES})
  target_link_libraries(${room}_test PRIVATE mlawave_flags ${ARG_LIBS} GTest::gtest_main)
  set(properties TIMEOUT 120)
  if(ARG_LABELS)
    list(APPEND properties LABELS ${ARG_LABELS})
  endif()
  gtest_discover_tests(${room}_test DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# mlawave_fuzz(<name> SOURCES a_fuzz.cpp… LIBS lib…): a libFuzzer binary, in preset fuzz (clang) alone.
# The same file, linked into the room's test, replays the corpus in every build.
function(mlawave_fuzz name)
  if(NOT MLAWAVE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mlawave_flags ${ARG_LIBS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

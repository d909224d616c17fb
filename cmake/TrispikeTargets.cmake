# Settings and functions shared by all targets of trispike.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(TRISPIKE_CCACHE ccache)
if(TRISPIKE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TRISPIKE_CCACHE})
endif()

add_library(trispike_options INTERFACE)
target_compile_features(trispike_options INTERFACE cxx_std_20)
target_compile_options(trispike_options INTERFACE -Wall -Wextra -Wshadow
  $<$<BOOL:${TRISPIKE_WARNINGS_AS_ERRORS}>:-Werror>
  # The same source gives the same number on every machine: no silent fused multiply-add.
  -ffp-contract=off)
if(TRISPIKE_SANITIZE)
  target_compile_options(trispike_options INTERFACE
    -fsanitize=${TRISPIKE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(trispike_options INTERFACE -fsanitize=${TRISPIKE_SANITIZE})
endif()

# trispike_add_library(name SOURCES ... [PUBLIC deps] [PRIVATE deps]): the library `trispike_<name>` of
# the folder <name>/, alias trispike::<name>, public headers in <name>/include/.
function(trispike_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(trispike_${name} STATIC ${ARG_SOURCES})
  add_library(trispike::${name} ALIAS trispike_${name})
  target_include_directories(trispike_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(trispike_${name} PUBLIC ${ARG_PUBLIC}
    PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:trispike_options>)
  target_compile_features(trispike_${name} PUBLIC cxx_std_20)
endfunction()

# trispike_add_test(name SOURCES ... [LINK deps] [LABELS labels]): one GoogleTest program, its cases
# known to ctest one by one.
function(trispike_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(CMAKE_CROSSCOMPILING_EMULATOR)
    math(EXPR ARG_TIMEOUT "10 * ${ARG_TIMEOUT}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} trispike_options GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE
    TRISPIKE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TRISPIKE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  # One thread each: tests run side by side, and two that wait for each other's threads crawl.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()

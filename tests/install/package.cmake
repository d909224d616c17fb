# What the tests of the installed package share. Scripts that include this get
#   BUILD_DIR      the project's build folder     WORK_DIR   a folder of the test's own
#   WRITE_CASE     the program of write_case.cpp  READELF    the program readelf
#   EMULATOR       what runs the programs, as a list; empty where they run by themselves
#   CONFIGURE      CMake's arguments that choose the compilers
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed (${result}): ${ARGN}\n${out}")
  endif()
endfunction()

# Installs the component `runtime` in ${WORK_DIR}/prefix, and writes a case with its answer.
function(install_package)
  file(REMOVE_RECURSE ${WORK_DIR})
  file(MAKE_DIRECTORY ${WORK_DIR})
  run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component runtime --prefix ${WORK_DIR}/prefix)
  run(${EMULATOR} ${WRITE_CASE} ${WORK_DIR})
endfunction()

# Runs a program built from examples/classify or examples/classify_c.
function(check_answers classify)
  file(READ ${WORK_DIR}/expected.txt expected)
  execute_process(COMMAND ${EMULATOR} ${classify} ${WORK_DIR}/model.safetensors ${WORK_DIR}/input.raw
    RESULT_VARIABLE result OUTPUT_VARIABLE answer)
  if(NOT result EQUAL 0 OR NOT answer STREQUAL expected)
    message(FATAL_ERROR "${classify}: exit ${result}, expected\n${expected}got\n${answer}")
  endif()
  # An error of the library arrives as what it is, also across the shared library's border.
  execute_process(COMMAND ${EMULATOR} ${classify} ${WORK_DIR}/input.raw ${WORK_DIR}/input.raw
    RESULT_VARIABLE result ERROR_VARIABLE message)
  if(NOT result EQUAL 1 OR NOT message MATCHES "^classify: .*input.raw: byte ")
    message(FATAL_ERROR "${classify}: a broken model: exit ${result}, '${message}'")
  endif()
  execute_process(COMMAND ${EMULATOR} ${classify}
      ${WORK_DIR}/model.safetensors ${WORK_DIR}/model.safetensors
    RESULT_VARIABLE result ERROR_VARIABLE message)
  if(NOT result EQUAL 1 OR NOT message MATCHES "^classify: layer 'input': got [0-9]+ numbers")
    message(FATAL_ERROR "${classify}: a wrong input: exit ${result}, '${message}'")
  endif()
  execute_process(COMMAND ${EMULATOR} ${classify} RESULT_VARIABLE result ERROR_VARIABLE message)
  if(NOT result EQUAL 2 OR NOT message MATCHES "usage: classify")
    message(FATAL_ERROR "${classify}: no arguments: exit ${result}, '${message}'")
  endif()
endfunction()

# Sets ${output} to the shared libraries that a program or library names. Those of the C and C++
# runtimes and libtrispike_runtime are all it may name.
function(check_needed binary output)
  execute_process(COMMAND ${READELF} -d ${binary} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" entries "${dynamic}")
  set(needed)
  foreach(entry ${entries})
    string(REGEX REPLACE ".*\\[(.*)\\].*" "\\1" name "${entry}")
    if(NOT name MATCHES
        "^(libstdc\\+\\+|libc\\+\\+|libm|libgcc_s|libc|libpthread|ld-linux[^.]*|libtrispike_runtime)\\.so")
      message(FATAL_ERROR "${binary} needs ${name}")
    endif()
    list(APPEND needed ${name})
  endforeach()
  set(${output} ${needed} PARENT_SCOPE)
endfunction()

# Installs the component `runtime`, builds examples/classify against it and runs it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed (${result}): ${ARGN}\n${out}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component runtime --prefix ${WORK_DIR}/prefix)
run(${WRITE_CASE} ${WORK_DIR})
file(READ ${WORK_DIR}/expected.txt expected)

# Once with the static library, as it stands, once with the shared one.
foreach(library runtime runtime_shared)
  set(source ${WORK_DIR}/${library})
  file(COPY ${SOURCE_DIR}/examples/classify/ DESTINATION ${source})
  file(READ ${source}/CMakeLists.txt project)
  string(REPLACE "trispike::runtime)" "trispike::${library})" project "${project}")
  file(WRITE ${source}/CMakeLists.txt "${project}")
  run(${CMAKE_COMMAND} -S ${source} -B ${source}/build -DCMAKE_CXX_COMPILER=${CXX}
      -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix -DCMAKE_BUILD_TYPE=Release)
  run(${CMAKE_COMMAND} --build ${source}/build)

  set(classify ${source}/build/classify)
  execute_process(COMMAND ${classify} ${WORK_DIR}/model.safetensors ${WORK_DIR}/input.raw
    RESULT_VARIABLE result OUTPUT_VARIABLE answer)
  if(NOT result EQUAL 0 OR NOT answer STREQUAL expected)
    message(FATAL_ERROR "${library}: exit ${result}, expected\n${expected}got\n${answer}")
  endif()
  # An error of the library is caught as what it is, also across the shared library's border.
  execute_process(COMMAND ${classify} ${WORK_DIR}/input.raw ${WORK_DIR}/input.raw
    RESULT_VARIABLE result ERROR_VARIABLE message)
  if(NOT result EQUAL 1 OR NOT message MATCHES "^classify: .*input.raw: byte ")
    message(FATAL_ERROR "${library}: a broken model: exit ${result}, '${message}'")
  endif()
  execute_process(COMMAND ${classify} RESULT_VARIABLE result ERROR_VARIABLE message)
  if(NOT result EQUAL 2 OR NOT message MATCHES "usage: classify")
    message(FATAL_ERROR "${library}: no arguments: exit ${result}, '${message}'")
  endif()
endforeach()

file(GLOB program ${WORK_DIR}/prefix/bin/*)
if(program)
  message(FATAL_ERROR "component runtime installs more than the libraries: ${program}")
endif()
if(NOT EXISTS ${WORK_DIR}/prefix/${LIBDIR}/pkgconfig/trispike-runtime.pc)
  message(FATAL_ERROR "no pkg-config file")
endif()

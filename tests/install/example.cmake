# Builds examples/classify and examples/classify_c against the installed package, each with the shared
# library and with the static one, and runs them.
include(${CMAKE_CURRENT_LIST_DIR}/package.cmake)
install_package()

foreach(example classify classify_c)
  foreach(library runtime runtime_shared)
    set(source ${WORK_DIR}/${example}-${library})
    file(COPY ${SOURCE_DIR}/examples/${example}/ DESTINATION ${source})
    file(READ ${source}/CMakeLists.txt project)
    string(REGEX REPLACE "trispike::runtime[a-z_]*\\)" "trispike::${library})" project "${project}")
    if(library STREQUAL runtime)
      string(REPLACE "LANGUAGES C)" "LANGUAGES C CXX)" project "${project}")
    endif()
    file(WRITE ${source}/CMakeLists.txt "${project}")
    run(${CMAKE_COMMAND} -S ${source} -B ${source}/build ${CONFIGURE}
      -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix -DCMAKE_BUILD_TYPE=Release
      "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
      "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run(${CMAKE_COMMAND} --build ${source}/build)
    check_answers(${source}/build/classify)
    check_needed(${source}/build/classify needed)
    if(library STREQUAL runtime_shared AND NOT "${needed}" MATCHES "libtrispike_runtime")
      message(FATAL_ERROR "${example} was not linked to the shared library: ${needed}")
    endif()
  endforeach()
endforeach()

file(GLOB program ${WORK_DIR}/prefix/bin/*)
if(program)
  message(FATAL_ERROR "component runtime installs more than the libraries: ${program}")
endif()

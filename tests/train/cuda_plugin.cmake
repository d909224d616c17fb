# cmake -DLIBRARY=<libtrispike_cuda.so> -DNM=<nm> -P cuda_plugin.cmake: the plugin exports the one symbol that
# training asks for, and nothing of it can be found or replaced by others.
execute_process(COMMAND ${NM} --dynamic --defined-only ${LIBRARY}
  OUTPUT_VARIABLE _text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " T [^\n]+" _functions "${_text}")
set(_ours)
foreach(_function IN LISTS _functions)
  if(_function MATCHES "trispike")
    list(APPEND _ours ${_function})
  endif()
endforeach()
if(NOT _ours STREQUAL " T trispike_cuda_api")
  message(FATAL_ERROR "${LIBRARY} must export trispike_cuda_api and nothing else of ours, found: ${_ours}")
endif()
# Kernels for every kind of map are inside, by their mangled names.
file(STRINGS ${LIBRARY} _names REGEX "BackwardKernelILi2ELb0ELi4E")
foreach(_store "ELi4EfE" "ELi4EdE" "8BFloat16" "7Float16")
  if(NOT _names MATCHES "BackwardKernel[A-Za-z0-9_]*${_store}")
    message(FATAL_ERROR "${LIBRARY} has no backward kernel for maps of ${_store}")
  endif()
endforeach()

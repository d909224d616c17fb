# Files compiled for one instruction set (train/kernels/neuron_layer_<target>.cpp) may hold code in the
# namespace of that target only: anything else could be called, or kept by the linker as its one copy of
# an inline function, on machines without those instructions.
#
# OBJECTS: object files, separated by '|'. NM: the program nm.
string(REPLACE "|" ";" _objects "${OBJECTS}")
set(_checked 0)
foreach(_object IN LISTS _objects)
  if(NOT _object MATCHES "neuron_layer_(avx2|avx512)\\.cpp")
    continue()
  endif()
  set(_target ${CMAKE_MATCH_1})
  execute_process(COMMAND ${NM} --demangle --defined-only ${_object}
    OUTPUT_VARIABLE _symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[0-9a-f]+ [TtWwiu] [^\n]+" _functions "${_symbols}")
  if(NOT _functions)
    message(FATAL_ERROR "${_object}: no function found")
  endif()
  foreach(_function IN LISTS _functions)
    if(NOT _function MATCHES "trispike::train::kernels::${_target}::")
      message(SEND_ERROR "${_object}: code outside the namespace ${_target}: ${_function}")
    endif()
  endforeach()
  math(EXPR _checked "${_checked} + 1")
endforeach()
if(_checked EQUAL 0)
  message(FATAL_ERROR "no object file of a target among: ${OBJECTS}")
endif()

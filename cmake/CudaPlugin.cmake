# Whether libtrispike_cuda.so can be built: TRISPIKE_CUDA_COMPILES, and if not TRISPIKE_CUDA_MISSING, what
# is missing. Needs no GPU, but CUDA's compiler, LibTorch with CUDA, and NCCL's header.
# Defines trispike::torch_cuda.
set(TRISPIKE_CUDA AUTO CACHE STRING "Build training on GPUs: ON, OFF, or AUTO: if nvcc is found")
set_property(CACHE TRISPIKE_CUDA PROPERTY STRINGS AUTO ON OFF)
# Code for 8.0 runs on all of Ampere and Ada (8.x); newer GPUs than Hopper compile its intermediate code
# when they load it.
set(TRISPIKE_CUDA_ARCHITECTURES "80-real;90" CACHE STRING
  "GPUs to compile for, as CMAKE_CUDA_ARCHITECTURES")

set(TRISPIKE_CUDA_COMPILES FALSE)
set(TRISPIKE_CUDA_MISSING)
if(NOT TRISPIKE_CUDA)
  set(TRISPIKE_CUDA_MISSING "TRISPIKE_CUDA is OFF")
else()
  include(CheckLanguage)
  check_language(CUDA)
  get_filename_component(_site_packages ${TRISPIKE_TORCH_ROOT} DIRECTORY)
  if(NOT CMAKE_CUDA_COMPILER)
    set(TRISPIKE_CUDA_MISSING "CUDA's compiler, nvcc")
  elseif(NOT EXISTS ${TRISPIKE_TORCH_ROOT}/lib/libtorch_cuda.so)
    set(TRISPIKE_CUDA_MISSING "libtorch_cuda.so beside ${TRISPIKE_TORCH_ROOT}/lib/libtorch_cpu.so")
  else()
    if(TRISPIKE_CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
      set(CMAKE_CUDA_COMPILER_LAUNCHER ${TRISPIKE_CCACHE})
    endif()
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES ${TRISPIKE_CUDA_ARCHITECTURES})
    endif()
    enable_language(CUDA)
    # CUDA's own libraries must be of the version that LibTorch brings.
    set(_torch_cuda)
    if(EXISTS ${TRISPIKE_TORCH_ROOT}/version.py)
      file(STRINGS ${TRISPIKE_TORCH_ROOT}/version.py _torch_cuda REGEX "^cuda[^=]*= '[0-9]+")
      string(REGEX MATCH "'[0-9]+" _torch_cuda "${_torch_cuda}")
      string(REPLACE "'" "" _torch_cuda "${_torch_cuda}")
    endif()
    if(_torch_cuda AND NOT CMAKE_CUDA_COMPILER_VERSION MATCHES "^${_torch_cuda}[.]")
      set(TRISPIKE_CUDA_MISSING
        "nvcc of CUDA ${_torch_cuda}, as LibTorch (found ${CMAKE_CUDA_COMPILER_VERSION})")
    endif()
    find_path(TRISPIKE_NCCL_INCLUDE_DIR nccl.h
      HINTS ${_site_packages}/nvidia/nccl/include ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
    if(NOT TRISPIKE_CUDA_MISSING AND NOT TRISPIKE_NCCL_INCLUDE_DIR)
      set(TRISPIKE_CUDA_MISSING "nccl.h (scripts/setup --cuda)")
    endif()
  endif()
endif()

# Tests say it, too.
set_property(GLOBAL PROPERTY TRISPIKE_CUDA_MISSING "${TRISPIKE_CUDA_MISSING}")
if(NOT TRISPIKE_CUDA_MISSING)
  set(TRISPIKE_CUDA_COMPILES TRUE)
  message(STATUS "Training on GPUs: libtrispike_cuda.so for ${TRISPIKE_CUDA_ARCHITECTURES} by ${CMAKE_CUDA_COMPILER}")
elseif(TRISPIKE_CUDA STREQUAL "ON")
  message(FATAL_ERROR "TRISPIKE_CUDA is ON, but this is missing: ${TRISPIKE_CUDA_MISSING}")
else()
  message(STATUS "Training on GPUs: SKIPPED, libtrispike_cuda.so is not built: ${TRISPIKE_CUDA_MISSING}")
endif()

if(TRISPIKE_CUDA_COMPILES)
  add_library(trispike_torch_cuda INTERFACE)
  add_library(trispike::torch_cuda ALIAS trispike_torch_cuda)
  foreach(_lib c10_cuda torch_cuda)
    add_library(trispike_shared_${_lib} SHARED IMPORTED GLOBAL)
    set_target_properties(trispike_shared_${_lib} PROPERTIES
      IMPORTED_LOCATION ${TRISPIKE_TORCH_ROOT}/lib/lib${_lib}.so)
    target_link_libraries(trispike_torch_cuda INTERFACE trispike_shared_${_lib})
  endforeach()
  target_link_libraries(trispike_torch_cuda INTERFACE trispike::torch)
  target_include_directories(trispike_torch_cuda SYSTEM INTERFACE
    ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES} ${TRISPIKE_NCCL_INCLUDE_DIR})
endif()

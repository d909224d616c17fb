# LibTorch as imported targets, without TorchConfig.cmake (which wants a CUDA toolkit).
#
# Looks in TRISPIKE_TORCH_DIR, then CMAKE_PREFIX_PATH, then the project's own .venv (scripts/setup).
# Defines trispike::torch.
set(TRISPIKE_TORCH_DIR "" CACHE PATH "Folder of LibTorch: the one that holds include/ and lib/")

file(GLOB _venv_torch LIST_DIRECTORIES true
     ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
find_path(TRISPIKE_TORCH_ROOT include/torch/csrc/api/include/torch/nn.h
  HINTS ${TRISPIKE_TORCH_DIR} ${CMAKE_PREFIX_PATH} ${_venv_torch} NO_DEFAULT_PATH)
if(NOT TRISPIKE_TORCH_ROOT)
  message(FATAL_ERROR "LibTorch not found. Run scripts/setup, or pass -DTRISPIKE_TORCH_DIR=<folder with "
    "include/ and lib/ of LibTorch 2.11>, or build without training: -DTRISPIKE_BUILD_TRAIN=OFF "
    "(preset runtime-only).")
endif()
file(GLOB _torch_version_file ${TRISPIKE_TORCH_ROOT}/include/torch/headeronly/version.h)
set(_torch_version "unknown")
if(_torch_version_file)
  file(READ ${_torch_version_file} _text)
  string(REGEX MATCH "TORCH_VERSION_MAJOR ([0-9]+)" _ "${_text}")
  set(_torch_version ${CMAKE_MATCH_1})
  string(REGEX MATCH "TORCH_VERSION_MINOR ([0-9]+)" _ "${_text}")
  string(APPEND _torch_version .${CMAKE_MATCH_1})
endif()
message(STATUS "LibTorch ${_torch_version} in ${TRISPIKE_TORCH_ROOT}")
if(NOT _torch_version VERSION_GREATER_EQUAL 2.11 OR NOT _torch_version VERSION_LESS 2.12)
  message(WARNING "LibTorch ${_torch_version} is not the tested version 2.11")
endif()

foreach(_lib c10 torch_cpu)
  if(NOT EXISTS ${TRISPIKE_TORCH_ROOT}/lib/lib${_lib}.so)
    message(FATAL_ERROR "${TRISPIKE_TORCH_ROOT}/lib/lib${_lib}.so is missing: not a LibTorch folder")
  endif()
  add_library(trispike_${_lib} SHARED IMPORTED GLOBAL)
  set_target_properties(trispike_${_lib} PROPERTIES
    IMPORTED_LOCATION ${TRISPIKE_TORCH_ROOT}/lib/lib${_lib}.so)
endforeach()
add_library(trispike_torch INTERFACE)
add_library(trispike::torch ALIAS trispike_torch)
target_include_directories(trispike_torch SYSTEM INTERFACE
  ${TRISPIKE_TORCH_ROOT}/include ${TRISPIKE_TORCH_ROOT}/include/torch/csrc/api/include)
target_link_libraries(trispike_torch INTERFACE trispike_torch_cpu trispike_c10)
# at::parallel_for is header code: without -fopenmp it silently runs on one thread.
target_compile_options(trispike_torch INTERFACE -fopenmp)
target_link_options(trispike_torch INTERFACE -fopenmp)

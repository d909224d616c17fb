# cmake -DROOT=<empty folder> -P violations.cmake: walls.cmake must find each violation planted in a tree,
# and nothing in the same tree without them.
cmake_minimum_required(VERSION 3.25)

function(check_walls expected_status output)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${ROOT} -P ${CMAKE_CURRENT_LIST_DIR}/walls.cmake
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(expected_status STREQUAL "passes" AND NOT status EQUAL 0)
    message(FATAL_ERROR "allowed includes were refused:\n${text}")
  endif()
  if(expected_status STREQUAL "fails" AND status EQUAL 0)
    message(FATAL_ERROR "violations were not found:\n${text}")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${ROOT})
foreach(allowed
    "train/src/a.cpp:<torch/nn.h>" "train/cuda/a.cpp:<c10/cuda/CUDAStream.h>"
    "train/cuda/b.cu:<cuda_runtime.h>" "train/src/c.cpp:\"cuda/api.h\"" "train/src/b.cpp:\"trispike/data/loader.h\""
    "tests/train/a_test.cpp:<ATen/ATen.h>" "tests/end_to_end/a.cpp:\"trispike/runtime/runtime.h\""
    "runtime/src/a.cpp:\"trispike/model/network.h\"" "model/src/a.cpp:\"src/data_type.h\""
    "analysis/src/a.cpp:\"trispike/model/activity.h\"" "cli/train.cpp:\"trispike/train/trainer.h\""
    "interop/src/a.cpp:\"trispike/model/networks.h\"" "cli/import.cpp:\"trispike/interop/convert.h\""
    "report/src/a.cpp:\"trispike/report/page.h\"" "cli/analyze.cpp:\"trispike/report/page.h\"")
  string(REGEX MATCH "^([^:]+):(.+)$" _ "${allowed}")
  file(WRITE ${ROOT}/${CMAKE_MATCH_1} "#include ${CMAKE_MATCH_2}\n")
endforeach()
check_walls(passes text)

set(planted
  "cli/x1.cpp:<torch/torch.h>" "runtime/src/x2.cpp:<c10/core/Device.h>"
  "train/include/trispike/train/x3.h:<ATen/core/Tensor.h>" "tests/runtime/x4.cpp:\"torch/nn.h\""
  "runtime/src/x5.cpp:\"trispike/train/trainer.h\"" "train/src/x6.cpp:\"trispike/runtime/runtime.h\""
  "analysis/src/x7.cpp:\"torch/types.h\"" "model/src/x8.cpp:\"trispike/data/image.h\""
  "model/networks/x9.cpp:\"../../runtime/src/plan.h\"" "data/src/x10.cpp:\"trispike/model/error.h\""
  "analysis/src/x11.cpp:\"trispike/runtime/runtime.h\"" "interop/src/x12.cpp:\"trispike/data/image.h\""
  "runtime/src/x13.cpp:\"trispike/interop/state_dict.h\"" "report/src/x14.cpp:\"trispike/model/error.h\""
  "analysis/src/x15.cpp:\"trispike/report/page.h\"" "train/src/x16.cpp:<c10/cuda/CUDAStream.h>"
  "train/src/x17.cpp:<cuda_runtime_api.h>" "tests/train/x18.cpp:<nccl.h>" "runtime/src/x19.cpp:<cuda.h>"
  "train/src/x20.cpp:<torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>")
foreach(violation ${planted})
  string(REGEX MATCH "^([^:]+):(.+)$" _ "${violation}")
  file(WRITE ${ROOT}/${CMAKE_MATCH_1} "#pragma once\n  # include ${CMAKE_MATCH_2}\n")
endforeach()
check_walls(fails text)
foreach(violation ${planted})
  string(REGEX MATCH "^[^:]+" file "${violation}")
  string(FIND "${text}" "${file}:" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${file} was not reported:\n${text}")
  endif()
endforeach()

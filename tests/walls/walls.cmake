# cmake -DROOT=<source tree> -P walls.cmake: fails and names every #include that crosses a wall.
cmake_minimum_required(VERSION 3.25)

# What each folder's sources must not include: the libraries of ours it does not stand on.
set(forbidden_model "data|runtime|train|analysis|interop|report")
set(forbidden_data "model|runtime|train|analysis|interop|report")
set(forbidden_runtime "data|train|analysis|interop|report")
set(forbidden_analysis "data|runtime|train|interop|report")
set(forbidden_interop "data|runtime|train|analysis|report")
set(forbidden_train "runtime|analysis|interop|report")
set(forbidden_report "model|data|runtime|train|analysis|interop")

set(libtorch_include "#[ \t]*include[ \t]*[<\"](torch|c10|ATen|caffe2)/")
# Only these may know LibTorch. Public headers of train/ may not: the command line includes them.
set(libtorch_folders "^(train|tests/train|bench/training)/")
set(libtorch_free "^train/include/")

# CUDA and what stands on it. Everybody else asks the plugin (train/cuda/api.h).
set(cuda_include "#[ \t]*include[ \t]*[<\"](cuda[a-z0-9_]*[.]h|nccl[.]h|cu(blas|dnn)[a-zA-Z0-9_]*[.]h|(c10|ATen)/cuda/|torch/csrc/.*NCCL)")
set(cuda_folder "^train/cuda/")

function(report file line rule)
  message(SEND_ERROR "${file}: ${line}\n  ${rule}")
endfunction()

set(patterns)
foreach(folder analysis bench cli data examples fuzz interop model python report runtime tests train)
  foreach(suffix h hpp c cpp cc cu inc)
    list(APPEND patterns ${ROOT}/${folder}/*.${suffix})
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE ${ROOT} ${patterns})
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "no source found in ${ROOT}")
endif()

foreach(file ${files})
  file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include")
  string(REGEX MATCH "^[^/]+" folder ${file})
  foreach(line IN LISTS lines)
    if(line MATCHES "${libtorch_include}"
       AND (NOT file MATCHES "${libtorch_folders}" OR file MATCHES "${libtorch_free}"))
      report(${file} "${line}" "LibTorch is known only to train/ (less its public headers) and its tests")
    endif()
    if(line MATCHES "${cuda_include}" AND NOT file MATCHES "${cuda_folder}")
      report(${file} "${line}" "CUDA is known only to train/cuda/")
    endif()
    if(DEFINED forbidden_${folder}
       AND line MATCHES "[<\"/](trispike/|[.][.]/)?(${forbidden_${folder}})/")
      report(${file} "${line}" "${folder}/ must not include anything of ${CMAKE_MATCH_2}/")
    endif()
  endforeach()
endforeach()
message(STATUS "${count} files looked at")

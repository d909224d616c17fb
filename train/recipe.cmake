# The part of training that needs no LibTorch: recipes, the form of samples, the run's logs. Included by CMakeLists.txt here.
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tomlplusplus 3.3 REQUIRED)

trispike_add_library(recipe
  SOURCES
    src/device.cpp
    src/processes.cpp
    src/recipe.cpp
    src/recipe_keys.cpp
    src/run_log.cpp
    src/sample_form.cpp
    src/samples.cpp
    src/schedule.cpp
    src/tensorboard.cpp
  PUBLIC trispike::model trispike::data
  PRIVATE
    $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>
    $<BUILD_INTERFACE:tomlplusplus::tomlplusplus>)

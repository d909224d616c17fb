# Writes ${OUTPUT}: the recipes of recipes/ as text in the program, so that `trispike reproduce` needs no
# other file and there is one copy of every setting.
file(GLOB _recipes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/recipes/*.toml)
set(_rows "")
foreach(_recipe IN LISTS _recipes)
  get_filename_component(_name ${_recipe} NAME_WE)
  file(READ ${_recipe} _text)
  string(APPEND _rows "    {\"${_name}\", R\"toml(${_text})toml\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_recipe})
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
"// Made from recipes/ by cli/reproduce/recipes.cmake.
#include \"reproduce/workload.h\"

namespace trispike::cli {
namespace {
constexpr EmbeddedRecipe kRecipes[] = {
@_rows@};
}  // namespace
std::span<const EmbeddedRecipe> embedded_recipes() { return kRecipes; }
}  // namespace trispike::cli
")

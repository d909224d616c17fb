// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The `trispike` program: finds the command, runs it, turns exceptions into messages and exit
// codes.
#include <algorithm>
#include <exception>
#include <new>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "console.h"
#include "trispike/model/error.h"

namespace trispike::cli {
namespace {

/// In the order of the help text.
constexpr Command (*kCommands[])(CLI::App&) = {add_train,     add_export, add_import, add_show,
                                               add_predict,   add_eval,   add_count,  add_analyze,
                                               add_reproduce, add_bench,  add_data,   add_cpu};

constexpr char kDescription[] =
    "Ternary spiking neural networks: training, folding, addition-only inference.";
constexpr char kFooter[] =
    "Examples:\n"
    "  trispike train recipes/fashion-mnist-resnet8.toml --data /usr/share/datasets/fashion-mnist\n"
    "  trispike export runs/mine/best.safetensors -o model.safetensors --verify "
    "/usr/share/datasets/fashion-mnist\n"
    "  trispike import weights.pth --layout official --network resnet20 --spikes ternary "
    "--time-steps 2 -o imported.safetensors\n"
    "  trispike show resnet20 --width 16\n"
    "  trispike predict model.safetensors photo.jpg\n"
    "  trispike eval model.safetensors --data cifar-10-images.tar\n"
    "  trispike count model.safetensors --data cifar-10-images.tar --json\n"
    "  trispike analyze model.safetensors --data cifar-10-images.tar --limit 1000 --out report\n"
    "  trispike reproduce ablation --data cifar-10-images.tar --scale tiny\n"
    "\n"
    "trispike COMMAND --help describes a command. Results go to standard output, progress and "
    "errors\n"
    "to standard error. Exit status: 0 success, 1 failure, 2 wrong option, argument or setting,\n"
    "130 interrupted.";

/// The deepest subcommand that was named: whose help is to be shown, whose option was wrong.
const CLI::App& named_command(const CLI::App& app) {
  const std::vector<CLI::App*> named = app.get_subcommands();
  return named.empty() ? app : named_command(*named.front());
}

/// Insertions, deletions and replacements between two words.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, replaced}));
    }
  }
  return row.back();
}

/// "; did you mean 'x'?" for the candidate that a slip of the keyboard may have turned into `word`.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kSlips = 2;
  std::size_t best = kSlips + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best && distance < candidate.size() - 1) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    names.push_back(option->get_name());
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// CLI11 reports that a command is missing even if one is misspelt, and lists leftovers last first.
std::string usage_message(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& app = named_command(program);
  const std::vector<std::string> rest = program.remaining(true);
  const auto option =
      std::find_if(rest.rbegin(), rest.rend(), [](const auto& word) { return word[0] == '-'; });
  if (option != rest.rend()) {
    return "unknown option '" + *option + "'" + suggestion(*option, option_names(app));
  }
  if (!rest.empty()) {
    const std::vector<std::string> commands = command_names(app);
    return commands.empty()
               ? "unexpected argument '" + rest.back() + "'"
               : "unknown command '" + rest.back() + "'" + suggestion(rest.back(), commands);
  }
  return error.what();
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : full_name(*app.get_parent()) + " " + app.get_name();
}

int run(int argc, char** argv) {
  CLI::App program(kDescription, "trispike");
  program.footer(kFooter);
  program.set_version_flag("--version", "trispike " TRISPIKE_VERSION);
  program.require_subcommand(1);
  std::vector<Command> commands;
  for (const auto add : kCommands) {
    commands.push_back(add(program));
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return program.exit(request);  // --help, --version
  } catch (const CLI::ParseError& error) {
    print_error(usage_message(program, error) + "\nsee " + full_name(named_command(program)) +
                " --help");
    return kUsage;
  }
  const auto named = std::find_if(commands.begin(), commands.end(),
                                  [](const Command& command) { return command.app->parsed(); });
  return named->run();
}

}  // namespace
}  // namespace trispike::cli

int main(int argc, char** argv) {
  using namespace trispike::cli;
  try {
    return run(argc, argv);
  } catch (const trispike::ConfigError& error) {
    print_error(error.what());
    return kUsage;
  } catch (const std::bad_alloc&) {
    print_error("not enough memory");
  } catch (const std::exception& error) {
    print_error(error.what());
  }
  return kFailure;
}

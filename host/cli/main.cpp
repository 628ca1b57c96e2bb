/// The program `talon`.
#include "host/cli/cli.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  try {
    return talon::cli::run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr);
  } catch (const std::exception& exception) {
    std::cerr << "talon: " << exception.what() << "\n";
    return 1;
  }
}
